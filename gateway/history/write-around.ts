/** Writes points around those that the database refuses. */
import { type History, HistoryError, type Point } from "./history.ts";

export interface Refused {
  readonly index: number;
  readonly why: string;
}

/**
 * Resolves when every point is stored or known to be bad: a refused batch is halved until the bad points stand alone.
 * Throws what the database throws otherwise; then some points may be stored, and all may be written again.
 */
export type WriteAround = (points: readonly Point[]) => Promise<readonly Refused[]>;

/** So many refused points without one that is taken say enough. */
const ENOUGH = 100;

/**
 * A point is bad only if the database takes others. When it takes none, not even one that it has taken before, or when
 * its types are not ours any more, the points are kept: it is the database, or something before it, that somebody must
 * set right (`held`).
 */
export function createWriteAround(history: Pick<History, "prepare" | "write">): WriteAround {
  /** What the database took last: written again it changes nothing, and says whether the database takes anything. */
  let witness: Point | undefined;

  /** Why the database refuses some of the points; undefined when it has stored them. */
  const refusal = async (points: readonly Point[]): Promise<string | undefined> => {
    try {
      await history.write(points);
    } catch (error) {
      if (error instanceof HistoryError && error.failure === "refused") return error.message;
      throw error;
    }
    witness = points.at(-1);
    return undefined;
  };

  return async (points) => {
    const refused: Refused[] = [];
    let takesOthers = false;

    const doubt = async () => {
      if (refused.length === 1) await history.prepare();
      if (takesOthers) return;
      if (witness !== undefined) takesOthers = (await refusal([witness])) === undefined;
      if (!takesOthers && (witness !== undefined || refused.length === ENOUGH)) throw takesNone(refused);
    };
    const write = async (from: number, to: number): Promise<void> => {
      if (from === to) return;
      const why = await refusal(from === 0 && to === points.length ? points : points.slice(from, to));
      if (why === undefined) {
        takesOthers = true;
      } else if (to - from === 1) {
        refused.push({ index: from, why });
        await doubt();
      } else {
        const middle = (from + to) >>> 1;
        await write(from, middle);
        await write(middle, to);
      }
    };

    await write(0, points.length);
    if (refused.length > 0 && !takesOthers) throw takesNone(refused);
    return refused;
  };
}

const takesNone = (refused: readonly Refused[]) =>
  new HistoryError(`the database takes no point: ${refused.at(-1)!.why}`, "held");
