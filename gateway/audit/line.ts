/** Lines of the files that a verifier is given → entries and checkpoints, or why a line is none. */
import { z } from "zod";
import { CheckpointView } from "#protocol/audit.ts";
import { type ChainedEntry, lineOf } from "./chain.ts";
import type { Checkpoint } from "./checkpoint.ts";

const Text = z.string();
const common = {
  seq: z.int().positive(),
  actor: Text,
  /** A later version may know more of them. */
  action: Text,
  object: Text,
  scope: Text,
  previous: Text,
  hash: Text,
};
const Line = z.union([
  z.strictObject({
    ...common,
    time: z.iso.datetime(),
    role: Text,
    reason: Text.optional(),
    count: z.int(),
  }),
  // What ECMAScript has a date for.
  z.strictObject({ ...common, at: z.int().min(-8.64e15).max(8.64e15) }),
]);

export type Read = { readonly entry: ChainedEntry; readonly asWritten: boolean } | undefined;

/** Undefined: no entry at all. `asWritten`: byte for byte as the log writes it. */
export function readLine(text: string): Read {
  const parsed = Line.safeParse(jsonOf(text));
  if (!parsed.success) return undefined;
  const entry = parsed.data as ChainedEntry;
  return { entry, asWritten: isWellFormed(text) && lineOf(entry) === text };
}

/** A file of checkpoints, one a line, or the answer of `/api/v1/audit/head`. Throws a text with the line that is none. */
export function readCheckpoints(text: string): Checkpoint[] {
  const head = z.object({ checkpoint: CheckpointView }).safeParse(jsonOf(text));
  if (head.success) return [head.data.checkpoint];
  return text
    .split("\n")
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== "")
    .map(({ line, number }) => {
      const parsed = CheckpointView.strict().safeParse(jsonOf(line));
      if (!parsed.success) throw new Error(`line ${number} is no checkpoint`);
      return parsed.data;
    });
}

/** Escapes can say half a character, which no entry holds. */
const isWellFormed = (text: string): boolean => text.isWellFormed() && !/\\ud[89a-f]/i.test(text);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
