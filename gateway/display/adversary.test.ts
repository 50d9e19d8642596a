/**
 * Nobody who is told of rooms in groups can reckon a hidden figure from any answers, whatever is asked, how often and when:
 * not what a room did that is told only with others, and not a count below five.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Figure } from "#protocol/api.ts";
import { dayNumber, startOfDayNumber } from "#protocol/calendar.ts";
import { Site } from "#protocol/site.ts";
import type { Episode } from "../detect/facts.ts";
import { digestOf } from "../report/digest.ts";
import { gatherReport } from "../report/gather.ts";
import { roomHistory } from "../report/room-history.ts";
import { type Answer, exactly, within } from "./adversary.fixture.ts";
import { groupedSight } from "./sight.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Two weeks from a Monday on, and what is asked may reach a little beyond. */
const DAYS = 14;
const FIRST = dayNumber(Date.parse("2026-11-02T00:00:00Z"), "UTC");
const dayStart = (day: number): number => startOfDayNumber(FIRST + day, "UTC");

interface House {
  readonly site: Site;
  /** Of each room and day how long the conversations were, minutes. */
  readonly talk: readonly (readonly (readonly number[])[])[];
}

const room = fc.record({
  kind: fc.constantFrom(
    "shared-office",
    "shared-office",
    "shared-office",
    "open-plan",
    "conversation-room",
    "corridor",
  ),
  assigned: fc.constantFrom(0, 1, 2, 2, 2, 3, 3, 4),
});
/** Often fewer than five a day, and seldom none at all. */
const dayOfTalk = fc.oneof(
  { arbitrary: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 3 }), weight: 2 },
  { arbitrary: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 8 }), weight: 1 },
);
const house: fc.Arbitrary<House> = fc
  .record({
    rooms: fc.array(room, { minLength: 2, maxLength: 6 }),
    strict: fc.boolean(),
    /** Of each room the zone it is in, if any. */
    zoned: fc.array(fc.constantFrom(0, 1, undefined), { minLength: 6, maxLength: 6 }),
  })
  .chain(({ rooms, strict, zoned }) => {
    const id = (i: number) => `R${i}`;
    const zones = [0, 1].flatMap((zone) => {
      const inZone = rooms.flatMap((_, i) => (zoned[i] === zone ? [id(i)] : []));
      return inZone.length > 0 ? [{ id: `zone-${zone}`, name: `Zone ${zone}`, rooms: inZone }] : [];
    });
    const site = Site.parse({
      site: "house",
      name: "House",
      timeZone: "UTC",
      policy: { privacy: strict ? "strict" : "normal" },
      rooms: rooms.map((one, i) => ({ id: id(i), name: id(i), ...one })),
      zones,
    });
    const ofRoom = fc.array(dayOfTalk, { minLength: DAYS, maxLength: DAYS });
    return fc.array(ofRoom, { minLength: rooms.length, maxLength: rooms.length }).map((talk) => ({ site, talk }));
  });

/** A question about some days, asked on a day at some time of it. */
interface Question {
  readonly from: number;
  readonly days: number;
  readonly askedOn: number;
  readonly hour: number;
}
const questions = fc.array(
  fc.record({
    from: fc.integer({ min: 0, max: DAYS - 1 }),
    days: fc.integer({ min: 1, max: DAYS }),
    askedOn: fc.integer({ min: 1, max: DAYS + 7 }),
    hour: fc.integer({ min: 0, max: 23 }),
  }),
  { minLength: 1, maxLength: 12 },
);

function episodesOf({ site, talk }: House): Episode[] {
  return talk.flatMap((days, r) =>
    days.flatMap((lengths, day) =>
      lengths.map((minutes, i) => {
        const start = dayStart(day) + (6 + i) * HOUR;
        return { room: site.rooms[r]!.id, start, end: start + minutes * MINUTE, hint: "dialogue" as const };
      }),
    ),
  );
}

/** What is measured, and nothing of it later than it is asked. */
function sourcesOf(asked: House, now: number) {
  const episodes = episodesOf(asked).filter(({ start }) => start < now);
  const history = { select: async () => [], sums: async () => [] };
  const journal = {
    episodes: async (from: number, to: number) =>
      episodes.filter(({ start, end }) => start < to && (end ?? now) >= from),
    alerts: async () => [],
    note: async () => undefined,
  };
  return { site: asked.site, journal, history };
}

const cellOf = (roomIndex: number, day: number): number => roomIndex * DAYS + day;

type Measure = "conversations" | "minutes";
/** By which told minutes may differ from the truth: half a step for each unit and day in them. */
const ROUNDING_MIN = 2.5;

/** Everything that one question is answered, by report, by each room's history and by the digests of its days, as sums of cells. */
async function answersTo(asked: House, question: Question, measure: Measure): Promise<Answer[]> {
  const { site } = asked;
  const now = dayStart(question.askedOn) + question.hour * HOUR;
  const period = { from: dayStart(question.from), until: Math.min(now, dayStart(question.from + question.days)) };
  if (period.from >= period.until || dayNumber(now, "UTC") <= FIRST + question.from) return [];
  const sources = sourcesOf(asked, now);
  const sight = groupedSight(site, now);
  const indexOf = new Map(site.rooms.map(({ id }, i) => [id, i]));
  const answers: Answer[] = [];
  const hear = (rooms: readonly string[], from: number, until: number, figure: Figure, units: number) => {
    const days = Array.from({ length: until - from }, (_, i) => from + i).filter((day) => day >= 0 && day < DAYS);
    const cells = rooms.flatMap((id) => days.map((day) => cellOf(indexOf.get(id)!, day)));
    const { least, most } = typeof figure === "number" ? { least: figure, most: figure } : figure;
    const slack = measure === "minutes" ? ROUNDING_MIN * days.length * units : 0;
    if (cells.length > 0) answers.push({ cells, least: Math.max(0, least - slack), most: most + slack });
  };
  const isTooEarly = (error: unknown) => error instanceof Error && error.name === "PeriodError";
  const report = await gatherReport(sources, period, null, sight).catch((error: unknown) => {
    if (isTooEarly(error)) return undefined;
    throw error;
  });
  if (report === undefined) return [];
  const [from, until] = [report.from, report.to].map((time) => dayNumber(Date.parse(time), "UTC") - FIRST) as [
    number,
    number,
  ];
  for (const line of report.rooms) if (line[measure] !== null) hear([line.id], from, until, line[measure], 1);
  for (const group of report.groups) hear(group.rooms, from, until, group[measure], 1);
  const shared = sight.own.filter(({ kind, rooms: [first] }) => {
    const { kind: ofRoom } = site.rooms[indexOf.get(first!)!]!;
    return kind === "group" || (kind === "room" && ["shared-office", "open-plan"].includes(ofRoom));
  });
  hear(
    shared.flatMap(({ rooms }) => rooms),
    from,
    until,
    report.sharedOffices[measure],
    shared.length,
  );
  for (const one of site.rooms) {
    const { daily } = await roomHistory(sources, one, period, "raw", sight);
    for (const day of daily?.days ?? []) {
      const number = dayNumber(Date.parse(day.day), "UTC") - FIRST;
      hear(daily!.rooms, number, number + 1, day[measure], 1);
    }
  }
  for (const number of Array.from({ length: until - from }, (_, i) => from + i)) {
    const happened = { site, episodes: await sources.journal.episodes(dayStart(-7), now), alerts: [] };
    const digest = digestOf(happened, FIRST + number, now);
    for (const unit of digest.units)
      hear(sight.own.find(({ id }) => id === unit.id)!.rooms, number, number + 1, unit[measure], 1);
  }
  return answers;
}

const truth = ({ talk }: House, measure: Measure) =>
  talk.flatMap((days) =>
    days.map((lengths) =>
      measure === "conversations" ? lengths.length : lengths.reduce((all, minutes) => all + minutes, 0),
    ),
  );

/** The answers of a person who asks it all, every one of them true. */
async function allAnswers(asked: House, all: readonly Question[], measure: Measure): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const question of all) answers.push(...(await answersTo(asked, question, measure)));
  const real = truth(asked, measure);
  for (const { cells, least, most } of answers) {
    const sum = cells.reduce((total, cell) => total + real[cell]!, 0);
    if (sum < least || sum > most) throw new Error(`${measure}: told ${least}–${most}, in truth ${sum}`);
  }
  return answers;
}

/** Rooms that no figure may be reckoned of. */
const hiddenRooms = ({ site }: House): number[] => {
  const { of } = groupedSight(site, 0).units;
  return site.rooms.flatMap(({ id }, i) => {
    const unit = of.get(id)!;
    return typeof unit === "object" && unit.kind === "room" ? [] : [i];
  });
};
const everyDay = Array.from({ length: DAYS }, (_, day) => day);

describe("display rules against somebody who reckons", () => {
  it("of a room told only with others no day's count is recovered, nor narrowed to fewer than five numbers", async () => {
    await fc.assert(
      fc.asyncProperty(house, questions, async (asked, all) => {
        const answers = await allAnswers(asked, all, "conversations");
        const cells = asked.talk.length * DAYS;
        const [follows, bounds] = [exactly(answers, cells), within(answers, cells)];
        for (const hidden of hiddenRooms(asked))
          for (const day of everyDay) {
            const cell = [cellOf(hidden, day)];
            const { least, most } = bounds(cell);
            expect({ hidden, day, follows: follows(cell), wide: most - least >= 4 }).toEqual({
              hidden,
              day,
              follows: false,
              wide: true,
            });
          }
      }),
      { numRuns: 60 },
    );
  });

  it("a day with fewer than five may have had any number from none to four", async () => {
    await fc.assert(
      fc.asyncProperty(house, questions, async (asked, all) => {
        const answers = await allAnswers(asked, all, "conversations");
        const cells = asked.talk.length * DAYS;
        const [follows, bounds, real] = [
          exactly(answers, cells),
          within(answers, cells),
          truth(asked, "conversations"),
        ];
        for (const { rooms } of groupedSight(asked.site, 0).units.told) {
          const indices = asked.site.rooms.flatMap(({ id }, i) => (rooms.includes(id) ? [i] : []));
          for (const day of everyDay) {
            const ofUnit = indices.map((index) => cellOf(index, day)).sort((a, b) => a - b);
            if (ofUnit.reduce((sum, cell) => sum + real[cell]!, 0) >= 5) continue;
            const { least, most } = bounds(ofUnit);
            expect({ day, follows: follows(ofUnit), any: least <= 0 && most >= 4 }).toEqual({
              day,
              follows: false,
              any: true,
            });
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("of a room told only with others no day's minutes are known better than to five", async () => {
    await fc.assert(
      fc.asyncProperty(house, questions, async (asked, all) => {
        const answers = await allAnswers(asked, all, "minutes");
        const bounds = within(answers, asked.talk.length * DAYS);
        for (const hidden of hiddenRooms(asked))
          for (const day of everyDay) {
            const { least, most } = bounds([cellOf(hidden, day)]);
            expect({ hidden, day, wide: most - least >= 5 }).toEqual({ hidden, day, wide: true });
          }
      }),
      { numRuns: 60 },
    );
  });
});

/** What would be told without complementary suppression: each sum by itself, of whatever rooms and days, with its own `<5`. */
function carelessly(real: readonly number[], cells: readonly number[]): Answer {
  const sum = cells.reduce((total, cell) => total + real[cell]!, 0);
  return sum < 5 ? { cells, least: 0, most: 4 } : { cells, least: sum, most: sum };
}

describe("the same person, were sums told without complementary suppression", () => {
  /** A room of three, one of two: three days of them. */
  const real = [7, 9, 3, /* the small room */ 6, 4, 8];
  const told = (...all: number[][]) => all.map((cells) => carelessly(real, cells));

  it("recovers a small room from a zone and the large room in it", () => {
    const answers = told([0], [0, 3]);
    expect([exactly(answers, 6)([3]), within(answers, 6)([3])]).toEqual([true, { least: 6, most: 6 }]);
  });

  it("recovers a day below five from the week and the other days", () => {
    const answers = told([0], [1], [2], [0, 1, 2]);
    expect([exactly(answers, 6)([2]), within(answers, 6)([2])]).toEqual([true, { least: 3, most: 3 }]);
  });

  it("recovers a day from two overlapping periods", () => {
    const answers = told([0, 1], [0, 1, 2]);
    expect([exactly(answers, 6)([2]), within(answers, 6)([2])]).toEqual([true, { least: 3, most: 3 }]);
  });

  it("narrows what is told only as less than five", () => {
    const few = [4, 4, 4];
    const answers = [[0], [1], [2], [0, 1, 2]].map((cells) => carelessly(few, cells));
    expect([exactly(answers, 3)([0]), within(answers, 3)([0])]).toEqual([false, { least: 4, most: 4 }]);
  });
});
