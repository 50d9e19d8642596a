/** What every maker of history promises; run against each by history.test.ts. */
import { describe, expect, it } from "vitest";
import { type FieldValue, type History, HistoryError, type Point, TypeConflict } from "./history.ts";
import { type FieldType, type Measurement, measurementNames, retentionDays, shapeOf } from "./measurements.ts";

/** A database for one test, and what can happen to it. */
export interface Arrangement extends AsyncDisposable {
  /** A history on this database; opened again it sees the same points. */
  open(): History;
  /** Makes the database unreachable, and reachable again with the data it had. */
  away(): Promise<void>;
  back(): Promise<void>;
  /** An embedded database that another process holds can still be read. */
  readonly readsWhileAway: boolean;
  /** The database after it has crashed and come back. */
  crash(): Promise<void>;
  /** Histories that a person must set right first, by what is wrong with them. */
  readonly wrong: Readonly<Record<string, () => History | Promise<History>>>;
  /** Leaves `level.laeq` in the database as a whole number, where there was nothing before. */
  conflict(): Promise<void>;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Near the present, because a database with retention of its own refuses the past. */
const T = Math.floor(Date.now() / MINUTE) * MINUTE - DAY;
const all = { from: T - DAY, to: T + DAY };

const tagsOf = (measurement: Measurement, device = "k1-a") =>
  Object.fromEntries(shapeOf(measurement).tags.map((tag) => [tag, { site: "demo", room: "K1" }[tag] ?? device]));

const sample: Record<FieldType, FieldValue> = { float: 41.5, count: 42, boolean: true, string: "dialogue" };
/** A point with every field of its measurement. */
const full = (measurement: Measurement): Point => ({
  measurement,
  tags: tagsOf(measurement),
  t: T,
  fields: Object.fromEntries(Object.entries(shapeOf(measurement).fields).map(([f, type]) => [f, sample[type]])),
});

const level = (t: number, laeq = 40, device = "k1-a", more: Record<string, FieldValue> = {}): Point => ({
  measurement: "level",
  tags: tagsOf("level", device),
  t,
  fields: { laeq, ...more },
});

const failing = async (work: Promise<unknown>): Promise<HistoryError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HistoryError);
  return error as HistoryError;
};

export function historyContract(name: string, arrange: () => Promise<Arrangement>): void {
  describe(name, () => {
    const on = (claim: string, story: (history: History, arrangement: Arrangement) => Promise<void>) =>
      it(claim, async () => {
        await using arrangement = await arrange();
        await using history = arrangement.open();
        await history.prepare();
        await story(history, arrangement);
      });

    on("every measurement comes back as it was written, with every type of field", async (history) => {
      const written = measurementNames.map(full);
      await history.write(written);
      const found = await Promise.all(measurementNames.map((measurement) => history.select({ measurement, ...all })));
      expect(found).toEqual(written.map((point) => [point]));
    });

    on("values at the edge of their type come back exactly", async (history) => {
      const points = [
        level(T, 0.1 + 0.2, "k1-a", { noiseLimited: false, clipped: true }),
        level(T + 1, -10.5),
        level(T + 2, 1e-7),
        level(T + 3, 1.5e21),
        { ...full("presence"), fields: { occupied: false, since: T + 0.5, hint: "" } },
        { ...full("health"), fields: { uptime: 0, outbox: 2 ** 31, dropped: Number.MAX_SAFE_INTEGER } },
      ];
      await history.write(points);
      expect(await history.select({ measurement: "level", ...all })).toEqual(points.slice(0, 4));
      expect(await history.select({ measurement: "presence", ...all })).toEqual([points[4]]);
      expect(await history.select({ measurement: "health", ...all })).toEqual([points[5]]);
    });

    on("odd strings come back as they are", async (history) => {
      const odd = ['a"b', "a\\b", "\\", "a\\", '\\"', "a\nb", "a,b =c", "åøÆ 音 🔒", "'; DROP TABLE level; --", "  "];
      const points = odd.map((hint, i): Point => ({ ...full("conversation"), t: T + i, fields: { seconds: i, hint } }));
      await history.write(points);
      expect(await history.select({ measurement: "conversation", ...all })).toEqual(points);
    });

    on("odd tags come back as they are, and select exactly themselves", async (history) => {
      const odd = ["a b", "a,b", "a=b", 'a"b', "a'b", "a\\b", "åØ 🔒", "' OR 1=1 --", "\\'", "x\\' OR ''='"];
      const points = odd.map((room, i): Point => ({ ...level(T + i), tags: { ...tagsOf("level"), room } }));
      await history.write(points);
      expect(await history.select({ measurement: "level", ...all })).toEqual(points);
      for (const [i, room] of odd.entries())
        expect(await history.select({ measurement: "level", ...all, tags: { room } })).toEqual([points[i]]);
    });

    on("written twice, a point is there once, with the later values and the fields of both", async (history) => {
      await history.write([level(T, 40, "k1-a", { l90: 30, clipped: true })]);
      await history.write([level(T, 50, "k1-a", { lafmax: 70 }), level(T, 50, "k1-a", { lafmax: 71 })]);
      expect(await history.count({ measurement: "level", ...all })).toBe(1);
      expect(await history.select({ measurement: "level", ...all })).toEqual([
        level(T, 50, "k1-a", { lafmax: 71, l90: 30, clipped: true }),
      ]);
    });

    on("points come in order of time, then of tags", async (history) => {
      const ordered = [
        level(T, 1, "a"),
        level(T, 2, "b"),
        level(T, 3, "c"),
        level(T + 10, 4, "b"),
        level(T + 20, 5, "a"),
      ];
      await history.write([3, 0, 4, 2, 1].map((i) => ordered[i]!));
      expect(await history.select({ measurement: "level", ...all })).toEqual(ordered);
    });

    on("a selection takes its first moment and not its last, and every given tag must be equal", async (history) => {
      const points = [level(T, 1, "a"), level(T + 1, 2, "b"), level(T + 2, 3, "a")];
      await history.write(points);
      const range = { measurement: "level", from: T, to: T + 2 } as const;
      expect(await history.select(range)).toEqual(points.slice(0, 2));
      expect(await history.count(range)).toBe(2);
      expect(await history.select({ ...range, tags: { device: "a", room: "K1" } })).toEqual([points[0]]);
      expect(await history.count({ ...range, tags: { device: "a", room: "K2" } })).toBe(0);
      expect(await history.select({ ...range, tags: { device: "A" } })).toEqual([]);
    });

    on("a selection of some fields has these and the first, also of points that lack them", async (history) => {
      const points = [level(T, 1, "a", { l90: 30, lafmax: 50 }), level(T + 1, 2, "a", { lafmax: 51 })];
      await history.write(points);
      expect(await history.select({ measurement: "level", ...all, fields: ["l90"] })).toEqual([
        level(T, 1, "a", { l90: 30 }),
        level(T + 1, 2, "a"),
      ]);
    });

    on("counts are added up per combination of tags: as many as a selection would answer", async (history) => {
      const rolled = (t: number, room: string, n: number): Point => ({
        ...full("level_1h"),
        tags: { ...tagsOf("level_1h"), room },
        t,
        fields: { ...full("level_1h").fields, n },
      });
      await history.write([rolled(T, "b", 1), rolled(T + 1, "b", 2), rolled(T + 2, "b", 4), rolled(T, "a", 8)]);
      const range = { measurement: "level_1h", tags: { site: "demo" }, from: T, to: T + 2, fields: ["n"] } as const;
      const tags = tagsOf("level_1h");
      expect(await history.sums(range)).toEqual([
        { tags: { ...tags, room: "a" }, sums: { n: 8 } },
        { tags: { ...tags, room: "b" }, sums: { n: 3 } },
      ]);
      expect(await history.sums({ ...range, tags: { room: "c" } })).toEqual([]);
      const minutes = { minutes: 5, clearly: 2 };
      await history.write([{ ...full("leak_1d"), fields: minutes }]);
      const leaks = { measurement: "leak_1d", ...all, fields: ["clearly", "words"] } as const;
      expect(await history.sums(leaks)).toEqual([{ tags: tagsOf("leak_1d"), sums: { clearly: 2, words: 0 } }]);
    });

    on("pairs of rooms are kept in both directions, by the names that their tags have", async (history) => {
      const leak = (from: string, to: string, t: number): Point => ({
        measurement: "leak",
        tags: { site: "demo", from, to },
        t,
        fields: { hearing: "words", state: "private", snr: -13.5, ld250: 30 },
      });
      const points = [leak("K1", "K2", T), leak("K2", "K1", T), leak("K1", "K2", T + MINUTE)];
      await history.write(points.toReversed());
      expect(await history.select({ measurement: "leak", ...all })).toEqual(points);
      const there = { measurement: "leak", ...all, tags: { site: "demo", from: "K1", to: "K2" } } as const;
      expect(await history.select(there)).toEqual([points[0], points[2]]);
      expect(await history.count(there)).toBe(2);
    });

    on("nothing in, nothing out", async (history) => {
      await history.write([]);
      expect(await history.select({ measurement: "level", ...all })).toEqual([]);
      expect(await history.count({ measurement: "level", ...all })).toBe(0);
    });

    on("twenty thousand points in one go are all there", async (history) => {
      const points = Array.from({ length: 20_000 }, (_, i) => level(T + Math.floor(i / 20), i, `d${i % 20}`));
      await history.write(points);
      expect(await history.count({ measurement: "level", ...all })).toBe(20_000);
      const one = await history.select({ measurement: "level", ...all, tags: { device: "d7" } });
      expect(one).toEqual(points.filter((p) => p.tags.device === "d7"));
    });

    on("a parcel is made of one walk and sent when its maker likes", async (history) => {
      const points = [...measurementNames.map(full), ...Array.from({ length: 3000 }, (_, i) => level(T + 1 + i, i))];
      let walks = 0;
      const parcel = history.pack({
        [Symbol.iterator]: () => {
          walks++;
          return points.values();
        },
      });
      expect(await history.count({ measurement: "level", ...all })).toBe(0);
      await parcel.store();
      expect(walks).toBe(1);
      const found = await Promise.all(measurementNames.map((measurement) => history.select({ measurement, ...all })));
      expect(found).toEqual(measurementNames.map((name) => points.filter(({ measurement }) => measurement === name)));

      const spoilt = history.pack([level(T + 10_000), level(T + 0.5), level(T + 10_001)]);
      expect((await failing(spoilt.store())).failure).toBe("refused");
      expect(await history.count({ measurement: "level", ...all })).toBe(3001);
    });

    on("what does not conform is refused, and nothing of it stored", async (history) => {
      const unfit: [string, Point][] = [
        ["field laeq is no float", level(T, Number.NaN)],
        ["field clipped is no boolean", level(T, 40, "k1-a", { clipped: 1 })],
        ["field n is no count", { ...full("level_1m"), fields: { laeq: 40, n: 1.5 } }],
        ["text is no field of level", level(T, 40, "k1-a", { text: "hello" })],
        ["person is no tag of level", { ...level(T), tags: { ...tagsOf("level"), person: "x" } }],
        ["tag device is missing", { ...level(T), tags: { site: "demo", room: "K1", device: "" } }],
        ["field laeq is missing", { ...level(T), fields: { l90: 30 } }],
        ["no whole number of milliseconds", level(T + 0.5)],
        ["a character that no tag can carry", { ...level(T), tags: { ...tagsOf("level"), room: "K1\nlevel x=1" } }],
      ];
      for (const [why, point] of unfit) {
        const error = await failing(history.write([point]));
        expect([error.failure, error.message]).toEqual(["refused", expect.stringContaining(why)]);
      }
      expect(await history.count({ measurement: "level", ...all })).toBe(0);
    });

    on("preparing again changes nothing", async (history, arrangement) => {
      await history.write([level(T)]);
      await history.prepare();
      await using second = arrangement.open();
      await second.prepare();
      expect(await second.select({ measurement: "level", ...all })).toEqual([level(T)]);
    });

    on(
      "an absent database is unavailable, for writing and reading; afterwards all works again",
      async (history, arrangement) => {
        await history.write([level(T)]);
        await arrangement.away();
        expect((await failing(history.write([level(T + 1)]))).failure).toBe("unavailable");
        if (!arrangement.readsWhileAway)
          expect((await failing(history.select({ measurement: "level", ...all }))).failure).toBe("unavailable");
        await arrangement.back();
        await history.write([level(T + 1), level(T + 2)]);
        expect(await history.count({ measurement: "level", ...all })).toBe(3);
      },
    );

    on("what was written is there after a crash", async (history, arrangement) => {
      await history.write([level(T), level(T + 1)]);
      await arrangement.crash();
      await using reopened = arrangement.open();
      expect(await reopened.count({ measurement: "level", ...all })).toBe(2);
    });

    it("what a person must set right is held, whether preparing or writing", async () => {
      await using arrangement = await arrange();
      for (const [what, open] of Object.entries(arrangement.wrong)) {
        await using history = await open();
        expect([what, (await failing(history.prepare())).failure]).toEqual([what, "held"]);
        expect([what, (await failing(history.write([level(T)]))).failure]).toEqual([what, "held"]);
      }
    });

    it("a field that the database has with another type stops the start, and says which", async () => {
      await using arrangement = await arrange();
      await arrangement.conflict();
      await using history = arrangement.open();
      const error = await failing(history.prepare());
      expect(error).toBeInstanceOf(TypeConflict);
      expect([error.failure, error.message]).toEqual(["held", expect.stringContaining("level.laeq")]);
    });

    on("when people talk goes with the minutes, what a boundary is stays with the hours", async (history) => {
      const behaviour = ["conversation", "leak", "leak_1h", "leak_1d"] as const;
      const building = ["background_1h", "boundary"] as const;
      await history.write([...behaviour, ...building].map(full));
      await history.purge(T + 1 + retentionDays.minute * DAY);
      const counts = (names: readonly Measurement[]) =>
        Promise.all(names.map((measurement) => history.count({ measurement, ...all })));
      expect(await counts(behaviour)).toEqual([0, 0, 0, 0]);
      expect(await counts(building)).toEqual([1, 1]);
    });

    on("a purge removes what is older than its tier keeps, and answers what is oldest now", async (history) => {
      const hour = { ...full("level_1h"), t: T };
      await history.write([level(T), level(T + 1), level(T + 2), hour]);
      const oldest = (await history.purge(T + 1 + retentionDays.raw * DAY)).filter((o) => o.oldest !== null);
      expect(oldest).toEqual([
        { measurement: "level", oldest: T + 1 },
        { measurement: "level_1h", oldest: T },
      ]);
      expect(await history.select({ measurement: "level", ...all })).toEqual([level(T + 1), level(T + 2)]);
      const later = await history.purge(T + 3 + retentionDays.raw * DAY);
      expect(later.find((o) => o.measurement === "level")).toEqual({ measurement: "level", oldest: null });
      expect(await history.count({ measurement: "level", ...all })).toBe(0);
      expect(await history.select({ measurement: "level_1h", ...all })).toEqual([hour]);
      await history.write([level(T + 5)]);
      expect(await history.count({ measurement: "level", ...all })).toBe(1);
    });
  });
}
