import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Transition } from "../alerts/alert.ts";
import { fire, pend, resolve } from "../alerts/lifecycle.ts";
import { type HandClock, handClock } from "../clock.ts";
import { at, site } from "../detect/story.fixture.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import type { Channel, Outcome, Outgoing } from "./channel.ts";
import { openHook } from "./hook.fixture.ts";
import { deliveryKey, ordersFor } from "./orders.ts";
import { type OutboxEvent, retryDelay, startOutbox } from "./outbox.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "outbox-"));
});
afterEach(() => rm(folder, { recursive: true }));

const pending = pend("K1", at(0), "critical");
const firing = fire(pending.alert, "critical", at(60));
const resolved = resolve(firing.alert, "conversation-ended", at(300));
const keys = {
  firing: deliveryKey(firing.alert.id, "firing", "hook"),
  resolved: deliveryKey(firing.alert.id, "resolved", "hook"),
};

/** Records a transition and orders what is told of it, as the lane does. */
const decide = (journal: Journal, transition: Transition, channels = ["hook"]) =>
  journal.record({
    transitions: [transition],
    deliveries: ordersFor(
      [{ transition, notify: transition.to === "firing" ? "raised" : "resolved" }],
      channels,
      site,
      new Set(),
      transition.at,
    ),
  });

const start = (journal: Journal, channels: readonly Channel[], clock: HandClock) => {
  const events: string[] = [];
  const onEvent = (event: OutboxEvent) =>
    events.push(event.kind === "trouble" ? `trouble ${event.error}` : `${event.kind} ${event.key.split(":")[3]}`);
  return { events, outbox: startOutbox({ journal, channels, clock, random: () => 1, onEvent }) };
};

/** A channel that answers what the test says, in order, and then delivers. */
function scripted(...outcomes: Outcome[]): Channel & { readonly sent: Outgoing[] } {
  const sent: Outgoing[] = [];
  return {
    name: "hook",
    sent,
    async send({ key, body }) {
      sent.push({ key, body });
      return outcomes.shift() ?? { kind: "delivered" };
    },
  };
}
const away: Outcome = { kind: "retry", reason: "away" };

describe("the outbox", () => {
  it("sends a firing and its end once each, to a real receiver", async () => {
    await using journal = await openJournal(folder);
    await using hook = await openHook();
    const clock = handClock(at(61));
    const { outbox, events } = start(journal, [hook.channel], clock);
    await using _ = outbox;
    await decide(journal, firing);
    await outbox.tried();
    await decide(journal, resolved);
    clock.advanceTo(at(301));
    await outbox.tried();
    await outbox.tried();
    expect(hook.taken.map(({ key }) => key)).toEqual([keys.firing, keys.resolved]);
    expect(JSON.parse(hook.taken[0]!.body)).toMatchObject({
      type: "alert.firing",
      timestamp: new Date(at(60)).toISOString(),
      data: { id: firing.alert.id, room: "K1", state: "firing", severity: "critical" },
    });
    expect(events).toEqual(["delivered firing", "delivered resolved"]);
  });

  it("tries again, later each time, until it is delivered", async () => {
    await using journal = await openJournal(folder);
    const clock = handClock(at(60));
    const channel = scripted(away, away, away);
    const { outbox } = start(journal, [channel], clock);
    await using _ = outbox;
    await decide(journal, firing);
    const tries: number[] = [];
    for (let t = 60; t < 120; t++) {
      clock.advanceTo(at(t));
      await outbox.tried();
      while (tries.length < channel.sent.length) tries.push(t);
    }
    expect(tries).toEqual([60, 65, 75, 95]);
    expect(new Set(channel.sent.map(({ key }) => key))).toEqual(new Set([keys.firing]));
  });

  it("gives up after a day, and at once when the receiver wants no more or is gone from the settings", async () => {
    await using journal = await openJournal(folder);
    const clock = handClock(at(60));
    const channel = scripted(away, { kind: "refused", reason: "gone" });
    const { outbox, events } = start(journal, [channel], clock);
    await using _ = outbox;
    await decide(journal, firing, ["hook", "other"]);
    await outbox.tried();
    clock.advanceTo(at(60 + 86_400));
    await outbox.tried();
    expect(events.toSorted()).toEqual(["given-up firing", "given-up firing", "retrying firing"]);
    await decide(journal, resolved);
    clock.advanceTo(at(60 + 86_401));
    await outbox.tried();
    expect(await journal.dueDeliveries(at(1_000_000), 10)).toEqual([]);
  });

  it("says nothing of what is told in sums alone since it was ordered, whether or not it was tried", async () => {
    await using journal = await openJournal(folder);
    const clock = handClock(at(60));
    const channel = scripted(away);
    await decide(journal, firing);
    {
      await using before = start(journal, [channel], clock).outbox;
      await before.tried();
    }
    await decide(journal, resolved);
    clock.advanceTo(at(400));
    const events: string[] = [];
    const onEvent = ({ kind }: OutboxEvent) => events.push(kind);
    await using outbox = startOutbox({ journal, channels: [channel], clock, withheld: new Set(["K1"]), onEvent });
    await outbox.tried();
    expect([channel.sent.length, events]).toEqual([1, ["superseded", "superseded"]]);
    expect(await journal.dueDeliveries(at(1_000_000), 10)).toEqual([]);
  });

  it("says nothing of an alert that was over before it was told", async () => {
    await using journal = await openJournal(folder);
    await decide(journal, firing);
    await decide(journal, resolved);
    const channel = scripted();
    const { outbox, events } = start(journal, [channel], handClock(at(400)));
    await using _ = outbox;
    await outbox.tried();
    await outbox.tried();
    expect([channel.sent, events]).toEqual([[], ["superseded firing"]]);
    expect(await journal.dueDeliveries(at(1_000_000), 10)).toEqual([]);
  });

  it("tells the end of an alert whose begin may have arrived, and no longer the begin", async () => {
    await using journal = await openJournal(folder);
    const clock = handClock(at(61));
    const channel = scripted(away);
    const { outbox } = start(journal, [channel], clock);
    await using _ = outbox;
    await decide(journal, firing);
    await outbox.tried();
    await decide(journal, resolved);
    clock.advanceTo(at(400));
    await outbox.tried();
    await outbox.tried();
    expect(channel.sent.map(({ key }) => key)).toEqual([keys.firing, keys.resolved]);
  });

  it("lets a receiver that hangs hold up none but itself", async () => {
    await using journal = await openJournal(folder);
    const hanging: Channel = {
      name: "slow",
      send: (_, signal) =>
        new Promise((done) => signal.addEventListener("abort", () => done({ kind: "retry", reason: "stopped" }))),
    };
    const channel = scripted();
    const { outbox } = start(journal, [hanging, channel], handClock(at(61)));
    await using _ = outbox;
    await decide(journal, firing, ["slow", "hook"]);
    outbox.wake();
    while (channel.sent.length === 0) await new Promise(setImmediate);
    expect(channel.sent.map(({ key }) => key)).toEqual([keys.firing]);
  });

  it("delivers each key once as the receiver counts keys, through failures and restarts", async () => {
    await using journal = await openJournal(folder);
    await using hook = await openHook();
    let clock = handClock(at(61));
    await decide(journal, firing);
    for (const behaviour of ["fails", "is-away", "hangs"] as const) {
      await hook.behave(behaviour);
      const { outbox, events } = start(journal, [hook.channel], clock);
      const before = hook.requests.length;
      while (hook.requests.length === before && events.length === 0) await new Promise(setImmediate);
      // Stopped in the middle of an attempt, as by a crash: nothing of its outcome is on record.
      await outbox[Symbol.asyncDispose]();
      clock = handClock(clock.now() + 3600_000);
    }
    await hook.behave("takes");
    // Taken, but the gateway dies before it knows.
    const forgetful: Journal = {
      ...journal,
      settleDelivery: (key, outcome) =>
        outcome === "done" ? Promise.reject(new Error("dead")) : journal.settleDelivery(key, outcome),
    };
    const { outbox: dying } = start(forgetful, [hook.channel], clock);
    await dying.tried();
    await dying[Symbol.asyncDispose]();
    clock = handClock(clock.now() + 3600_000);
    const { outbox } = start(journal, [hook.channel], clock);
    await using _ = outbox;
    await outbox.tried();
    clock.advanceTo(clock.now() + 7200_000);
    await outbox.tried();
    expect(hook.taken.map(({ key }) => key)).toEqual([keys.firing, keys.firing]);
    expect(new Set(hook.taken.map(({ body }) => body)).size).toBe(1);
    expect(await journal.dueDeliveries(at(10_000_000), 10)).toEqual([]);
  });
});

it("back-off doubles from 5 s to an hour, jittered by half, and honours the receiver's wish", () =>
  expect([0, 1, 5, 30].map((n) => [retryDelay(n, 0), retryDelay(n, 1)]).concat([[retryDelay(0, 0, 90_000)]])).toEqual([
    [2500, 5000],
    [5000, 10_000],
    [80_000, 160_000],
    [1_800_000, 3_600_000],
    [90_000],
  ]));
