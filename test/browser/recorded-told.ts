/** The recorded job centre as those see it who are told of rooms in groups: six weeks of talk, by the gateway's own rules. */
import type { Episode } from "#gateway/detect/facts.ts";
import { groupedSight } from "#gateway/display/sight.ts";
import type { Point, Selection } from "#gateway/history/history.ts";
import { gatherReport } from "#gateway/report/gather.ts";
import { pairHistory } from "#gateway/report/pair-history.ts";
import { findPair } from "#gateway/report/pairs.ts";
import { roomHistory } from "#gateway/report/room-history.ts";
import type { HistoryView, PairHistoryView, ReportView } from "#protocol/api.ts";
import { localTime, startOfDay } from "#protocol/calendar.ts";
import { findRoom } from "#protocol/rooms.ts";
import { site } from "./recorded-site.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEKS = 9;

/** Interviews of half an hour from nine, on working days: as many as the room's place in the list and the day make it. */
function episodesUntil(now: number): Episode[] {
  const days = Array.from({ length: 7 * WEEKS }, (_, i) => startOfDay(now - i * DAY, site.timeZone));
  const open = days.filter(
    (day) => !["saturday", "sunday"].includes(localTime(day + 12 * HOUR, site.timeZone).weekday),
  );
  return open.flatMap((day, i) =>
    site.rooms
      .filter(({ assigned }) => assigned !== 1)
      .flatMap(({ id }, r) =>
        Array.from({ length: (i * 5 + r * 3) % 8 }, (_, n) => {
          const start = day + 9 * HOUR + n * 45 * MINUTE;
          return { room: id, start, end: start + 30 * MINUTE, hint: "dialogue" as const };
        }),
      ),
  );
}

const level = (t: number, room: string): Point => ({
  measurement: "level_1h",
  tags: { site: site.site, room, device: room.toLowerCase() },
  fields: { laeq: 45 + ((t / HOUR) % 7), lafmax: 62, l90: 33, speechRatio: 0.4, n: 360 },
  t,
});
const heard = { inaudible: 40, audible: 20, words: 12, partly: 9, intelligible: 4, clearly: 0, unknown: 15 };

/** Levels of every hour, and of every day what was heard through a boundary. */
function pointsOf({ measurement, tags, from, to }: Selection): Point[] {
  const every = (step: number) =>
    Array.from(
      { length: Math.max(0, Math.ceil((to - from) / step)) },
      (_, i) => Math.ceil(from / step) * step + i * step,
    );
  if (measurement === "level_1h") return every(HOUR).map((t) => level(t, tags?.room ?? "K1"));
  if (measurement !== "leak_1h") return [];
  return every(DAY).map((t) => ({ measurement, tags: { ...tags }, fields: { minutes: 100, ...heard }, t }));
}

function sourcesAt(now: number) {
  const episodes = episodesUntil(now).filter(({ start }) => start < now);
  const pairs = site.boundaries.flatMap(({ between: [a, b] }) => [
    { site: site.site, from: a, to: b },
    { site: site.site, from: b, to: a },
  ]);
  return {
    site,
    history: {
      select: async (selection: Selection) => pointsOf(selection),
      sums: async ({ measurement }: Selection) =>
        measurement === "leak_1d" ? pairs.map((tags) => ({ tags, sums: heard })) : [],
    },
    journal: {
      episodes: async (from: number, to: number) =>
        episodes.filter(({ start, end }) => start < to && (end ?? now) >= from),
      alerts: async () => [],
      note: async () => undefined,
    },
  };
}

/** Times in ms UTC, as the pages ask for them. */
export const told = {
  history: (room: string, from: number, until: number, now: number): Promise<HistoryView> =>
    roomHistory(sourcesAt(now), findRoom(site, room)!, { from, until }, "1h", groupedSight(site, now)),
  pair: (from: string, to: string, fromMs: number, until: number, now: number): Promise<PairHistoryView> =>
    pairHistory(sourcesAt(now), findPair(site, from, to)!, { from: fromMs, until }, groupedSight(site, now)),
  report: (from: number, until: number, now: number): Promise<ReportView> =>
    gatherReport(sourcesAt(now), { from, until }, null, groupedSight(site, now)),
};
