import { describe, expect, it } from "vitest";
import type { Transition } from "#gateway/alerts/alert.ts";
import { acknowledge, fire, pend, resolve } from "#gateway/alerts/lifecycle.ts";
import { START, sound } from "./history.fixture.ts";
import { checkRun } from "./history-checker.ts";
import type { Breach, DeviceHistory, Kept, KeptDelivery, Notified, RunHistory, Said } from "./run-history.ts";

const SECOND = 1000;
type Changes = Partial<RunHistory>;
type Case = readonly [claim: string, changes: Changes, found: readonly Breach[]];

const breachesIn = (changes: Changes): Breach[] => checkRun({ ...sound, ...changes }).map(({ breach }) => breach);

/** What the device k1 said of one number, otherwise. */
const saidBy = (seq: number, changes: Partial<Said>): Changes => ({
  devices: sound.devices.map((device) =>
    device.device === "k1"
      ? { ...device, said: device.said.map((said) => (said.seq === seq ? { ...said, ...changes } : said)) }
      : device,
  ),
});
const device = (name: string, changes: Partial<DeviceHistory>): Changes => ({
  devices: sound.devices.map((one) => (one.device === name ? { ...one, ...changes } : one)),
});
const rows = (change: (row: Kept) => readonly Kept[]): Changes => ({ kept: sound.kept.flatMap(change) });
const row = (id: number, change: (row: Kept) => readonly Kept[]): Changes =>
  rows((one) => (one.id === id ? change(one) : [one]));
/** Row and point of k1's number are gone. */
const stolen = (seq: number): Changes => ({
  kept: sound.kept.filter((one) => one.device !== "k1" || one.seq !== seq),
  points: sound.points.filter((_, i) => sound.kept[i]!.device !== "k1" || sound.kept[i]!.seq !== seq),
});
const receivedByK1 = (...runs: [number, number][]): Changes => ({
  received: sound.received.map((one) => (one.device === "k1" ? { ...one, runs } : one)),
});

const readings: readonly Case[] = [
  ["a reading with receipt is gone", { ...stolen(2), ...receivedByK1([0, 1], [3, 6]) }, ["lost"]],
  [
    "a reading is gone of which only the embedded broker's PUBACK has come",
    { ...stolen(2), ...receivedByK1([0, 1], [3, 6]), ...saidBy(2, { receiptAt: null }) },
    ["lost"],
  ],
  [
    "a reading is gone that nobody has acknowledged, and is counted as received",
    { ...stolen(2), ...saidBy(2, { pubackAt: null, receiptAt: null }) },
    ["lost"],
  ],
  [
    "the identity of a silent room's reading is gone",
    {
      received: sound.received.map((one) =>
        one.device === "e1"
          ? {
              ...one,
              runs: [
                [0, 0],
                [2, 2],
              ],
            }
          : one,
      ),
    },
    ["lost"],
  ],
  ["a reading has two rows", rows((one) => (one.id === 7 ? [one, { ...one, id: 99 }] : [one])), ["doubled"]],
  ["a reading is stored and not counted, so that it would be taken again", receivedByK1([0, 5]), ["doubled"]],
  ["a row is of nobody's reading", saidBy(6, { sends: [] }), ["invented", "lost"]],
  [
    "a row is of a device that is not there",
    row(8, (one) => [{ ...one, device: "x9" }]),
    ["invented", "lost", "only in history"],
  ],
  [
    "a level of a silent room is kept",
    row(8, (one) => [{ ...sound.kept[1]!, device: "e1", id: 7.5 }, one]),
    ["invented", "not in history"],
  ],
  [
    "a row has other words",
    row(2, (one) => [{ ...one, payload: one.payload.replace("42.5", "43") }]),
    ["altered", "altered in history"],
  ],
  ["PUBACK came before the reading was stored", saidBy(1, { pubackAt: START + SECOND }), ["false puback"]],
  ["a receipt came before the reading was stored", saidBy(1, { receiptAt: START + SECOND }), ["false receipt"]],
  ["a receipt came for what was never said", device("k1", { strayReceipts: ["boot 0 through 7"] }), ["false receipt"]],
];

const swapped = (one: number, other: number): Changes => {
  const idOf = ({ id }: Kept) => (id === one ? other : id === other ? one : id);
  return { kept: sound.kept.map((row) => ({ ...row, id: idOf(row) })).toSorted((a, b) => a.id - b.id) };
};
const sentAgain = (seq: number, link: number, order: number): Changes =>
  saidBy(seq, {
    sends: [
      { link: 0, order: seq },
      { link, order },
    ],
  });

const orders: readonly Case[] = [
  ["two readings of one connection have changed places", swapped(2, 3), ["out of order"]],
  [
    "two readings have, of which the later one was sent twice",
    { ...swapped(2, 3), ...sentAgain(2, 0, 2.5) },
    ["out of order"],
  ],
  ["they have, and the earlier one was sent again behind the later", { ...swapped(2, 3), ...sentAgain(1, 0, 2.5) }, []],
  [
    "the earlier one was sent again, but to a gateway that came after the one which stored it",
    { ...swapped(2, 3), ...sentAgain(1, 1, 7) },
    ["out of order"],
  ],
];

const [firstPoint] = sound.points;
const histories: readonly Case[] = [
  ["it misses a reading", { points: sound.points.slice(1) }, ["not in history"]],
  ["it has a reading twice", { points: [...sound.points, firstPoint!] }, ["doubled"]],
  [
    "it has what the journal has not",
    { points: [...sound.points, { ...firstPoint!, t: START - 1 }] },
    ["only in history"],
  ],
  [
    "it has another value",
    { points: sound.points.with(0, { ...firstPoint!, fields: { ...firstPoint!.fields, confidence: 0.1 } }) },
    ["altered in history"],
  ],
];

const [pending, firing, resolved] = sound.transitions as [Transition, Transition, Transition];
const lateFiring = fire(pending.alert, "critical", START + 37 * SECOND);
const acknowledged = acknowledge(firing.alert, START + 35 * SECOND)!;
const acknowledgedEnd = resolve(acknowledged.alert, "conversation-ended", START + 40 * SECOND);
const neverFired = resolve(pending.alert, "conversation-ended", START + 40 * SECOND);
const lateEnd = resolve(lateFiring.alert, "conversation-ended", START + 40 * SECOND);
const late: Changes = { transitions: [pending, lateFiring, lateEnd], alerts: [lateEnd.alert] };
const untold: Changes = { deliveries: [], notified: [] };
const decided = (...transitions: Transition[]): Changes => ({
  transitions,
  alerts: [transitions.at(-1)!.alert],
  expected: transitions.map((transition) => ({ transition, notify: "historical" })),
  ...untold,
});

const alerts: readonly Case[] = [
  ["nobody was told, since it was history by then", decided(pending, firing, resolved), []],
  ["somebody had acknowledged it", decided(pending, firing, acknowledged, acknowledgedEnd), []],
  ["it never fired", decided(pending, neverFired), []],
  ["it was never pending", decided(firing, resolved), ["illegal transition"]],
  ["it fired after its end", decided(pending, neverFired, firing), ["illegal transition"]],
  ["it was resolved twice", decided(pending, firing, resolved, resolved), ["illegal transition"]],
  ["its end has no alert", { alerts: [] }, ["illegal transition"]],
  ["it is left firing", decided(pending, firing), ["illegal transition"]],
  [
    "a transition is dated before the one that came first",
    decided(pending, lateFiring, { ...resolved, at: START }),
    ["illegal transition"],
  ],
  ["the alert is not as its end left it", { alerts: [firing.alert] }, ["illegal transition"]],
  [
    "there are two of one room and one start",
    { alerts: [resolved.alert, { ...resolved.alert, id: "another" }] },
    ["illegal transition", "two alerts"],
  ],
  ["it did not fire", { ...decided(pending, neverFired), expected: sound.expected }, ["lost transition"]],
  ["it was never raised", { transitions: [], alerts: [], ...untold }, ["lost transition"]],
  ["nothing was to be raised", { expected: [] }, ["invented transition"]],
  ["it fired much later", late, ["altered transition"]],
];

/** The conversation ended just when its alert was due, so that it could have fired or not; then there was another one. */
const justFired = resolve(firing.alert, "conversation-ended", START + 31 * SECOND);
const justNot = resolve(pending.alert, "conversation-ended", START + 29 * SECOND);
const next = pend("K1", START + 60 * SECOND, "warning");
const nextFiring = fire(next.alert, "warning", START + 90 * SECOND);
const nextEnd = resolve(nextFiring.alert, "conversation-ended", START + 100 * SECOND);
const nextUnfired = resolve(next.alert, "conversation-ended", START + 100 * SECOND);
const historical = (transition: Transition) => ({ transition, notify: "historical" }) as const;

const closeCalls: readonly Case[] = [
  [
    "did not fire, and was about to end",
    { ...decided(pending, justNot), expected: [pending, firing, justFired].map(historical) },
    [],
  ],
  [
    "did not fire, and was not",
    { ...decided(pending, justNot), expected: [pending, firing, resolved].map(historical) },
    ["lost transition"],
  ],
  [
    "followed on one that was close",
    {
      ...untold,
      alerts: [justNot.alert, nextEnd.alert],
      transitions: [pending, justNot, next, nextFiring, nextEnd],
      expected: [pending, firing, justFired, next, nextUnfired].map(historical),
      deliveries: [nextFiring].map(({ to, alert: { id } }) => ({
        key: `${id}:${to}:${sound.channel}`,
        body: "{}",
        outcome: "done",
      })),
    },
    [],
  ],
];

const [tellFiring, tellEnd] = sound.notified as [Notified, Notified];
const [orderFiring, orderEnd] = sound.deliveries as [KeptDelivery, KeptDelivery];
const KILLED = sound.lives[0]!.endedAt;
const at = (ms: number, one: Notified): Notified => ({ ...one, at: ms });

const notifications: readonly Case[] = [
  [
    "one was never ordered",
    { deliveries: [orderFiring], notified: [tellFiring] },
    ["lost notification", "lost notification"],
  ],
  [
    "one was ordered of nothing",
    { expected: decided(pending, firing, resolved).expected! },
    ["invented notification", "invented notification"],
  ],
  [
    "one was sent that the journal has not",
    { notified: [...sound.notified, { ...tellEnd, key: "other" }] },
    ["invented notification"],
  ],
  ["one is still due", { deliveries: [orderFiring, { ...orderEnd, outcome: null }] }, ["unsettled notification"]],
  ["one was given up", { deliveries: [orderFiring, { ...orderEnd, outcome: "given-up" }] }, ["unsettled notification"]],
  ["one was sent with other words", { notified: [tellFiring, { ...tellEnd, body: "{}" }] }, ["altered notification"]],
  ["one was sent twice", { notified: [tellFiring, tellEnd, at(tellEnd.at + 5, tellEnd)] }, ["notified twice"]],
  [
    "one was sent again after a kill that came before its answer could be on record",
    { notified: [at(KILLED - 50, tellFiring), at(KILLED + SECOND, tellFiring), tellEnd] },
    [],
  ],
  [
    "one was sent again after a kill that came long after it",
    { notified: [at(KILLED - 10 * SECOND, tellFiring), at(KILLED + SECOND, tellFiring), tellEnd] },
    ["notified twice"],
  ],
  ["neither was sent, since it was over before", { notified: [] }, []],
  ["the end of what was told was not", { notified: [tellFiring] }, ["lost notification"]],
  [
    "it was told to fire after its end",
    { notified: [tellEnd, at(tellEnd.at + 1, tellFiring)] },
    ["notified out of order"],
  ],
];

describe("a run", () => {
  it("in which nothing went wrong is sound, with either broker", () => {
    expect(checkRun(sound)).toEqual([]);
    expect(checkRun({ ...sound, broker: "outside" })).toEqual([]);
  });

  it("tells of an outside broker's PUBACK nothing", () => {
    const lost = { ...stolen(2), ...receivedByK1([0, 1], [3, 6]), ...saidBy(2, { receiptAt: null }) };
    expect(breachesIn({ ...lost, broker: "outside" })).toEqual([]);
    expect(breachesIn({ ...saidBy(1, { pubackAt: START + SECOND }), broker: "outside" })).toEqual([]);
  });

  it("names what is lost, and what was said of it", () => {
    const [violation] = checkRun({ ...sound, ...stolen(2), ...receivedByK1([0, 1], [3, 6]) });
    expect(violation).toEqual({
      breach: "lost",
      what: `k1 boot 0a1b2c3d seq 2, PUBACK at ${START + 2020}, receipt at ${START + 2500}, not counted as received`,
    });
  });
});

const check = (_claim: string, changes: Changes, found: readonly Breach[]) =>
  expect(breachesIn(changes)).toEqual(found);
describe("of readings it is found that", () => it.each(readings)("%s", check));
describe("of their order it is found whether", () => it.each(orders)("%s", check));
describe("of history it is found that", () => it.each(histories)("%s", check));
describe("of an alert it is found whether", () => it.each(alerts)("%s", check));
describe("of an alert that could have gone either way nothing is said: it", () => it.each(closeCalls)("%s", check));
describe("of notifications it is found whether", () => it.each(notifications)("%s", check));
