/**
 * InfluxDB 1.x confirms points and loses them when a DELETE, of whatever time, goes on while they are the first of their
 * series in a shard: shards begin every night, and a backlog opens one for each of its days. So a purge waits for the
 * writes under way, and writes that come meanwhile wait for it.
 */
import type { Millis } from "#protocol/quantities.ts";
import type { History, Oldest } from "./history.ts";

export function purgingAlone(history: History): History {
  const writing = new Set<Promise<void>>();
  /** Never rejects. */
  let purging: Promise<void> | undefined;

  async function purgeAfter(before: Promise<void> | undefined, now: Millis): Promise<readonly Oldest[]> {
    await before;
    await Promise.allSettled(writing);
    return history.purge(now);
  }

  async function alone(store: () => Promise<void>): Promise<void> {
    while (purging !== undefined) await purging;
    const write = store();
    writing.add(write);
    try {
      await write;
    } finally {
      writing.delete(write);
    }
  }

  return {
    kind: history.kind,
    prepare: () => history.prepare(),
    write: (points) => alone(() => history.write(points)),
    pack(points) {
      const parcel = history.pack(points);
      return { store: () => alone(() => parcel.store()) };
    },
    select: (selection) => history.select(selection),
    count: (selection) => history.count(selection),
    sums: (summation) => history.sums(summation),
    purge(now) {
      const purge = purgeAfter(purging, now);
      const over = () => {
        if (purging === mine) purging = undefined;
      };
      const mine: Promise<void> = purge.then(over, over);
      purging = mine;
      return purge;
    },
    [Symbol.asyncDispose]: () => history[Symbol.asyncDispose](),
  };
}
