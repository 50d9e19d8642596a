import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Failure, HistoryError, type Point, TypeConflict } from "./history.ts";
import { createWriteAround } from "./write-around.ts";

const point = (t: number): Point => ({ measurement: "level", tags: { device: "k1" }, t, fields: { laeq: 40 } });
const points = (count: number, from = 0) => Array.from({ length: count }, (_, i) => point(from + i));

/** A database that refuses a write with any point of these times in it, and counts what it is asked. */
function picky(isBad: (t: number) => boolean, prepare: () => Promise<void> = async () => {}) {
  const stored = new Set<number>();
  const asked = { writes: 0, prepares: 0 };
  const write = createWriteAround({
    prepare: () => {
      asked.prepares++;
      return prepare();
    },
    write: async (written) => {
      asked.writes++;
      if (written.some(({ t }) => isBad(t))) throw new HistoryError("not this one", "refused");
      for (const { t } of written) stored.add(t);
    },
  });
  return { write, stored, asked };
}
const failureOf = (work: Promise<unknown>): Promise<[Failure, string]> =>
  work.then(
    () => Promise.reject(new Error("it was written")),
    (error: HistoryError) => [error.failure, error.message],
  );

describe("writing around bad points", () => {
  it("whichever points are bad, if the database takes one, exactly these are named and all others stored", () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(60), { maxLength: 40 }),
        fc.integer({ min: 42, max: 61 }),
        async (bad, count) => {
          const { write, stored } = picky((t) => bad.includes(t));
          const inside = bad.filter((t) => t < count).toSorted((a, b) => a - b);
          expect((await write(points(count))).map(({ index, why }) => [index, why])).toEqual(
            inside.map((t) => [t, "not this one"]),
          );
          expect(stored.size).toBe(count - inside.length);
        },
      ),
    ));

  it("a lone bad point is bad when the database takes again what it took before", async () => {
    const { write, asked } = picky((t) => t === 7);
    await write([point(1)]);
    expect(await write([point(7)])).toEqual([{ index: 0, why: "not this one" }]);
    expect(asked).toEqual({ writes: 3, prepares: 1 });
  });

  it("when it does not, the database is what is wrong, and a large batch is not taken apart for it", async () => {
    let closed = false;
    const { write, asked } = picky(() => closed);
    await write(points(10));
    closed = true;
    expect(await failureOf(write([point(7)]))).toEqual(["held", "the database takes no point: not this one"]);
    asked.writes = 0;
    expect(await failureOf(write(points(4096)))).toEqual(["held", "the database takes no point: not this one"]);
    expect(asked.writes).toBe(14);
  });

  it("nothing stored yet and nothing taken: held, after a look at some of them", async () => {
    const { write, asked } = picky(() => true);
    expect((await failureOf(write([point(1)])))[0]).toBe("held");
    asked.writes = 0;
    expect((await failureOf(write(points(5000))))[0]).toBe("held");
    expect(asked.writes).toBeLessThan(300);
  });

  it("asks for the types before it calls a point bad, once a batch", async () => {
    const conflict = new TypeConflict(["level.laeq is integer"]);
    const changed = picky(
      (t) => t % 2 === 1,
      () => Promise.reject(conflict),
    );
    await expect(changed.write(points(100))).rejects.toBe(conflict);
    const same = picky((t) => t % 2 === 1);
    expect(await same.write(points(100))).toHaveLength(50);
    expect(same.asked.prepares).toBe(1);
  });

  it("any other failure ends it", async () => {
    const write = createWriteAround({
      prepare: async () => {},
      write: () => Promise.reject(new HistoryError("away", "unavailable")),
    });
    expect(await failureOf(write(points(5)))).toEqual(["unavailable", "away"]);
    expect(await write([])).toEqual([]);
  });
});
