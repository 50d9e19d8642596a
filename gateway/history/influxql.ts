/** InfluxQL statements and what their results mean; 1.x, 2.x and 3 all answer them on `/query`. */
import { type FieldValue, type Point, type Selection, type Summation, type Sums, TypeConflict } from "./history.ts";
import { type FieldType, type Measurement, selectedFields, shapeOf } from "./measurements.ts";

export interface QueryResult {
  readonly series?: readonly {
    readonly name?: string;
    /** Of a statement that groups by tags. */
    readonly tags?: Readonly<Record<string, string>>;
    readonly columns: readonly string[];
    readonly values?: readonly (readonly (string | number | boolean | null)[])[];
  }[];
  readonly error?: string;
}

export const quoteName = (name: string): string => `"${name.replace(/[\\"]/g, "\\$&")}"`;
export const quoteText = (text: string): string => `'${text.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n")}'`;

const names = (list: readonly string[]): string => list.map(quoteName).join(", ");
/** `"rp"."measurement"`, or `"measurement"` where the database has but one policy. */
export const sourceOf = (measurement: Measurement, policy: string | undefined): string =>
  policy === undefined ? quoteName(measurement) : `${quoteName(policy)}.${quoteName(measurement)}`;

const where = ({ from, to, tags = {} }: Selection): string =>
  [
    `time >= ${from}ms AND time < ${to}ms`,
    ...Object.entries(tags).map(([tag, value]) => `${quoteName(tag)} = ${quoteText(value)}`),
  ].join(" AND ");

const firstField = (measurement: Measurement): string => Object.keys(shapeOf(measurement).fields)[0]!;

export function selectStatement(selection: Selection, policy?: string): string {
  const fields = selectedFields(selection.measurement, selection.fields);
  const wanted = names([...fields, ...shapeOf(selection.measurement).tags]);
  return `SELECT ${wanted} FROM ${sourceOf(selection.measurement, policy)} WHERE ${where(selection)}`;
}

export const countStatement = (selection: Selection, policy?: string): string =>
  `SELECT count(${quoteName(firstField(selection.measurement))}) FROM ${sourceOf(selection.measurement, policy)} WHERE ${where(selection)}`;

export function sumStatement(summation: Summation, policy?: string): string {
  const { measurement, fields } = summation;
  const wanted = fields.map((field) => `sum(${quoteName(field)}) AS ${quoteName(field)}`).join(", ");
  const source = sourceOf(measurement, policy);
  return `SELECT ${wanted} FROM ${source} WHERE ${where(summation)} GROUP BY ${names(shapeOf(measurement).tags)}`;
}

export const oldestStatement = (measurement: Measurement, policy?: string): string =>
  `SELECT first(${quoteName(firstField(measurement))}) FROM ${sourceOf(measurement, policy)}`;

/** Points of a select, in order of time, then of tags. */
export function pointsOfResult(measurement: Measurement, result: QueryResult): Point[] {
  const { fields, tags } = shapeOf(measurement);
  const points: Point[] = [];
  for (const { columns, values = [] } of result.series ?? []) {
    const tagAt = tags.map((tag) => [tag, columns.indexOf(tag)] as const);
    const fieldAt = Object.keys(fields)
      .filter((field) => columns.includes(field))
      .map((field) => [field, columns.indexOf(field)] as const);
    for (const row of values) {
      const point = { measurement, tags: {} as Record<string, string>, fields: {} as Record<string, FieldValue>, t: 0 };
      point.t = row[0] as number;
      for (const [tag, i] of tagAt) point.tags[tag] = row[i] as string;
      for (const [field, i] of fieldAt) {
        const value = row[i];
        if (value !== null && value !== undefined) point.fields[field] = value;
      }
      points.push(point);
    }
  }
  return points.sort((a, b) => a.t - b.t || byTags(tags, a, b));
}

/** Sums of a sum, in order of tags. */
export function sumsOfResult({ measurement, fields }: Summation, { series = [] }: QueryResult): Sums[] {
  const found = series.map(({ tags = {}, columns, values = [] }) => ({
    tags,
    sums: Object.fromEntries(fields.map((field) => [field, Number(values[0]?.[columns.indexOf(field)] ?? 0)])),
  }));
  return found.sort((a, b) => byTags(shapeOf(measurement).tags, a, b));
}

type Tagged = Pick<Point, "tags">;
function byTags(tags: readonly string[], a: Tagged, b: Tagged): number {
  for (const tag of tags) {
    const [x, y] = [a.tags[tag]!, b.tags[tag]!];
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** The value in a named column of a result's only row; null when there is none. */
export function numberIn(result: QueryResult, column: string): number | null {
  const series = result.series?.[0];
  const value = series?.values?.[0]?.[series.columns.indexOf(column)];
  return typeof value === "number" ? value : null;
}

const influxType: Readonly<Record<FieldType, string>> = {
  float: "float",
  count: "integer",
  boolean: "boolean",
  string: "string",
};

/** Where the types in `SHOW FIELD KEYS` differ from the table of measurements. */
export function fieldConflicts(measurements: readonly Measurement[], result: QueryResult): string[] {
  return (result.series ?? []).flatMap(({ name, values = [] }) => {
    const measurement = measurements.find((known) => known === name);
    if (!measurement) return [];
    const { fields } = shapeOf(measurement);
    return values.flatMap(([field, type]) => {
      const expected = fields[String(field)];
      if (expected === undefined || influxType[expected] === type) return [];
      return [`${measurement}.${field} is ${type}, not ${influxType[expected]}`];
    });
  });
}

/** Throws TypeConflict. */
export function assertNoConflicts(measurements: readonly Measurement[], results: readonly QueryResult[]): void {
  const conflicts = results.flatMap((result) => fieldConflicts(measurements, result));
  if (conflicts.length > 0) throw new TypeConflict(conflicts);
}
