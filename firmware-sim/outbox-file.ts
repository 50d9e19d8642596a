/** Unconfirmed messages in a file, one JSON line each: what a device's flash is to the metal. */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { Boot, Millis, Seq } from "#protocol/quantities.ts";
import { sequencedChannels } from "#protocol/readings.ts";
import type { Kept } from "./device/outbox.ts";

const KeptLine = z.strictObject({
  boot: Boot,
  seq: Seq,
  channel: z.enum(sequencedChannels),
  payload: z.string(),
  addedAt: Millis,
});

/** A file that holds something else than messages; it is left as it is. */
export class OutboxFileError extends Error {
  override readonly name = "OutboxFileError";
}

/** Nothing when there is no such file. Throws `OutboxFileError` when a line of it is not a message. */
export async function readKept(path: string): Promise<Kept[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, i) => {
      try {
        return KeptLine.parse(JSON.parse(line));
      } catch (cause) {
        throw new OutboxFileError(`${path}:${i + 1}: not an unconfirmed message; move the file away`, { cause });
      }
    });
}

/** Replaces the file as a whole; removes it when there is nothing to keep. */
export async function writeKept(path: string, kept: readonly Kept[]): Promise<void> {
  if (kept.length === 0) return rm(path, { force: true });
  await writeFile(`${path}.new`, kept.map((message) => `${JSON.stringify(message)}\n`).join(""));
  await rename(`${path}.new`, path);
}
