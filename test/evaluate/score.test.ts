import { describe, expect, it } from "vitest";
import type { Conversation } from "#firmware/world/day-plan.ts";
import { fixedTimetable, NOTHING_PLANNED } from "#firmware/world/timetable.ts";
import type { Alert } from "#gateway/alerts/alert.ts";
import { parseSite } from "#protocol/site-file.ts";
import { createDiary, type Diary, pairKey } from "./diary.ts";
import type { House, Trial } from "./house.ts";
import { score } from "./score.ts";
import { MINUTE } from "./talk.ts";
import { addTallies, emptyTally, type Tally } from "./tally.ts";

const EIGHT = Date.UTC(2026, 2, 2, 8);
const HOUR = 60 * MINUTE;
const site = parseSite(
  `{ site: two, name: Two, timeZone: UTC,
     rooms: [{ id: A, name: A, kind: shared-office, assigned: 2 }, { id: B, name: B, kind: waiting-room }],
     boundaries: [{ between: [A, B], kind: wall, rw: 30 }], devices: [{ id: a, room: A }, { id: b, room: B }] }`,
  "two",
);
const at = (minutes: number) => EIGHT + minutes * MINUTE;
const talk = (from: number, until: number): Conversation => ({
  kind: "interview",
  room: "A",
  from: at(from),
  until: at(until),
  style: "dialogue",
  talkers: [],
  stream: "A",
});

interface Story {
  /** Minutes after eight, in A. */
  readonly talks?: readonly (readonly [from: number, until: number])[];
  /** SNR_uni at B of what is said in A, by minute. */
  readonly snr?: (minute: number) => number;
  readonly ld?: number;
  readonly trials?: readonly Trial[];
}

function houseOf({ talks = [], snr = () => 0, ld = 30, trials = [] }: Story): House {
  const open = { from: EIGHT, until: EIGHT + 2 * HOUR };
  const conversations = talks.map(([from, until]) => talk(from, until));
  const octaves = (value: number) => new Float64Array(5).fill(value);
  const isTalk = (t: number) => conversations.some(({ from, until }) => from < t + MINUTE && until > t);
  return {
    site,
    seed: "1",
    ...open,
    sense: () => undefined,
    truth: {
      timetable: fixedTimetable(open, { ...NOTHING_PLANNED, conversations }, "story"),
      levelDifference: () => octaves(ld),
      gainError: () => 0,
      doorsConstant: () => true,
      minute: (from, _to, t) => {
        if (from !== "A" || !isTalk(t)) return null;
        const levels = { source: octaves(60), speech: octaves(30), noise: octaves(30) };
        return { speechSeconds: 40, ...levels, snrUni: snr((t - EIGHT) / MINUTE), sii5: 0.4 };
      },
    },
    faults: [{ kind: "muted", amount: 0, from: 100 * MINUTE, until: 110 * MINUTE, device: "b" }],
    months: 0.5,
    lines: [],
    trials,
  };
}

const alert = (rule: Alert["rule"], from: number, until: number | null, about = from): Alert => ({
  id: `${rule}${from}`,
  rule,
  room: rule === "conversation-in-shared-office" ? "A" : null,
  pair: rule === "conversation-in-shared-office" ? null : ["A", "B"],
  state: until === null ? "firing" : "resolved",
  severity: "warning",
  startedAt: at(about),
  firedAt: at(from),
  acknowledgedAt: null,
  resolvedAt: until === null ? null : at(until),
  reason: null,
});

const nothing: Diary = createDiary().close();
const judge = (story: Story, diary: Partial<Diary>): Tally => score(houseOf(story), { ...nothing, ...diary });

describe("conversations in shared offices", () => {
  const of = (story: Story, ...alerts: Alert[]) => {
    const { due, found, delays, fired, falseOnes, months } = judge(story, { alerts }).rules[
      "conversation-in-shared-office"
    ]!;
    return { due, found, delays, fired, falseOnes, months };
  };
  const rule = "conversation-in-shared-office";

  it("are due from two minutes on; two that follow within a minute are one", () =>
    expect(
      of({
        talks: [
          [0, 1.5],
          [10, 11.5],
          [12, 13],
          [30, 40],
        ],
      }),
    ).toEqual({
      due: 2,
      found: 0,
      delays: [],
      fired: 0,
      falseOnes: 0,
      months: 0.5,
    }));

  it("are found by an alert that fires while they go on, late by as much as it is", () =>
    expect(
      of(
        {
          talks: [
            [10, 20],
            [50, 60],
          ],
        },
        alert(rule, 11.5, 21, 10),
      ),
    ).toMatchObject({
      due: 2,
      found: 1,
      delays: [90],
      falseOnes: 0,
    }));

  it("that follow an alert within five minutes continue it", () =>
    expect(
      of(
        {
          talks: [
            [10, 20],
            [23, 26],
          ],
        },
        alert(rule, 11, 21, 10),
      ),
    ).toMatchObject({ found: 2, delays: [60] }));

  it("an alert of a room in which nobody talked is false", () =>
    expect(of({ talks: [[10, 20]] }, alert(rule, 31, 33, 30))).toMatchObject({ found: 0, fired: 1, falseOnes: 1 }));
});

describe("overhearing", () => {
  const of = (story: Story, ...alerts: Alert[]) => {
    const { due, found, delays, fired, falseOnes } = judge(story, { alerts }).rules.overheard!;
    return { due, found, delays, fired, falseOnes };
  };

  it("is due for stretches of more than ten minutes, and counts from where they begin", () => {
    const opened = (minute: number) => (minute >= 22 ? -5 : -20);
    expect(of({ talks: [[10, 40]], snr: opened }, alert("overheard", 24, 41, 10))).toEqual({
      due: 1,
      found: 1,
      delays: [120],
      fired: 1,
      falseOnes: 0,
    });
    expect(of({ talks: [[10, 30]], snr: opened })).toMatchObject({ due: 0 });
  });

  it("is not due while a device is out of order, nor of talk in between, and either way allowed for the latter", () => {
    expect(of({ talks: [[95, 112]] })).toMatchObject({ due: 0 });
    expect(of({ talks: [[10, 40]], snr: () => -12 }, alert("overheard", 12, 20, 10))).toMatchObject({
      due: 0,
      fired: 1,
      falseOnes: 0,
    });
  });

  it("is false where hardly a word gets through, or nobody talks", () => {
    expect(of({ talks: [[10, 40]], snr: () => -18 }, alert("overheard", 12, 20, 10))).toMatchObject({ falseOnes: 1 });
    expect(of({}, alert("overheard", 12, 20, 10))).toMatchObject({ falseOnes: 1 });
  });
});

describe("sound", () => {
  const key = pairKey("A", "B");
  const situation = { from: "A", to: "B", state: "unknown", reason: "learning", reasonRoom: null } as const;
  const said = (minutes: number, link: boolean | null) => ({ ...situation, link, audibility: null, at: at(minutes) });

  it("a link is false when nothing of the talk has got through in the minutes before it", () => {
    const situations = new Map([[key, [said(12, true), said(14, null), said(25, true), said(26, true)]]]);
    const links = (snr: number) => judge({ talks: [[10, 20]], snr: () => snr }, { situations }).link.falseOnes;
    expect([links(-20), links(-30)]).toEqual([1, 2]);
  });

  it("octaves of level difference are compared with the walls, minutes with how well they are understood", () => {
    const unknown = { sigma: [], bound: [], episodes: 4 };
    const days = new Map([[key, [{ from: "A", to: "B", day: EIGHT, ld: [30.5, null, 28, null, null], ...unknown }]]]);
    const audibility = { snr: 0, sigma: 2, sii5: 0.46, probability: 1, hearing: "intelligible" } as const;
    const minute = { from: "A", to: "B", z: 5, pi: 50, spc: null, ld: [] };
    const heard = { ...said(12, true), audibility };
    const minutes = new Map([
      [
        key,
        [
          { ...minute, t: at(12), situation: heard, isLearned: true },
          { ...minute, t: at(13), situation: heard, isLearned: false },
          { ...minute, t: at(50), situation: heard, isLearned: true },
        ],
      ],
    ]);
    const tally = judge({ talks: [[10, 20]] }, { days, minutes });
    expect(tally.ld).toEqual([0.5, 2]);
    expect(tally.sii5.map((error) => error.toFixed(3))).toEqual(["0.060"]);
  });

  it("a fault is told when every pair with the room says so, and is nowhere private after two minutes", () => {
    const trials: Trial[] = [
      { name: "muted", rooms: ["B"], reasons: ["muted"], needsTalk: false, from: at(60), until: at(70) },
    ];
    const muted = { ...said(61, null), reason: "muted" } as const;
    const fine = { ...said(50, null), state: "private", reason: null } as const;
    const situations = new Map([
      [key, [fine, muted]],
      [pairKey("B", "A"), [{ ...fine, from: "B", to: "A" }]],
    ]);
    expect(judge({ trials }, { situations }).faults).toEqual({ muted: { delays: [60], never: 1, privateS: 480 } });
  });
});

describe("tallies", () => {
  it("add up name by name", () => {
    const one = judge({ talks: [[10, 20]] }, { alerts: [alert("overheard", 12, 20, 10)] });
    const both = addTallies(one, one);
    expect(both.rules.overheard).toMatchObject({ due: 0, fired: 2, months: 2 });
    expect(addTallies(emptyTally, one)).toEqual(one);
  });
});
