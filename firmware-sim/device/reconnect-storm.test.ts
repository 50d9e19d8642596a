import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { createRandom } from "#firmware/world/random.ts";
import { handClock } from "#gateway/clock.ts";
import { bootOf, SIMULATED } from "./identity.ts";
import { type Call, type Dial, LinkError } from "./link.ts";
import { Outbox } from "./outbox.ts";
import { openUplink } from "./uplink.ts";

const DEVICES = 1000;
const STEP_MS = 100;

/** A broker for a thousand devices that can go away; counts who calls in which second. */
function rehearse() {
  const clock = handClock(0);
  const calls: number[] = [];
  const online = new Map<string, Call>();
  let away = false;
  const dial: Dial = async (call) => {
    const second = Math.floor(clock.now() / 1000);
    calls[second] = (calls[second] ?? 0) + 1;
    if (away) throw new LinkError("no broker answers there");
    if (call.lasting) online.set(call.clientId, call);
    return { publish: (_publication, acknowledged) => acknowledged?.(), close: async () => {}, drop: () => {} };
  };
  const leave = () => {
    away = true;
    for (const call of online.values()) call.ended("the connection was lost");
    online.clear();
  };
  const pass = async (seconds: number) => {
    for (const until = clock.now() + seconds * 1000; clock.now() < until; ) {
      clock.advanceTo(clock.now() + STEP_MS);
      await setImmediate();
    }
  };
  const back = () => {
    away = false;
  };
  return { clock, calls, online, dial, leave, back, pass };
}

it("a thousand devices whose broker went away neither hammer on its door nor come back all at once", async () => {
  const { clock, calls, online, dial, leave, back, pass } = rehearse();
  const random = createRandom("storm");
  const uplinks = Array.from({ length: DEVICES }, (_, i) =>
    openUplink({
      identity: { site: "jobcentre", device: `d${i}`, boot: bootOf(i) },
      nature: SIMULATED,
      outbox: new Outbox(bootOf(i)),
      clock,
      time: clock.now,
      dial,
      random: random.uniform,
      onCommand: () => {},
    }),
  );
  await pass(60);
  expect(online.size).toBe(DEVICES);

  leave();
  await pass(180);
  const lastMinute = calls.slice(-60);
  expect(Math.max(...lastMinute.map((count) => count ?? 0))).toBeLessThan(0.15 * DEVICES);

  const returned = Math.floor(clock.now() / 1000);
  back();
  await pass(35);
  expect(online.size).toBe(DEVICES);
  expect(Math.max(...calls.slice(returned).map((count) => count ?? 0))).toBeLessThan(0.15 * DEVICES);

  const closing = Promise.all(uplinks.map((uplink) => uplink.drop()));
  await pass(2);
  await closing;
});
