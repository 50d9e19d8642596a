/** The kinds of records that become points, and how late each may come. */
import type { Id } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import type { PairDay, PairMinute } from "../detect/leakage/facts.ts";
import type { Journal } from "../journal/journal.ts";
import { type Finished, overheardOf, pointOfEpisode, pointOfPairDay, pointOfPairMinute } from "./points.ts";
import type { Records } from "./record-forwarder.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The oldest reading that ingest takes (DESIGN §4). */
const LATEST_READING_MS = 7 * DAY_MS;
/** After its end a conversation's last pair minutes are still to come; then it is written once more, with what they say. */
const SETTLED_MS = 5 * MINUTE_MS;

interface Told {
  readonly episode: Finished;
  readonly settled: boolean;
}

export const episodeRecords = (
  site: Id,
  journal: Pick<Journal, "episodes" | "pairMinutes">,
  clock: Clock,
): Records<Told> => ({
  note: "episode-forwarder",
  lookEveryMs: 5000,
  latelyMs: HOUR_MS,
  lateMs: LATEST_READING_MS,
  async find(from, to) {
    const settledBefore = clock.now() - SETTLED_MS;
    return (await journal.episodes(from, to))
      .filter((episode): episode is Finished => episode.end !== null)
      .map((episode) => ({ episode, settled: episode.end < settledBefore }));
  },
  identityOf: ({ episode: { room, start, end, hint }, settled }) => `${room} ${start} ${end} ${hint} ${settled}`,
  endOf: ({ episode }) => episode.end,
  async pointsOf(records) {
    if (records.length === 0) return [];
    const episodes = records.map(({ episode }) => episode);
    const first = episodes.reduce((least, { start }) => Math.min(least, start), Number.POSITIVE_INFINITY);
    const last = episodes.reduce((most, { end }) => Math.max(most, end), 0);
    const minutes = Map.groupBy(await journal.pairMinutes(first - MINUTE_MS, last), ({ from }) => from);
    return episodes.map((episode) =>
      pointOfEpisode(site, episode, overheardOf(episode, minutes.get(episode.room) ?? [])),
    );
  },
});

/** They come from live readings alone, which are never kept for later: an hour is late. */
export const pairMinuteRecords = (site: Id, journal: Pick<Journal, "pairMinutes">): Records<PairMinute> => ({
  note: "pair-minute-forwarder",
  lookEveryMs: 20_000,
  latelyMs: 5 * MINUTE_MS,
  lateMs: HOUR_MS,
  find: journal.pairMinutes,
  identityOf: (minute) => JSON.stringify(minute),
  endOf: ({ t }) => t + MINUTE_MS,
  pointsOf: async (minutes) => minutes.map((minute) => pointOfPairMinute(site, minute)),
});

/** Said anew after each conversation of the day, and found by the midnight it began with: a day may have 25 hours. */
export const pairDayRecords = (site: Id, journal: Pick<Journal, "pairDays">): Records<PairDay> => ({
  note: "pair-day-forwarder",
  lookEveryMs: MINUTE_MS,
  latelyMs: 26 * HOUR_MS,
  lateMs: 2 * DAY_MS,
  find: journal.pairDays,
  identityOf: (day) => JSON.stringify(day),
  endOf: ({ day }) => day + DAY_MS,
  pointsOf: async (days) => days.map((day) => pointOfPairDay(site, day)),
});
