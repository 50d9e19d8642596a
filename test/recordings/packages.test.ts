import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { putInPlace } from "./packages.ts";

it("of two processes that make the same at the same time, the first stays and neither fails", () => {
  const folder = mkdtempSync(join(tmpdir(), "fortrolig-recordings-"));
  const place = join(folder, "sounds");
  for (const maker of ["first", "second"]) {
    const finished = join(folder, maker);
    mkdirSync(finished);
    writeFileSync(join(finished, "sound"), maker);
    putInPlace(finished, place);
  }
  expect(readFileSync(join(place, "sound"), "utf8")).toBe("first");
  expect(readdirSync(folder)).toEqual(["sounds"]);
  expect(() => putInPlace(join(folder, "never made"), join(folder, "elsewhere"))).toThrow("ENOENT");
  rmSync(folder, { recursive: true });
});
