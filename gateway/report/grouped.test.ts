/** The report, a room's and a pair's past as those see it who are told of rooms in groups: seven weeks in the demo site. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { OCTAVES_HZ, THIRDS_HZ } from "#protocol/acoustics/bands.ts";
import { HistoryView, PairHistoryView, ReportView } from "#protocol/api.ts";
import { dayNumber, type Interval } from "#protocol/calendar.ts";
import type { Site } from "#protocol/site.ts";
import { parseSite } from "#protocol/site-file.ts";
import type { Alert } from "../alerts/alert.ts";
import type { Episode } from "../detect/facts.ts";
import { groupedSight, sightOf } from "../display/sight.ts";
import type { Point, Selection } from "../history/history.ts";
import { reportCsv } from "./csv.ts";
import { digestOf } from "./digest.ts";
import { gatherReport } from "./gather.ts";
import { reportHtml } from "./html.ts";
import { pairHistory } from "./pair-history.ts";
import { findPair } from "./pairs.ts";
import { roomHistory } from "./room-history.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const strict: Site = { ...site, policy: { ...site.policy, privacy: "strict" } };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Mondays in winter time; a fixed span of four weeks is from the first to the second. */
const [FIRST, SECOND] = [Date.parse("2026-11-02T00:00:00+01:00"), Date.parse("2026-11-30T00:00:00+01:00")];
const WEEKS = 7;
const now = SECOND + 14 * DAY + 10 * HOUR;

/** Conversations of twenty minutes from nine on, one an hour, on every working day. */
const perDay: Readonly<Record<string, number>> = { K1: 6, K2: 1, K3: 3, K4: 2, K5: 0, S1: 4, S2: 3, V1: 5 };
const workingDays = Array.from({ length: 7 * WEEKS }, (_, day) => day).filter((day) => day % 7 < 5);
const episodes: Episode[] = workingDays.flatMap((day) =>
  Object.entries(perDay).flatMap(([room, count]) =>
    Array.from({ length: count }, (_, i) => {
      const start = FIRST + day * DAY + (9 + i) * HOUR;
      return { room, start, end: start + 20 * MINUTE, hint: "dialogue" as const };
    }),
  ),
);
const alerts: Alert[] = episodes
  .filter(({ room }) => room === "K1")
  .map(({ room, start, end }) => ({
    id: `conversation-in-shared-office:${room}:${start}`,
    rule: "conversation-in-shared-office",
    room,
    pair: null,
    state: "resolved",
    severity: "warning",
    startedAt: start,
    firedAt: start + MINUTE,
    acknowledgedAt: null,
    resolvedAt: end,
    reason: "conversation-ended",
  }));

const tags = (from: string, to: string) => ({ site: site.site, from, to });
const octaves = (prefix: string, value: number) =>
  Object.fromEntries(OCTAVES_HZ.map((hz) => [`${prefix}${hz}`, value]));
/** On each working day what K1 and K3 show of their doors. */
const boundaries: Point[] = workingDays.flatMap((day) =>
  ["K1", "K3"].map((from) => ({
    measurement: "boundary" as const,
    tags: tags(from, "G1"),
    t: FIRST + day * DAY,
    fields: { episodes: 2, ...octaves("ld", 30), ...octaves("sigma", 0.5) },
  })),
);
/** A day's minutes of what was heard at the corridor. */
const heard = { inaudible: 12, audible: 6, words: 1, partly: 1, intelligible: 0, clearly: 0, unknown: 0 };
const leaks: Point[] = workingDays.flatMap((day) =>
  ["K1", "K3"].map((from) => ({
    measurement: "leak_1h" as const,
    tags: tags(from, "G1"),
    t: FIRST + day * DAY + 9 * HOUR,
    fields: { minutes: 20, ...heard },
  })),
);
const level = (t: number): Point => ({
  measurement: "level_1h",
  tags: { site: site.site, room: "K1", device: "k1" },
  fields: { laeq: 51.24, lafmax: 70, l90: 33, speechRatio: 0.37, n: 360 },
  t,
});

/** Of every room what it sounds like when nobody talks, on a working day from nine to ten. */
const backgrounds: Point[] = workingDays.flatMap((day) =>
  site.rooms.map(({ id: room }) => ({
    measurement: "background_1h" as const,
    tags: { site: site.site, room },
    t: FIRST + day * DAY + 9 * HOUR,
    fields: { mean: 30, n: 12, ...Object.fromEntries(THIRDS_HZ.map((hz) => [`background${hz}`, 30])) },
  })),
);

const within = (points: readonly Point[], { from, to, tags: asked }: Selection) =>
  points.filter(
    (point) =>
      point.t >= from && point.t < to && Object.entries(asked ?? {}).every(([tag, value]) => point.tags[tag] === value),
  );
const select = async (selection: Selection): Promise<Point[]> => {
  if (selection.measurement === "boundary") return within(boundaries, selection);
  if (selection.measurement === "leak_1h") return within(leaks, selection);
  return selection.measurement === "level_1h" ? within([level(now - 2 * HOUR), level(now - HOUR)], selection) : [];
};
/** Daily rollups and hourly ones say the same; the report adds up both. */
const sums = async (selection: Selection) => {
  if (selection.measurement !== "leak_1d" && selection.measurement !== "leak_1h") return [];
  const points = within(leaks, selection);
  return [...Map.groupBy(points, ({ tags }) => tags.from!).values()].map((own) => ({
    tags: own[0]!.tags,
    sums: Object.fromEntries(
      Object.keys(heard).map((key) => [key, own.reduce((sum, { fields }) => sum + Number(fields[key]), 0)]),
    ),
  }));
};
const overlapping = (from: number, until: number) => episodes.filter(({ start, end }) => start < until && end! > from);
const sourcesOf = (of: Site) => ({
  site: of,
  history: { select, sums },
  journal: {
    episodes: async (from: number, until: number) => overlapping(from, until),
    alerts: async () => alerts,
    note: async (): Promise<string | undefined> => undefined,
  },
});
const sources = sourcesOf(site);
const sight = groupedSight(site, now);
const four = { from: FIRST, until: SECOND };

describe("a report of four weeks, in groups", async () => {
  const report = ReportView.parse(await gatherReport(sources, four, null, sight));
  const told = ["conversations", "minutes", "alerts", "suppressed"] as const;
  const of = (lines: readonly Partial<Record<(typeof told)[number] | "id", unknown>>[]) =>
    lines.map((line) => [line.id, ...told.map((key) => line[key])]);
  const none = (reason: string) => [null, null, null, reason];
  /** Weeks of no alert: fewer than five in each, by one rule or by two. */
  const few = (rules: number) => ({ least: 0, most: 4 * 4 * rules });

  it("tells large offices and common rooms singly, and of the others why not", () => {
    expect(of(report.rooms)).toEqual([
      ["K1", 120, 2400, { least: 120, most: 136 }, null],
      // One a day is five a week.
      ["K2", 20, 400, few(2), null],
      ...["K3", "K4", "K5"].map((id) => [id, ...none("in-group")]),
      ["K6", ...none("one-person")],
      ...["S1", "S2", "S3", "S4", "S5"].map((id) => [id, ...none("conversation-room")]),
      ["V1", 100, 2000, few(1), null],
      ["G1", few(1), { least: 0, most: 100 }, few(1), null],
    ]);
    expect(of(report.groups)).toEqual([
      ["group-K3", 100, 2000, few(2), undefined],
      ["conversation-rooms", 140, 2800, few(1), undefined],
    ]);
    expect(report.sharedOffices).toEqual({ conversations: 240, minutes: 4800, longestMinutes: null });
  });

  it("tells hours as shares of the four weeks, by kind of room", () => {
    expect(report.hoursOf).toEqual({ from: "2026-11-01T23:00:00.000Z", to: "2026-11-29T23:00:00.000Z" });
    const shares = (kind: string) =>
      report.byKindAndHour.filter((cell) => cell.kind === kind && typeof cell.share === "number");
    expect(shares("conversation-room")).toEqual(
      [9, 10, 11]
        .map((hour) => ({ kind: "conversation-room", hour, conversations: null, minutes: null, share: 30 }))
        .concat([{ kind: "conversation-room", hour: 12, conversations: null, minutes: null, share: 15 }]),
    );
  });

  it("tells alerts in sums, and none of them singly", () => {
    expect(report.alerts).toEqual([
      {
        rule: "conversation-in-shared-office",
        fired: { least: 120, most: 152 },
        minutes: { least: 2300, most: 2500 },
        medianMinutes: null,
        longestMinutes: null,
      },
      {
        rule: "overheard",
        fired: { least: 0, most: 96 },
        minutes: { least: 0, most: 600 },
        medianMinutes: null,
        longestMinutes: null,
      },
    ]);
  });

  it("tells what was heard in shares, and of an office that is not told singly not on how many talks a boundary rests", () => {
    const shares = {
      inaudible: 60,
      audible: 30,
      words: 5,
      partly: 5,
      intelligible: { least: 0, most: 5 },
      clearly: { least: 0, most: 5 },
      unknown: { least: 0, most: 5 },
    };
    const pair = (from: string) => report.pairs.find((one) => one.from === from && one.to === "G1");
    const same = { ld: [30, 30, 30, 30, 30], minutes: null, shares, suppressed: null, coverage: 1 };
    expect(pair("K1")).toMatchObject({ ...same, episodes: 40, days: 20 });
    expect(pair("K3")).toMatchObject({ ...same, episodes: null, days: null });
    expect(pair("K4")).toMatchObject({ ld: Array(5).fill(null), shares: null, suppressed: "too-little" });
  });

  it("says in the table and on the page, in both languages, what is not told and why", () => {
    const rows = reportCsv(report).split("\r\n");
    expect(rows.filter((row) => row.startsWith("rooms,K3,") || row.startsWith("rooms,G1,"))).toEqual([
      "rooms,K3,,shared-office,,conversations,count,suppressed: in-group",
      "rooms,K3,,shared-office,,in conversation,min,suppressed: in-group",
      "rooms,K3,,shared-office,,alerts,count,suppressed: in-group",
      "rooms,K3,,shared-office,,coverage,share,0",
      "rooms,G1,,corridor,,conversations,count,<17",
      "rooms,G1,,corridor,,in conversation,min,<100",
      "rooms,G1,,corridor,,alerts,count,<17",
      "rooms,G1,,corridor,,coverage,share,0",
    ]);
    expect(rows).toContain("shared offices,,,,,longest conversation,min,suppressed: single-events");
    expect(reportHtml(report, "da")).toContain("vises i sin gruppe, så det ikke kan skelnes fra de andre rum");
    expect(reportHtml(report, "en")).toContain(
      "told in its group, so that it cannot be told apart from the other rooms",
    );
  });
});

describe("other questions", () => {
  const figures = async (period: { from: number; until: number }, by = sight) => {
    const report = await gatherReport(sourcesOf(by === sight ? site : strict), period, null, by);
    return report;
  };

  it("the day that goes on is not told, and a period is whole days", async () => {
    const { from, to } = await figures({ from: now - 2 * DAY, until: now });
    expect([from, to]).toEqual(["2026-12-11T23:00:00.000Z", "2026-12-13T23:00:00.000Z"]);
    await expect(figures({ from: now - HOUR, until: now })).rejects.toThrow(/whole days that are over/);
  });

  it("two questions a day apart tell that day, and of its small counts nothing", async () => {
    const until = SECOND;
    const [longer, shorter] = await Promise.all([
      figures({ from: until - 4 * DAY, until }),
      figures({ from: until - 3 * DAY, until }),
    ]);
    const of = (report: ReportView, room: string) => report.rooms.find(({ id }) => id === room)!.conversations;
    expect([of(longer, "K1"), of(shorter, "K1")]).toEqual([12, 6]);
    expect([of(longer, "K2"), of(shorter, "K2")]).toEqual([
      { least: 0, most: 8 },
      { least: 0, most: 4 },
    ]);
  });

  it("a period without the end of a span of four weeks has no hours and no shares", async () => {
    const report = await figures({ from: SECOND, until: SECOND + 7 * DAY });
    expect([report.byKindAndHour, report.hoursOf, report.hoursSuppressed]).toEqual([[], null, "under-four-weeks"]);
    expect(new Set(report.pairs.map(({ suppressed }) => suppressed))).toEqual(
      new Set(["under-four-weeks", "one-person"]),
    );
  });

  it("what a room that is not told by day sounds like is of four weeks: its own talk would show in a day's", async () => {
    const toSmall = boundaries.map((point) => ({ ...point, tags: tags("K2", "K3") }));
    const more = async (selection: Selection) => {
      if (selection.measurement === "boundary") return within([...boundaries, ...toSmall], selection);
      return selection.measurement === "background_1h" ? within(backgrounds, selection) : select(selection);
    };
    const rated = async (period: Interval) => {
      const asked = { ...sources, history: { ...sources.history, select: more } };
      const { pairs } = await gatherReport(asked, period, null, sight);
      return pairs.flatMap(({ from, to, spc }) => (spc === null ? [] : `${from} ${to}`)).sort();
    };
    expect(await rated({ from: FIRST, until: FIRST + DAY })).toEqual(["K1 G1"]);
    expect(await rated(four)).toEqual(["K1 G1", "K2 K3", "K3 G1"]);
  });

  it("room staff see the unit of their room as everybody else does, and no other", async () => {
    const own = sightOf(site, { reach: new Set(["own-rooms"]), rooms: ["K4"] }, now)!;
    const mine = await gatherReport(sources, four, null, own);
    const theirs = await gatherReport(sources, four, null, sight);
    expect(mine.groups).toEqual(theirs.groups.filter(({ id }) => id === "group-K3"));
    expect(mine.sharedOffices.conversations).toBe(100);
    expect(new Set(mine.rooms.map(({ suppressed }) => suppressed))).toEqual(
      new Set(["not-yours", "in-group", "one-person"]),
    );
  });

  it("strict: offices in groups alone, and the last day a quarter of an hour later", async () => {
    const at = (time: number) => groupedSight(strict, time);
    const report = await figures(four, at(now));
    expect(report.groups.map(({ rooms }) => rooms)).toEqual([
      ["K1", "K2"],
      ["K3", "K4", "K5"],
      ["S1", "S2", "S3", "S4", "S5"],
    ]);
    const midnight = SECOND + 14 * DAY;
    const until = async (time: number) => (await figures({ from: midnight - 3 * DAY, until: midnight }, at(time))).to;
    expect([await until(midnight + 14 * MINUTE), await until(midnight + 15 * MINUTE)]).toEqual([
      "2026-12-12T23:00:00.000Z",
      "2026-12-13T23:00:00.000Z",
    ]);
  });
});

describe("a day's digest", () => {
  const at = (day: number) => FIRST + day * DAY;
  const digest = (day: number) => digestOf({ site: strict, episodes, alerts }, dayNumber(at(day), site.timeZone), now);

  it("has of each unit and day the figures of the report of that day, and no others", async () => {
    for (const day of [...workingDays.slice(0, 12), ...workingDays.slice(-3)].filter((day) => at(day + 1) < now)) {
      const { rooms, groups } = await gatherReport(
        sourcesOf(strict),
        { from: at(day), until: at(day + 1) },
        null,
        groupedSight(strict, now),
      );
      const told = [...rooms.filter(({ suppressed }) => suppressed === null), ...groups];
      const figures = told.map(({ id, name, conversations, minutes, alerts }) => [
        id,
        { id, name, conversations, minutes, alerts },
      ]);
      expect(Object.fromEntries(digest(day).units.map((unit) => [unit.id, unit]))).toEqual(Object.fromEntries(figures));
    }
  });

  it("in words, names what is told together and none of its rooms alone", () => {
    const zoned: Site = {
      ...strict,
      zones: [{ id: "east", name: { da: "Østfløjen", en: "East wing" }, rooms: ["K1", "K2", "K3", "K4", "K5"] }],
    };
    const { id, from, to, units, message } = digestOf(
      { site: zoned, episodes, alerts },
      dayNumber(FIRST, site.timeZone),
      now,
    );
    expect({ id, from, to, units: units.map(({ id }) => id) }).toEqual({
      id: "digest:jobcentre:2026-11-02",
      from: "2026-11-01T23:00:00.000Z",
      to: "2026-11-02T23:00:00.000Z",
      units: ["east", "conversation-rooms", "V1", "G1"],
    });
    expect(message).toEqual({
      da: "2. november 2026. Østfløjen: mulig overhøring 6–10 gange, samtale i 240 min. Samtalerum: mulig overhøring <5 gange, samtale i 140 min. Venteværelse: mulig overhøring <5 gange, samtale i 100 min. Gang: mulig overhøring <5 gange, samtale i <5 min.",
      en: "2 November 2026. East wing: possible overhearing 6–10 times, conversation for 240 min. Conversation rooms: possible overhearing <5 times, conversation for 140 min. Waiting room: possible overhearing <5 times, conversation for 100 min. Corridor: possible overhearing <5 times, conversation for <5 min.",
    });
  });
});

describe("a room's past, in groups", () => {
  const past = async (id: string, period = { from: now - 3 * HOUR, until: now }) =>
    HistoryView.parse(await roomHistory(sources, site.rooms.find((room) => room.id === id)!, period, "raw", sight));

  it("of a large office whole hours that are over, speech to five minutes, and its days", async () => {
    const view = await past("K1", { from: now - 2 * HOUR - MINUTE, until: now + HOUR });
    expect(view).toMatchObject({
      resolution: "1h",
      suppressed: null,
      t: [now - 3 * HOUR, now - 2 * HOUR, now - HOUR],
      laeqDba: [null, 51.2, 51.2],
      speechRatio: [null, 0.33, 0.33],
      conversations: [],
      profile: null,
    });
    expect((await past("K1", { from: SECOND, until: SECOND + DAY })).daily).toEqual({
      id: "K1",
      name: { da: "Kontor K1", en: "Office K1" },
      rooms: ["K1"],
      days: [{ day: "2026-11-29T23:00:00.000Z", conversations: 6, minutes: 120 }],
    });
  });

  it("of days that are not kept any more nothing, not even none", async () => {
    const told = async (id: string, before: number) => {
      const journal = { ...sources.journal, note: async () => JSON.stringify({ behaviour: { before } }) };
      const room = site.rooms.find((one) => one.id === id)!;
      const { daily, profile } = await roomHistory({ ...sources, journal }, room, fourAndMore, "1h", sight);
      return { first: daily?.days[0]?.day, days: daily?.days.length, profile: profile?.from };
    };
    const fourAndMore = { from: FIRST, until: SECOND + 2 * DAY };
    expect(await told("S1", FIRST)).toEqual({
      first: new Date(FIRST).toISOString(),
      days: 30,
      profile: new Date(FIRST).toISOString(),
    });
    // Days are told by what is known of their weeks, a profile by its four.
    expect(await told("S1", FIRST + 1)).toEqual({
      first: new Date(FIRST + 7 * DAY).toISOString(),
      days: 23,
      profile: undefined,
    });
  });

  it("of a small office no level, and the days of its group", async () => {
    const view = await past("K3", { from: SECOND, until: SECOND + DAY });
    expect([view.suppressed, view.t, view.laeqDba]).toEqual(["in-group", [], []]);
    expect(view.daily).toMatchObject({
      rooms: ["K3", "K4", "K5"],
      days: [{ day: "2026-11-29T23:00:00.000Z", conversations: 5, minutes: 100 }],
    });
  });

  it("of a conversation room the profile of four weeks, and the days of all of them", async () => {
    const view = await past("S1", { from: SECOND - DAY, until: SECOND + DAY });
    expect([view.suppressed, view.daily?.rooms]).toEqual(["conversation-room", ["S1", "S2", "S3", "S4", "S5"]]);
    expect(view.profile).toMatchObject({ from: "2026-11-01T23:00:00.000Z", to: "2026-11-29T23:00:00.000Z" });
    expect(view.profile!.cells.filter(({ weekday, inUse }) => weekday === "monday" && inUse !== 0)).toContainEqual({
      weekday: "monday",
      hour: 9,
      inUse: { least: 25, most: 50 },
    });
    expect((await past("S1")).profile).toBeNull();
  });
});

describe("a pair's past, in groups", () => {
  const past = async (from: string) =>
    PairHistoryView.parse(
      await pairHistory(sources, findPair(site, from, "G1")!, { from: FIRST, until: SECOND + 7 * DAY }, sight),
    );

  it("has no minutes; days where the room is told by day, otherwise a value of four weeks", async () => {
    const large = await past("K1");
    expect([large.minutes.t, large.byHearing, large.shares?.inaudible, large.days.length]).toEqual([[], null, 60, 25]);
    const small = await past("K3");
    expect(small.days).toEqual([
      {
        day: "2026-11-01T23:00:00.000Z",
        episodes: null,
        ld: [30, 30, 30, 30, 30],
        sigma: [0.1, 0.1, 0.1, 0.1, 0.1],
        bound: [null, null, null, null, null],
      },
    ]);
  });

  it("tells the background by day only of a listening room that is told by day", async () => {
    const hours = async (from: string, to: string, period: Interval) => {
      const withBackground = async (selection: Selection) =>
        selection.measurement === "background_1h" ? within(backgrounds, selection) : select(selection);
      const quiet = { site, history: { ...sources.history, select: withBackground } };
      const { noiseByHour } = await pairHistory(quiet, findPair(site, from, to)!, period, sight);
      return noiseByHour.map(({ hour }) => hour);
    };
    const aDay = { from: FIRST, until: FIRST + DAY };
    expect(await hours("K1", "G1", aDay)).toEqual([9]);
    expect([await hours("G1", "K3", aDay), await hours("G1", "S1", aDay)]).toEqual([[], []]);
    expect([await hours("G1", "K3", four), await hours("G1", "S1", four)]).toEqual([[9], [9]]);
  });
});
