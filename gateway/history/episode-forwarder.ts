/**
 * Finished conversations → points. The journal keeps episodes for good, so nothing is queued: what ended lately is looked
 * up again and again, and written when it is new. An episode may be recorded long after it ended, when a device's backlog
 * arrives; the deep look reaches back as far as a clock may be behind.
 */
import type { Id } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import type { Episode } from "../detect/facts.ts";
import type { Journal } from "../journal/journal.ts";
import type { History } from "./history.ts";
import { pointOfEpisode } from "./points.ts";
import { writeAround } from "./write-around.ts";

const HOUR_MS = 3_600_000;
const LOOK_EVERY_MS = 5000;
const DEEP_LOOK_EVERY_MS = 10 * 60_000;
/** The oldest reading that ingest takes (DESIGN §4). */
const DEEP_MS = 7 * 24 * HOUR_MS;
const BATCH = 5000;

export interface EpisodeForwarder {
  /**
   * Writes finished episodes that history does not hold; `now`: look deeply, whatever the time. Answers how many the
   * database refused; the journal keeps them, and they are not tried again before a restart. Throws HistoryError.
   */
  forward(now: boolean): Promise<number>;
  /** The database may have lost what it had confirmed: everything within reach is written again. */
  again(): void;
}

type Finished = Episode & { readonly end: number };
const NOTE = "episode-forwarder";

export function createEpisodeForwarder(options: {
  readonly journal: Pick<Journal, "episodes" | "note" | "setNote">;
  readonly history: Pick<History, "write">;
  readonly clock: Clock;
  readonly site: Id;
}): EpisodeForwarder {
  const { journal, history, clock, site } = options;
  const written = new Map<string, number>();
  let nextLookAt = 0;
  let nextDeepLookAt = 0;

  const unwritten = async (from: number): Promise<Finished[]> => {
    const episodes = await journal.episodes(Math.max(0, from), clock.now() + HOUR_MS);
    return episodes.filter((episode): episode is Finished => episode.end !== null && !written.has(identityOf(episode)));
  };
  const write = async (episodes: readonly Finished[]): Promise<number> => {
    let refused = 0;
    for (let i = 0; i < episodes.length; i += BATCH) {
      const points = episodes.slice(i, i + BATCH).map((episode) => pointOfEpisode(site, episode));
      refused += (await writeAround(history, points)).length;
    }
    for (const episode of episodes) written.set(identityOf(episode), episode.end);
    return refused;
  };
  /** From the last deep look on, back as far as late news may reach; the first look ever sees everything. */
  const lookDeeply = async (): Promise<number> => {
    const now = clock.now();
    const last = Number((await journal.note(NOTE)) ?? 0);
    const refused = await write(await unwritten(Math.min(last, now) - DEEP_MS));
    await journal.setNote(NOTE, String(now));
    for (const [identity, end] of written) if (end < now - DEEP_MS) written.delete(identity);
    nextDeepLookAt = now + DEEP_LOOK_EVERY_MS;
    return refused;
  };

  return {
    async forward(now) {
      if (!now && clock.now() < nextLookAt) return 0;
      const deep = now || clock.now() >= nextDeepLookAt;
      const refused = deep ? await lookDeeply() : await write(await unwritten(clock.now() - HOUR_MS));
      nextLookAt = clock.now() + LOOK_EVERY_MS;
      return refused;
    },
    again() {
      written.clear();
      nextLookAt = 0;
      nextDeepLookAt = 0;
    },
  };
}

/** Recorded again with another end or hint, it is written again, over the old point. */
const identityOf = ({ room, start, end, hint }: Episode): string => `${room} ${start} ${end} ${hint}`;
