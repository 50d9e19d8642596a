/** Writes points around those that the database refuses. */
import { type History, HistoryError, type Parcel, type Point } from "./history.ts";

export interface Refused {
  readonly index: number;
  readonly why: string;
}

/** Points that are to be stored together, ready to be sent. */
export interface Lot extends Parcel {
  readonly count: number;
  readonly last: Point | undefined;
  /** All of them, for who has to take it apart. */
  points(): readonly Point[];
}

/**
 * Resolves when every point is stored or known to be bad: a refused batch is halved until the bad points stand alone.
 * Throws what the database throws otherwise; then some points may be stored, and all may be written again.
 */
export type WriteAround = (points: readonly Point[] | Lot) => Promise<readonly Refused[]>;

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
  const refusal = async ({ store, last }: Pick<Lot, "store" | "last">): Promise<string | undefined> => {
    try {
      await store();
    } catch (error) {
      if (error instanceof HistoryError && error.failure === "refused") return error.message;
      throw error;
    }
    witness = last;
    return undefined;
  };
  const lotOf = (points: readonly Point[]): Lot => ({
    count: points.length,
    last: points.at(-1),
    store: () => history.write(points),
    points: () => points,
  });

  return async (given) => {
    const lot = isLot(given) ? given : lotOf(given);
    if (lot.count === 0) return [];
    const refused: Refused[] = [];
    let takesOthers = false;

    const doubt = async () => {
      if (refused.length === 1) await history.prepare();
      if (takesOthers) return;
      if (witness !== undefined) takesOthers = (await refusal(lotOf([witness]))) === undefined;
      if (!takesOthers && (witness !== undefined || refused.length === ENOUGH)) throw takesNone(refused);
    };
    /** `from`: the place of its first point among all. */
    const write = async (part: Lot, from: number): Promise<void> => {
      const why = await refusal(part);
      if (why === undefined) {
        takesOthers = true;
      } else if (part.count === 1) {
        refused.push({ index: from, why });
        await doubt();
      } else {
        const points = part.points();
        const middle = points.length >>> 1;
        await write(lotOf(points.slice(0, middle)), from);
        await write(lotOf(points.slice(middle)), from + middle);
      }
    };

    await write(lot, 0);
    if (refused.length > 0 && !takesOthers) throw takesNone(refused);
    return refused;
  };
}

const isLot = (given: readonly Point[] | Lot): given is Lot => !Array.isArray(given);

const takesNone = (refused: readonly Refused[]) =>
  new HistoryError(`the database takes no point: ${refused.at(-1)!.why}`, "held");
