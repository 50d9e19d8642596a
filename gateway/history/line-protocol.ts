/**
 * Points → line protocol, the same for InfluxDB 1.x, 2.x and 3. Types come from the table of measurements alone, so that
 * a field never changes between float and integer. Tags are sorted, times are milliseconds.
 */
import { escape as escaped } from "@influxdata/influxdb-client";
import type { FieldValue, Point } from "./history.ts";
import { type FieldType, type Measurement, measurementNames, type Shape, shapeOf } from "./measurements.ts";

const needsEscape = /[,= \\]/;
const tagValue = (value: string): string => (needsEscape.test(value) ? escaped.tag(value) : value);

function fieldValue(type: FieldType | undefined, value: FieldValue): string {
  switch (type) {
    case "count":
      return `${value}i`;
    case "string":
      return escaped.quoted(value as string);
    default:
      return String(value);
  }
}

function encoderOf(measurement: Measurement, { tags, fields }: Shape): (point: Point) => string {
  const sorted = [...tags].sort();
  return (point) => {
    let line: string = measurement;
    for (const tag of sorted) line += `,${tag}=${tagValue(point.tags[tag]!)}`;
    let separator = " ";
    for (const field in point.fields) {
      line += `${separator}${field}=${fieldValue(fields[field], point.fields[field]!)}`;
      separator = ",";
    }
    return `${line} ${point.t}`;
  };
}

const encoders = Object.fromEntries(measurementNames.map((name) => [name, encoderOf(name, shapeOf(name))])) as Record<
  Measurement,
  (point: Point) => string
>;

/** One line per point. The points must conform (conform.ts). */
export const encodeLines = (points: readonly Point[]): string =>
  points.map((point) => encoders[point.measurement](point)).join("\n");
