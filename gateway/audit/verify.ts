/**
 * Looks through an exported log, line by line and without anything else: what was changed, left out, put in or moved breaks the
 * chain; what was written anew, or is missing at the end, does not fit a checkpoint that somebody has kept.
 */
import { type ChainedEntry, hashOf, type LoggedEntry, START, timeOf } from "./chain.ts";
import { type Checkpoint, isSigned } from "./checkpoint.ts";
import { readLine } from "./line.ts";

export type FaultKind =
  /** No entry. */
  | "unreadable"
  /** It is not what its hash was made of. */
  | "changed"
  | "missing"
  /** Behind its successor. */
  | "moved"
  /** There twice, or never written by the log. */
  | "inserted"
  /** It, or the one before it, was replaced by another with a fitting hash. */
  | "replaced"
  /** The chain is whole and another one than a checkpoint has seen. */
  | "rewritten"
  /** A checkpoint has seen more entries. */
  | "truncated"
  /** There is nothing to look through. */
  | "empty"
  /** A checkpoint that is not to be believed. */
  | "unsigned";

export interface Fault {
  readonly kind: FaultKind;
  /** The first entry that is wrong, or may be; null when it is a checkpoint, or there is none. */
  readonly entry: number | null;
  /** In the file, from 1; null when nothing there can be pointed at. */
  readonly line: number | null;
  readonly words: string;
}

export interface Verdict {
  readonly sound: boolean;
  /** Lines of the file. */
  readonly lines: number;
  /** Entries from the first on that fit. */
  readonly entries: number;
  /** Hash of the last of them. */
  readonly head: string;
  /** Times of the first and the last of them, RFC 3339. */
  readonly from: string | null;
  readonly until: string | null;
  readonly checkpoints: {
    readonly given: number;
    /** Signed, and seen again in the log. */
    readonly fitting: number;
    /** Entries under the newest of these: what comes after them nobody has witnessed. */
    readonly through: number;
    /** Keys that signed them, SPKI as base64. */
    readonly keys: readonly string[];
  };
  /** The first of the log, then checkpoints that cannot be believed. */
  readonly faults: readonly Fault[];
}

export interface Verifier {
  /** The next line of the file, without its end. */
  line(text: string): void;
  finish(): Verdict;
}

/** `keys`: those that checkpoints may be signed by, SPKI as base64; any when none are given. */
export function verifier(checkpoints: readonly Checkpoint[], keys: readonly string[] = []): Verifier {
  const unsigned = checkpoints.flatMap((checkpoint) => distrust(checkpoint, keys) ?? []);
  const trusted = checkpoints
    .filter((checkpoint) => distrust(checkpoint, keys) === undefined)
    .toSorted((a, b) => a.count - b.count);
  let lines = 0;
  let entries = 0;
  let head = START;
  let from: string | null = null;
  let until: string | null = null;
  let fitting = 0;
  let fault: Fault | undefined;

  /** Checkpoints over exactly the entries that have been read. */
  function compare(): void {
    while (fault === undefined && trusted[fitting]?.count === entries) {
      const checkpoint = trusted[fitting]!;
      if (checkpoint.head === head) fitting++;
      else fault = rewritten(checkpoint, trusted[fitting - 1]?.count ?? 0, lines);
    }
  }
  compare();

  return {
    line(text) {
      lines++;
      if (fault !== undefined) {
        if (fault.kind === "missing") fault = movedTo(fault, text, lines);
        return;
      }
      const read = readLine(text);
      fault = read === undefined ? unreadable(entries, lines) : judge(read, entries, head, lines);
      if (read === undefined || fault !== undefined) return;
      entries++;
      head = read.entry.hash;
      until = new Date(timeOf(read.entry)).toISOString();
      from ??= until;
      compare();
    },
    finish() {
      const tooShort = trusted[fitting];
      if (fault === undefined && tooShort) fault = truncated(tooShort, entries);
      if (fault === undefined && lines === 0) fault = EMPTY_FILE;
      const faults = [...(fault ? [fault] : []), ...unsigned];
      return {
        sound: faults.length === 0,
        lines,
        entries,
        head,
        from,
        until,
        checkpoints: {
          given: checkpoints.length,
          fitting,
          through: trusted[fitting - 1]?.count ?? 0,
          keys: [...new Set(trusted.map(({ key }) => key))],
        },
        faults,
      };
    },
  };
}

/** What is wrong with an entry that is to follow `count` others of which the last has the hash `head`. */
function judge(
  { entry, asWritten }: { readonly entry: ChainedEntry; readonly asWritten: boolean },
  count: number,
  head: string,
  line: number,
): Fault | undefined {
  const next = count + 1;
  const { seq } = entry;
  if (!hasOwnHash(entry))
    return { kind: "changed", entry: next, line, words: `entry ${next} was changed: it does not fit its hash` };
  if (!asWritten)
    return { kind: "changed", entry: next, line, words: `entry ${next} was changed: the log does not write it so` };
  if (seq > next) return missing(next, seq, line);
  if (seq < next)
    return {
      kind: "inserted",
      entry: seq,
      line,
      words: `an entry was put in behind entry ${count}: it says that it is entry ${seq}, which has been read already`,
    };
  if (entry.previous === head) return undefined;
  const words =
    count === 0
      ? "entry 1 does not begin the log: what came before it is missing, or it was replaced"
      : `entry ${next} does not follow entry ${count}: one of the two was replaced by another`;
  return { kind: "replaced", entry: Math.max(1, count), line, words };
}

function hasOwnHash({ hash, ...said }: ChainedEntry): boolean {
  try {
    return hashOf(said as Omit<LoggedEntry, "hash">) === hash;
  } catch {
    return false;
  }
}

const unreadable = (count: number, line: number): Fault => ({
  kind: "unreadable",
  entry: count + 1,
  line,
  words: `line ${line} is no entry of the log; entry ${count + 1} should stand there`,
});

const missing = (first: number, found: number, line: number): Fault => ({
  kind: "missing",
  entry: first,
  line,
  words:
    found - first === 1
      ? `entry ${first} is missing: entry ${found} stands in its place`
      : `entries ${first} to ${found - 1} are missing: entry ${found} stands in their place`,
});

/** The entry that was missed comes later after all. */
function movedTo(fault: Fault, text: string, line: number): Fault {
  if (readLine(text)?.entry.seq !== fault.entry) return fault;
  const words = `the order was changed: entry ${fault.entry} stands in line ${line}, and belongs into line ${fault.line}`;
  return { ...fault, kind: "moved", words };
}

function rewritten({ count, time }: Checkpoint, fits: number, line: number): Fault {
  const first = fits + 1;
  const which =
    first === count ? `entry ${count} is another` : `of entries ${first} to ${count} at least one is another`;
  return {
    kind: "rewritten",
    entry: first,
    line: line === 0 ? null : line,
    words: `the log was written anew: ${which} than the checkpoint of ${time} has seen`,
  };
}

const truncated = ({ count, time }: Checkpoint, entries: number): Fault => ({
  kind: "truncated",
  entry: entries + 1,
  line: null,
  words: `the end is missing: the log had ${count} entries at the checkpoint of ${time}, the file ends after entry ${entries}`,
});

const EMPTY_FILE: Fault = {
  kind: "empty",
  entry: null,
  line: null,
  words: "there is nothing to verify: an export holds at least the entry of whoever asked for it",
};

function distrust(checkpoint: Checkpoint, keys: readonly string[]): Fault | undefined {
  const of = `the checkpoint of ${checkpoint.time} over ${checkpoint.count} entries`;
  const fault = (words: string): Fault => ({ kind: "unsigned", entry: null, line: null, words });
  if (!isSigned(checkpoint)) return fault(`${of} was changed, or never signed by the gateway`);
  if (keys.length > 0 && !keys.includes(checkpoint.key))
    return fault(`${of} is signed by another key than those given`);
  return undefined;
}
