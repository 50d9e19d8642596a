import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { makeFolder } from "./folder.ts";

it("makes a folder that only its owner can read, with those it lies in, and leaves one that is there as it is", () => {
  const above = mkdtempSync(join(tmpdir(), "fortrolig-folder-"));
  onTestFinished(() => rmSync(above, { recursive: true }));
  const made = join(above, "house", "data");
  makeFolder(made);
  makeFolder(made);
  expect([made, join(above, "house")].map((folder) => statSync(folder).mode & 0o777)).toEqual([0o700, 0o700]);
});
