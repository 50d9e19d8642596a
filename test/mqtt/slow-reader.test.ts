/** Devices that say what they want and never read: each is let go after a while, and holds up nobody. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BrokerAlone, on, openBrokerAlone } from "./broker-alone.ts";
import { pingreq, publish, subscribe } from "./packets.ts";
import { openClient, type RawClient } from "./raw-client.ts";

let alone: BrokerAlone;
beforeAll(async () => {
  alone = await openBrokerAlone();
});
afterAll(() => alone[Symbol.asyncDispose]());

/** Far more than the buffers of both sides hold. */
const ROUNDS = 200;
const LONG = "x".repeat(100_000);

/** Whether the broker has closed the connection; the socket, which does not read, would not say so. */
const gone = async (client: RawClient): Promise<boolean> => {
  client.send(pingreq);
  await new Promise((resolve) => setTimeout(resolve, 50));
  return client.socket.errored !== null || client.socket.destroyed;
};

describe.concurrent("a device that never reads", () => {
  it("what it has subscribed to is let go, while another hears at once all that is said to it", async ({ expect }) => {
    await using slow = await openClient(alone.url, { id: "k1-1" });
    await using quick = await openClient(alone.url, { id: "p1-1" });
    slow.send(subscribe(1, [on("lease"), 1]));
    quick.send(subscribe(1, [on("lease", "p1-1"), 1]));
    await Promise.all([slow.hear(), quick.hear()]);
    slow.socket.pause();
    const toSlow: Promise<void>[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      toSlow.push(alone.say("lease", LONG));
      await alone.say("lease", String(round), "p1-1");
      expect(await quick.hear()).toEqual([`publish qos1 ${on("lease", "p1-1")} ${round}`]);
    }
    await expect.poll(() => gone(slow)).toBe(true);
    // What was meant for it is given up with it, so that nothing of it stays in memory.
    await Promise.all(toSlow);
  });

  it("what it asks for again and again is let go, while another's readings are acknowledged at once", async ({
    expect,
  }) => {
    await alone.say("config", LONG);
    await using greedy = await openClient(alone.url, { id: "greedy" });
    await using quick = await openClient(alone.url, { id: "quick" });
    greedy.socket.pause();
    for (let round = 1; round <= ROUNDS; round++) {
      greedy.send(subscribe(round, [on("config"), 0]));
      quick.send(publish({ topic: on("level"), payload: "{}", id: round }));
      expect(await quick.hear()).toEqual([`puback ${round}`]);
    }
    await expect.poll(() => gone(greedy)).toBe(true);
  });
});

it("afterwards all are gone", async () => {
  await expect.poll(() => alone.broker.clients()).toBe(0);
});
