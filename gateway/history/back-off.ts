/** How long to wait before the database is tried again. Pure. */

const FIRST_MS = 500;
const MOST_MS = 30_000;
/** A server may ask for more patience than our own limit, but not for ever. */
const MOST_RETRY_AFTER_MS = 10 * 60_000;

/** Doubles from 0.5 s to 30 s, of which a random half is taken off at most; never shorter than the server asked for. */
export function backOffMs(attempt: number, random: number, retryAfterMs = 0): number {
  const most = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.max(most * (0.5 + random / 2), Math.min(retryAfterMs, MOST_RETRY_AFTER_MS));
}
