/** SECURITY.md names files as evidence: they are there, and no provision of the standard is left out. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const text = readFileSync(join(root, "SECURITY.md"), "utf8");

/** How many provisions each clause of EN 303 645 V2.1.1 has. */
const provisions: readonly (readonly [clause: string, count: number])[] = [
  ["4", 1],
  ["5.1", 5],
  ["5.2", 3],
  ["5.3", 16],
  ["5.4", 4],
  ["5.5", 8],
  ["5.6", 9],
  ["5.7", 2],
  ["5.8", 3],
  ["5.9", 3],
  ["5.10", 1],
  ["5.11", 4],
  ["5.12", 3],
  ["5.13", 1],
  ["6", 5],
];

it("every file that SECURITY.md names is there", () => {
  const named = [...text.matchAll(/`((?:gateway|protocol|firmware-sim|dashboard|test)\/[^`\s]+)`/g)].map(
    ([, path]) => path!,
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it("every provision of EN 303 645 has one row with a state", () => {
  const rows = [...text.matchAll(/^\| ([\d.]+-\d+) \| [MR](?: C)? \| (yes|partly|no|n\/a) \| \S/gm)].map(
    ([, id]) => id,
  );
  const all = provisions.flatMap(([clause, count]) => Array.from({ length: count }, (_, i) => `${clause}-${i + 1}`));
  expect(rows).toEqual(all);
});
