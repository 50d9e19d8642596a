/**
 * Reads SQLite's write-ahead log as it lies on the disk (sqlite.org/fileformat2.html#walformat). SQLite itself takes a
 * log as ended at its first damaged frame, and what was synced behind it as never written. A frame's checksum goes on
 * from the one stored in the frame before it, so those behind a damaged one can still be told to be right.
 */
import { existsSync, readFileSync } from "node:fs";
import { endianness } from "node:os";
import { PAGE_BYTES } from "./schema.ts";

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
/** Its lowest bit says that the checksums take words with the high byte first. */
const MAGIC = 0x377f0682;

export interface LogFrames {
  /** Newest content of each page that the log holds, up to the last commit that can be relied on. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
  /** Pages of the database after that commit; 0 without any. */
  readonly pageCount: number;
  /** Something that was synced is damaged. A tear in the last commit is none: nothing followed it. */
  readonly damaged: boolean;
}

interface Frame {
  readonly page: number;
  /** Of the frame that ends a commit, the pages of the database; else 0. */
  readonly pageCount: number;
  readonly sound: boolean;
  readonly content: Uint8Array;
}

const EMPTY: LogFrames = { pages: new Map(), pageCount: 0, damaged: false };

export function readLog(path: string): LogFrames {
  if (!existsSync(path)) return EMPTY;
  const frames = framesOf(readFileSync(path));
  const intact = frames.findIndex(({ sound }) => !sound);
  const prefix = intact < 0 ? frames.length : intact;
  let damaged = false;
  let end = 0;
  for (const [i, { sound, pageCount }] of frames.entries()) {
    if (!sound || pageCount === 0) continue;
    // A commit begins when the one before it is synced: what another frame follows was safe. Remains of a commit that
    // failed end with its last frame, which nothing follows that goes on from it.
    const wasSafe = i < prefix || frames[i + 1]?.sound === true;
    if (wasSafe) end = i + 1;
    if (wasSafe && i >= prefix) damaged = true;
  }
  const used = frames.slice(0, end);
  const pageCount = used.at(-1)?.pageCount ?? 0;
  const pages = new Map(used.filter(({ page }) => page >= 1 && page <= pageCount).map((f) => [f.page, f.content]));
  return { pages, pageCount, damaged };
}

function framesOf(log: Buffer): Frame[] {
  const count = Math.floor((log.length - HEADER_BYTES) / FRAME_BYTES);
  if (count < 1) return [];
  const magic = log.readUInt32BE(0);
  const highFirst = magic >>> 1 === MAGIC >>> 1 ? (magic & 1) === 1 : endianness() === "BE";
  const headerIsSound = sumsTo(log, 24, highFirst, [[0, 24]], [0, 0]);
  // Of a header that is damaged nothing can be relied on; the frames of one log carry the same salt.
  const salt = headerIsSound ? log.subarray(16, 24) : commonSalt(log, count);
  const frames: Frame[] = [];
  for (let i = 0; i < count; i++) {
    const at = HEADER_BYTES + i * FRAME_BYTES;
    const before = i === 0 ? 24 : at - FRAME_BYTES + 16;
    const start: Sum = [log.readUInt32BE(before), log.readUInt32BE(before + 4)];
    const parts: Part[] = [
      [at, at + 8],
      [at + FRAME_HEADER_BYTES, at + FRAME_BYTES],
    ];
    frames.push({
      page: log.readUInt32BE(at),
      pageCount: log.readUInt32BE(at + 4),
      sound: log.subarray(at + 8, at + 16).equals(salt) && sumsTo(log, at + 16, highFirst, parts, start),
      content: log.subarray(at + FRAME_HEADER_BYTES, at + FRAME_BYTES),
    });
  }
  return frames;
}

function commonSalt(log: Buffer, count: number): Buffer {
  const saltAt = (i: number) => log.subarray(HEADER_BYTES + i * FRAME_BYTES + 8, HEADER_BYTES + i * FRAME_BYTES + 16);
  const second = saltAt(Math.min(1, count - 1));
  return saltAt(0).equals(second) || count < 3 || !second.equals(saltAt(2)) ? saltAt(0) : second;
}

type Sum = readonly [number, number];
type Part = readonly [from: number, to: number];

/** Whether the parts, summed on from `start`, give what is stored at `at`. */
function sumsTo(log: Buffer, at: number, highFirst: boolean, parts: readonly Part[], start: Sum): boolean {
  let [a, b] = start;
  const view = new DataView(log.buffer, log.byteOffset, log.byteLength);
  for (const [from, to] of parts)
    for (let i = from; i < to; i += 8) {
      a = (a + view.getUint32(i, !highFirst) + b) >>> 0;
      b = (b + view.getUint32(i + 4, !highFirst) + a) >>> 0;
    }
  return log.readUInt32BE(at) === a && log.readUInt32BE(at + 4) === b;
}
