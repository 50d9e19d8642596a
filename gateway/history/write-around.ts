/** Writes points around those that the database refuses. */
import { type History, HistoryError, type Point } from "./history.ts";

export interface Refused {
  readonly index: number;
  readonly why: string;
}

/**
 * Resolves when every point is stored or known to be refused: a refused batch is halved until the bad points stand alone.
 * Throws what the database throws otherwise; then some points may be stored, and all may be written again.
 */
export async function writeAround(
  history: Pick<History, "write">,
  points: readonly Point[],
): Promise<readonly Refused[]> {
  const refused: Refused[] = [];
  const write = async (from: number, to: number): Promise<void> => {
    if (from === to) return;
    try {
      await history.write(from === 0 && to === points.length ? points : points.slice(from, to));
    } catch (error) {
      if (!(error instanceof HistoryError) || error.failure !== "refused") throw error;
      if (to - from === 1) {
        refused.push({ index: from, why: error.message });
        return;
      }
      const middle = (from + to) >>> 1;
      await write(from, middle);
      await write(middle, to);
    }
  };
  await write(0, points.length);
  return refused;
}
