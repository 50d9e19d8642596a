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
  const types = new Map(Object.entries(fields));
  const seriesOf = (point: Point) =>
    sorted.reduce((key, tag) => `${key},${tag}=${tagValue(point.tags[tag]!)}`, measurement as string);
  /** Those of a device are one object, point after point. */
  const known = new WeakMap<Point["tags"], string>();
  return (point) => {
    let line = known.get(point.tags);
    if (line === undefined) {
      line = seriesOf(point);
      if (Object.isFrozen(point.tags)) known.set(point.tags, line);
    }
    let separator = " ";
    for (const field in point.fields) {
      line += `${separator}${field}=${fieldValue(types.get(field), point.fields[field]!)}`;
      separator = ",";
    }
    return `${line} ${point.t}`;
  };
}

const encoders = Object.fromEntries(measurementNames.map((name) => [name, encoderOf(name, shapeOf(name))])) as Record<
  Measurement,
  (point: Point) => string
>;

/** Text is put into the buffer in pieces of about this size: line by line costs more than the lines. */
const PIECE_CHARS = 8192;
const MOST_BYTES_PER_CHAR = 3;
const FIRST_BYTES = 256 * 1024;
/** Buffers of bodies that were sent: touching fresh memory for each takes longer than writing into it. */
const spare: Buffer[] = [];
const MOST_SPARE = 3;

/** A body of line protocol that grows by one line per point. The points must conform (conform.ts). */
export class Lines {
  #buffer = spare.pop() ?? Buffer.allocUnsafeSlow(FIRST_BYTES);
  #bytes = 0;
  #piece = "";

  add(point: Point): void {
    this.#piece += `${encoders[point.measurement](point)}\n`;
    if (this.#piece.length >= PIECE_CHARS) this.#flush();
  }

  /** All lines, as UTF-8. */
  bytes(): Uint8Array {
    this.#flush();
    return this.#buffer.subarray(0, this.#bytes);
  }

  /** The bytes are no longer needed, and neither is this. */
  recycle(): void {
    if (spare.length < MOST_SPARE) spare.push(this.#buffer);
    this.#buffer = Buffer.alloc(0);
    this.#bytes = 0;
  }

  #flush(): void {
    const most = this.#bytes + MOST_BYTES_PER_CHAR * this.#piece.length;
    if (most > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(2 * most);
      larger.set(this.#buffer.subarray(0, this.#bytes));
      this.#buffer = larger;
    }
    this.#bytes += this.#buffer.write(this.#piece, this.#bytes);
    this.#piece = "";
  }
}
