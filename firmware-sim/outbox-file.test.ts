import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Kept } from "./device/outbox.ts";
import { OutboxFileError, readKept, writeKept } from "./outbox-file.ts";

const T0 = 1_767_225_600_000;
const kept: Kept[] = [3, 5].map((seq) => ({
  boot: "00000001",
  seq,
  channel: "state",
  payload: `{"seq":${seq}}`,
  addedAt: T0 + seq,
}));

describe("an outbox file", () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "fortrolig-outbox-"));
    path = join(folder, "outbox.jsonl");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("gives back what was put into it, and is gone when nothing is left", async () => {
    expect(await readKept(path)).toEqual([]);
    await writeKept(path, kept);
    expect(await readKept(path)).toEqual(kept);
    await writeKept(path, []);
    expect(await readdir(folder)).toEqual([]);
  });

  it("that holds something else is refused, by name and line", async () => {
    await writeFile(path, `${JSON.stringify(kept[0])}\nshopping list\n`);
    await expect(readKept(path)).rejects.toThrow(
      new OutboxFileError(`${path}:2: not an unconfirmed message; move the file away`),
    );
  });
});
