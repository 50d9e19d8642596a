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

/** Nothing when there is no such file. Throws when a line of it is not a message. */
export async function readKept(path: string): Promise<Kept[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => KeptLine.parse(JSON.parse(line)));
}

/** Replaces the file as a whole; removes it when there is nothing to keep. */
export async function writeKept(path: string, kept: readonly Kept[]): Promise<void> {
  if (kept.length === 0) return rm(path, { force: true });
  await writeFile(`${path}.new`, kept.map((message) => `${JSON.stringify(message)}\n`).join(""));
  await rename(`${path}.new`, path);
}
