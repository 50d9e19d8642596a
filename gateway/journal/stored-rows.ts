/**
 * Every row that can still be read from a damaged SQLite file, page by page and without its trees
 * (sqlite.org/fileformat2.html): what points to a page may be lost while the page is whole. Which table a row belongs to
 * is for the caller to say.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { SQLOutputValue } from "node:sqlite";
import { readLog } from "./log-frames.ts";
import { PAGE_BYTES } from "./schema.ts";

const TABLE_LEAF = 0x0d;
const INDEX_LEAF = 0x0a;
const INDEX_INTERIOR = 0x02;
const FIRST_TRUNK_AT = 32;
const FILE_HEADER_BYTES = 100;
/** Of any record at least this much stands in the page of its cell. */
const LEAST_LOCAL_BYTES = 900;

/** Where a row stands; the row itself is read when it is asked for, since it may be large. */
export interface Place {
  readonly page: number;
  /** Of the cell's record in the page. */
  readonly at: number;
  readonly payloadBytes: number;
  readonly leaf: boolean;
  readonly rowid: number | null;
}

export interface StoredRows extends Disposable {
  /** The cells of pages that are in use. */
  places(): Generator<Place>;
  /** The row; undefined when it cannot be read. */
  read(place: Place): SQLOutputValue[] | undefined;
  /** Its first columns, small ones, without reading the pages that the rest stands in. */
  begin(place: Place, columns: number): SQLOutputValue[] | undefined;
}

export function openStoredRows(path: string): StoredRows {
  const file = openSync(path, "r");
  const log = readLog(`${path}-wal`);
  const pageCount = log.pageCount || Math.ceil(fstatSync(file).size / PAGE_BYTES);

  function page(number: number): Buffer {
    const logged = log.pages.get(number);
    if (logged) return Buffer.from(logged.buffer, logged.byteOffset, PAGE_BYTES);
    const content = Buffer.alloc(PAGE_BYTES);
    readSync(file, content, 0, PAGE_BYTES, (number - 1) * PAGE_BYTES);
    return content;
  }

  /** Pages that hold nothing but remains of what was deleted. */
  function freePages(): Set<number> {
    const free = new Set<number>();
    let trunk = page(1).readUInt32BE(FIRST_TRUNK_AT);
    while (trunk > 0 && trunk <= pageCount && !free.has(trunk)) {
      free.add(trunk);
      const content = page(trunk);
      const leaves = content.readUInt32BE(4);
      if (leaves > PAGE_BYTES / 4 - 2) break;
      for (let i = 0; i < leaves; i++) free.add(content.readUInt32BE(8 + 4 * i));
      trunk = content.readUInt32BE(0);
    }
    return free;
  }

  function* places(): Generator<Place> {
    const free = freePages();
    for (let number = 1; number <= pageCount; number++) if (!free.has(number)) yield* cellsOf(page(number), number);
  }

  function payloadAt({ page: number, at, payloadBytes, leaf }: Place, wanted: number): Buffer {
    const start = page(number);
    const local = localBytes(payloadBytes, leaf);
    const payload = Buffer.alloc(Math.min(wanted, payloadBytes));
    start.copy(payload, 0, at, at + local);
    let overflow = payload.length > local ? start.readUInt32BE(at + local) : 0;
    for (let filled = local; filled < payload.length; filled += PAGE_BYTES - 4) {
      // The rest stays zeros: what stands before a lost page may be sound by itself.
      if (overflow < 1 || overflow > pageCount) break;
      const content = page(overflow);
      content.copy(payload, filled, 4);
      overflow = content.readUInt32BE(0);
    }
    return payload;
  }

  return {
    places,
    read: (place) => attempt(() => valuesOf(payloadAt(place, place.payloadBytes), Number.POSITIVE_INFINITY)),
    begin: (place, columns) => attempt(() => valuesOf(payloadAt(place, LEAST_LOCAL_BYTES), columns)),
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** Undefined where a damaged length or place leads out of the page or the record. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function* cellsOf(content: Buffer, number: number): Generator<Place> {
  const header = number === 1 ? FILE_HEADER_BYTES : 0;
  const kind = content[header];
  if (kind !== TABLE_LEAF && kind !== INDEX_LEAF && kind !== INDEX_INTERIOR) return;
  const pointers = header + (kind === INDEX_INTERIOR ? 12 : 8);
  const count = Math.min(content.readUInt16BE(header + 3), (PAGE_BYTES - pointers) / 2);
  for (let i = 0; i < count; i++) {
    const cell = content.readUInt16BE(pointers + 2 * i);
    const place = attempt(() => cellAt(content, number, kind, kind === INDEX_INTERIOR ? cell + 4 : cell));
    if (place) yield place;
  }
}

/** More than any row takes: a length beyond it is damaged. */
const MOST_BYTES = 64 * 1024 * 1024;

function cellAt(content: Buffer, page: number, kind: number, cell: number): Place | undefined {
  const leaf = kind === TABLE_LEAF;
  const [payloadBytes, afterLength] = varint(content, cell);
  const [rowid, at] = leaf ? varint(content, afterLength) : [null, afterLength];
  if (payloadBytes < 1 || payloadBytes > MOST_BYTES || at + localBytes(payloadBytes, leaf) > PAGE_BYTES)
    return undefined;
  return { page, at, payloadBytes, leaf, rowid };
}

/** How much of a record stands in the page itself. */
function localBytes(payloadBytes: number, leaf: boolean): number {
  const most = leaf ? PAGE_BYTES - 35 : Math.floor(((PAGE_BYTES - 12) * 64) / 255) - 23;
  if (payloadBytes <= most) return payloadBytes;
  const least = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23;
  const even = least + ((payloadBytes - least) % (PAGE_BYTES - 4));
  return even <= most ? even : least;
}

/** Value and the place behind it; beyond 2^53 not exact, which no sum survives. */
function varint(content: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = content.readUInt8(at + i);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + i + 1];
  }
  return [value * 256 + content.readUInt8(at + 8), at + 9];
}

function valuesOf(payload: Buffer, columns: number): SQLOutputValue[] {
  const [headerBytes, first] = varint(payload, 0);
  const values: SQLOutputValue[] = [];
  let body = headerBytes;
  for (let at = first; at < headerBytes && values.length < columns; ) {
    const [type, next] = varint(payload, at);
    const [value, bytes] = valueAt(payload, body, type);
    values.push(value);
    body += bytes;
    at = next;
  }
  return values;
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6];

/** One value of a record by its serial type, and how many bytes it takes. */
function valueAt(payload: Buffer, at: number, type: number): [value: SQLOutputValue, bytes: number] {
  if (type === 0) return [null, 0];
  if (type < 6) return [payload.readIntBE(at, INTEGER_BYTES[type]!), INTEGER_BYTES[type]!];
  if (type === 6) return [Number(payload.readBigInt64BE(at)), 8];
  if (type === 7) return [payload.readDoubleBE(at), 8];
  if (type < 12) return [type - 8, 0];
  const bytes = Math.floor((type - 12) / 2);
  if (at + bytes > payload.length) throw new RangeError("beyond the record");
  const content = payload.subarray(at, at + bytes);
  return [type % 2 === 0 ? new Uint8Array(content) : content.toString("utf8"), bytes];
}
