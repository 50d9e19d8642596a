import { describe, expect, it } from "vitest";
import type { ClaimView, EnrolmentView } from "#protocol/enrolment.ts";
import { claimCommand, fateOf } from "./claim.ts";

const claim: ClaimView = {
  device: "k1",
  code: "7Q2M-K0VX-9TSC-41HE",
  until: "2026-11-30T12:00:00.000Z",
  broker: "mqtt://127.0.0.1:1883",
};
const told = Date.parse("2026-11-23T12:00:00Z");
const over = Date.parse(claim.until);

/** What a device is known by: since before the code, or since after it. */
const now = (
  credential: EnrolmentView["credential"],
  since: string | null,
  claimUntil: string | null = null,
): EnrolmentView => ({ device: "k1", credential, since, claimUntil });
const BEFORE = "2026-11-01T12:00:00.000Z";
const AFTER = "2026-11-23T12:05:00.000Z";

describe("a claim code that was told", () => {
  it.each([
    [
      "waits while the gateway says so, whatever this machine's clock says",
      now("secret", BEFORE, claim.until),
      over,
      "waiting",
    ],
    ["waits when what is known is older than the code", now("secret", BEFORE), told, "waiting"],
    [
      "waits when what is known is the code before it",
      now("secret", BEFORE, "2026-11-30T11:00:00.000Z"),
      told,
      "waiting",
    ],
    ["is used when the device has another credential and no code", now("secret", AFTER), told, "used"],
    ["is no good when a newer one waits", now("secret", BEFORE, "2026-11-30T12:00:01.000Z"), told, "replaced"],
    ["is no good when the device was revoked", now("revoked", AFTER), told, "revoked"],
    ["is no good when its week is over", now("secret", BEFORE), over, "expired"],
  ] as const)("%s", (_, enrolment, at, fate) => expect(fateOf(claim, BEFORE, enrolment, at)).toBe(fate));
});

describe("the command for the device", () => {
  const flags = (broker: string) => claimCommand({ ...claim, broker }, "gateway").split(" --broker ")[1];

  it("names device, code and broker", () =>
    expect(claimCommand(claim, "gateway")).toBe(
      "npm run device -- --device k1 --claim 7Q2M-K0VX-9TSC-41HE --broker mqtt://127.0.0.1:1883",
    ));

  it.each([
    ["an address of its own", "mqtts://192.168.1.5:8883", "mqtts://192.168.1.5:8883 --ca ca.pem"],
    ["every address", "mqtts://0.0.0.0:8883", "mqtts://gateway:8883 --ca ca.pem"],
    ["every address of version 6", "mqtt://[::]:1883", "mqtt://gateway:1883"],
  ])("where the gateway listens on %s", (_, broker, expected) => expect(flags(broker)).toBe(expected));
});
