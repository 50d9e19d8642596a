/**
 * What history would hold if everything had been computed once, from all raw points together, by who knows nothing of
 * windows, order or arrival. And points as bytes, so that two answers are equal to the last bit or not at all.
 */
import { rollUpBackground } from "#gateway/history/background-rollup.ts";
import type { History, Point, Selection } from "#gateway/history/history.ts";
import { rollUpLeaks } from "#gateway/history/leak-rollup.ts";
import { Lines } from "#gateway/history/line-protocol.ts";
import { type Measurement, measurements, shapeOf } from "#gateway/history/measurements.ts";
import { rollUp } from "#gateway/history/rollup.ts";

export const rollupMeasurements = ["level_1m", "level_1h", "background_1h", "leak_1h", "leak_1d"] as const;

/** Raw points in the order in which they were stored: of the same series and time the later one overwrites, field by field. */
export function batchOf(stored: readonly Point[]): Pick<History, "select" | "sums"> {
  const raw = merged(stored);
  const of = (measurement: Measurement) => raw.filter((point) => point.measurement === measurement);
  const held: Readonly<Record<string, readonly Point[]>> = {
    ...Object.fromEntries(Object.keys(measurements).map((name) => [name, of(name as Measurement)])),
    level_1m: rollUp(of("level"), "level_1m"),
    level_1h: rollUp(of("level"), "level_1h"),
    background_1h: rollUpBackground(of("spectrum")),
    leak_1h: rollUpLeaks(of("leak"), "leak_1h"),
    leak_1d: rollUpLeaks(of("leak"), "leak_1d"),
  };
  const found = ({ measurement, tags = {}, from, to }: Selection): Point[] =>
    held[measurement]!.filter(
      (point) =>
        point.t >= from && point.t < to && Object.entries(tags).every(([tag, value]) => point.tags[tag] === value),
    ).toSorted(byTimeAndTags);
  return {
    select: async (selection) => found(selection),
    async sums({ fields, ...range }) {
      const sumOf = (points: readonly Point[], field: string) =>
        points.reduce((sum, point) => sum + Number(point.fields[field] ?? 0), 0);
      return Object.values(Object.groupBy(found(range), ({ tags }) => JSON.stringify(tags))).map((points) => ({
        tags: points![0]!.tags,
        sums: Object.fromEntries(fields.map((field) => [field, sumOf(points!, field)])),
      }));
    },
  };
}

function merged(stored: readonly Point[]): Point[] {
  const points = new Map<string, Point>();
  for (const point of stored) {
    const key = `${point.measurement} ${point.t} ${JSON.stringify(point.tags)}`;
    const before = points.get(key);
    points.set(key, before ? { ...point, fields: { ...before.fields, ...point.fields } } : point);
  }
  return [...points.values()];
}

function byTimeAndTags(a: Point, b: Point): number {
  if (a.t !== b.t) return a.t - b.t;
  for (const tag of shapeOf(a.measurement).tags)
    if (a.tags[tag] !== b.tags[tag]) return a.tags[tag]! < b.tags[tag]! ? -1 : 1;
  return 0;
}

/** Everything a history holds of a measurement in [from, to), as line protocol with the fields in the order of the table. */
export async function bytesOf(
  history: Pick<History, "select">,
  measurement: Measurement,
  from: number,
  to: number,
): Promise<string> {
  const points = await history.select({ measurement, from, to });
  const names = Object.keys(shapeOf(measurement).fields);
  const lines = new Lines();
  for (const point of points) {
    const present = names.filter((name) => point.fields[name] !== undefined);
    lines.add({ ...point, fields: Object.fromEntries(present.map((name) => [name, point.fields[name]!])) });
  }
  return Buffer.from(lines.bytes()).toString();
}
