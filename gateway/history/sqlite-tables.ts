/**
 * The tables of the embedded history, derived from the table of measurements. Two per measurement: `level_series` gives
 * each combination of tags a number, `level` has a row per series and time. Rows of a series lie together in order of
 * time, so that a range of time is one walk per series and a replayed point finds itself.
 */
import type { FieldType, Measurement, Shape } from "./measurements.ts";

const columnType: Readonly<Record<FieldType, string>> = {
  float: "REAL",
  count: "INTEGER",
  boolean: "INTEGER",
  string: "TEXT",
};

const quote = (name: string): string => `"${name}"`;
const columns = (names: readonly string[], prefix = ""): string => names.map((n) => prefix + quote(n)).join(", ");
export const fieldsOf = (shape: Shape): string[] => Object.keys(shape.fields);

export const createTables = (measurement: Measurement, shape: Shape): string => `
  CREATE TABLE IF NOT EXISTS "${measurement}_series" (
    id INTEGER PRIMARY KEY, ${shape.tags.map((tag) => `${quote(tag)} TEXT NOT NULL`).join(", ")},
    UNIQUE (${columns(shape.tags)})
  ) STRICT;
  CREATE TABLE IF NOT EXISTS "${measurement}" (
    series INTEGER NOT NULL, t INTEGER NOT NULL,
    ${Object.entries(shape.fields)
      .map(([field, type]) => `${quote(field)} ${columnType[type]}`)
      .join(", ")},
    PRIMARY KEY (series, t)
  ) STRICT, WITHOUT ROWID;`;

/** What an existing table lacks (statements that add it) and where its types differ. */
export function compareColumns(
  measurement: Measurement,
  shape: Shape,
  existing: ReadonlyMap<string, string>,
): { readonly add: string[]; readonly conflicts: string[] } {
  const add: string[] = [];
  const conflicts: string[] = [];
  for (const [field, type] of Object.entries(shape.fields)) {
    const found = existing.get(field);
    if (found === undefined) add.push(`ALTER TABLE "${measurement}" ADD COLUMN ${quote(field)} ${columnType[type]}`);
    else if (found !== columnType[type])
      conflicts.push(`${measurement}.${field} is ${found}, not ${columnType[type]} (${type})`);
  }
  return { add, conflicts };
}

export const findSeries = (measurement: Measurement, shape: Shape): string =>
  `INSERT INTO "${measurement}_series" (${columns(shape.tags)}) VALUES (${shape.tags.map(() => "?").join(", ")})
   ON CONFLICT DO UPDATE SET ${quote(shape.tags[0]!)} = ${quote(shape.tags[0]!)} RETURNING id`;

/** Written again, a row keeps the fields that the new point does not have. */
export function upsert(measurement: Measurement, shape: Shape): string {
  const fields = fieldsOf(shape);
  const keep = fields.map((f) => `${quote(f)} = coalesce(excluded.${quote(f)}, ${quote(f)})`);
  return `INSERT INTO "${measurement}" (series, t, ${columns(fields)}) VALUES (?, ?, ${fields.map(() => "?").join(", ")})
    ON CONFLICT (series, t) DO UPDATE SET ${keep.join(", ")}`;
}

const matching = (measurement: Measurement, tags: readonly string[]): string =>
  `FROM "${measurement}_series" s CROSS JOIN "${measurement}" p ON p.series = s.id AND p.t >= ? AND p.t < ?
   ${tags.length > 0 ? `WHERE ${tags.map((tag) => `s.${quote(tag)} = ?`).join(" AND ")}` : ""}`;

/** Rows of time, number of the series and `fields`. Parameters: from, to, then the value of each tag in `tags`. */
export const selectRows = (
  measurement: Measurement,
  shape: Shape,
  fields: readonly string[],
  tags: readonly string[],
): string =>
  `SELECT p.t, s.id, ${columns(fields, "p.")} ${matching(measurement, tags)}
   ORDER BY p.t, ${columns(shape.tags, "s.")}`;

/** Rows of the number of a series and its tags. */
export const allSeries = (measurement: Measurement, shape: Shape): string =>
  `SELECT id, ${columns(shape.tags)} FROM "${measurement}_series"`;

export const countRows = (measurement: Measurement, tags: readonly string[]): string =>
  `SELECT count(*) ${matching(measurement, tags)}`;

/** Rows of the tags of a series and the sums of `fields` in it. Parameters as of `selectRows`. */
export const sumRows = (
  measurement: Measurement,
  shape: Shape,
  fields: readonly string[],
  tags: readonly string[],
): string =>
  `SELECT ${columns(shape.tags, "s.")}, ${fields.map((field) => `sum(p.${quote(field)})`).join(", ")}
   ${matching(measurement, tags)} GROUP BY s.id ORDER BY ${columns(shape.tags, "s.")}`;

export const oldestRow = (measurement: Measurement): string =>
  `SELECT min((SELECT min(t) FROM "${measurement}" WHERE series = s.id)) FROM "${measurement}_series" s`;

export const seriesIds = (measurement: Measurement): string => `SELECT id FROM "${measurement}_series"`;
export const deleteBefore = (measurement: Measurement): string =>
  `DELETE FROM "${measurement}" WHERE series = ? AND t < ?`;
/** Tags of which no point is left: a place that is no longer measured leaves no trace. */
export const deleteEmptySeries = (measurement: Measurement): string =>
  `DELETE FROM "${measurement}_series" AS s WHERE NOT EXISTS (SELECT 1 FROM "${measurement}" WHERE series = s.id)`;
