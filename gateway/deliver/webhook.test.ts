import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { handClock } from "../clock.ts";
import { EIGHT } from "../detect/story.fixture.ts";
import { channelContract } from "./channel.contract.ts";
import { openHook, SECRET } from "./hook.fixture.ts";
import { sign, webhook } from "./webhook.ts";

const never = new AbortController().signal;
const outgoing = { key: "alert:firing:hook", body: "{}" };

describe("a webhook", () => {
  channelContract(openHook);

  it("signs id, time and body", async () => {
    await using hook = await openHook();
    const channel = webhook({ name: "hook", url: hook.url, secret: SECRET, clock: handClock(EIGHT) });
    await channel.send(outgoing, never);
    const timestamp = EIGHT / 1000;
    const signature = createHmac("sha256", SECRET).update(`alert:firing:hook.${timestamp}.{}`).digest("base64");
    expect(hook.requests[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "webhook-id": "alert:firing:hook",
      "webhook-timestamp": String(timestamp),
      "webhook-signature": `v1,${signature}`,
    });
  });

  // The example of the Standard Webhooks libraries: secret, id, time, body and signature go together.
  it("signs as the specification's example", () =>
    expect(
      sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        '{"test": 2432232314}',
      ),
    ).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));

  it("follows no redirect", async () => {
    await using elsewhere = await openHook();
    await using hook = await openHook();
    hook.answer(307, { location: elsewhere.url });
    expect(await hook.channel.send(outgoing, never)).toEqual({ kind: "retry", reason: "answered 307" });
    expect(elsewhere.requests).toEqual([]);
  });

  it("waits as long as the receiver asks", async () => {
    await using hook = await openHook();
    hook.answer(429, { "retry-after": "120" });
    expect(await hook.channel.send(outgoing, never)).toEqual({
      kind: "retry",
      reason: "answered 429",
      afterMs: 120_000,
    });
  });

  it("tells neither secret nor address in its reasons", async () => {
    const hook = await openHook();
    await hook[Symbol.asyncDispose]();
    const outcome = await hook.channel.send(outgoing, never);
    expect(outcome).toEqual({ kind: "retry", reason: "ECONNREFUSED" });
  });
});
