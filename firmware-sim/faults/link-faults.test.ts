import { describe, expect, it } from "vitest";
import { handClock } from "#gateway/clock.ts";
import type { Call, Dial, Link } from "../device/link.ts";
import { parseFault } from "./fault.ts";
import { faultyDial } from "./link-faults.ts";

/** A network that does what it is told, and notes it. */
function rehearse(faults: readonly string[]) {
  const clock = handClock(0);
  const events: string[] = [];
  const dial: Dial = async (): Promise<Link> => ({
    publish: ({ payload }, acknowledged) => {
      events.push(payload);
      acknowledged?.();
    },
    close: async () => void events.push("closed"),
    drop: () => void events.push("dropped"),
  });
  const call: Call = {
    clientId: "k1",
    lasting: true,
    subscribe: [],
    heard: () => {},
    ended: (reason) => void events.push(`ended: ${reason}`),
  };
  return { clock, events, dial: () => faultyDial(dial, faults.map(parseFault), clock, () => 0, 0)(call) };
}
const message = (payload: string, retain = false) => ({ topic: "t", payload, qos: 1 as const, retain });

describe("a network with faults", () => {
  it("lets nobody in while it is away, and cuts who is in when it goes", async () => {
    const { clock, events, dial } = rehearse(["disconnect@10..20"]);
    const link = await dial();
    link.publish(message("a"));
    clock.advanceTo(10_000);
    await Promise.resolve();
    expect(events).toEqual(["a", "dropped", "ended: the network went away (fault on request)"]);
    await expect(dial()).rejects.toThrow("the network is away (fault on request)");
    clock.advanceTo(20_000);
    await expect(dial()).resolves.toBeDefined();
  });

  it("leaves alone who said goodbye before", async () => {
    const { clock, events, dial } = rehearse(["disconnect@10..20"]);
    await (await dial()).close();
    clock.advanceTo(10_000);
    await Promise.resolve();
    expect(events).toEqual(["closed"]);
  });

  it("says readings twice, and what is retained once", async () => {
    const { events, dial } = rehearse(["duplicate:1"]);
    const link = await dial();
    link.publish(message("reading"));
    link.publish(message("status", true));
    expect(events).toEqual(["reading", "reading", "status"]);
  });
});
