/** What a torture run found, for people. Pure. */
import type { RoundResult } from "./round.ts";

const columns: readonly (readonly [heading: string, value: (result: RoundResult) => string | number])[] = [
  ["combination", ({ combination }) => combination],
  ["kills", ({ kills }) => kills],
  ["readings", ({ readings }) => readings],
  ["sent again", ({ resent }) => resent],
  ["alerts", ({ alerts }) => alerts],
  ["fired", ({ fired }) => fired],
  ["notifications", ({ notifications }) => notifications],
  ["told again", ({ notifiedAgain }) => notifiedAgain],
  ["broken", ({ violations }) => violations.length],
  ["s", ({ seconds }) => Math.round(seconds)],
];

/** One line per round; in the first column text, in the others numbers. */
export function tableOf(results: readonly RoundResult[]): string {
  const rows = [
    columns.map(([heading]) => heading),
    ...results.map((result) => columns.map(([, value]) => value(result).toLocaleString("en"))),
  ];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
  );
  return `${lines.join("\n")}\n`;
}

const MOST_TOLD = 20;

/** What was broken, the first of each round. */
export const told = (results: readonly RoundResult[]): string[] =>
  results.flatMap(({ combination, violations }) => {
    const lines = violations.slice(0, MOST_TOLD).map(({ breach, what }) => `${combination}: ${breach}: ${what}`);
    const more = violations.length - lines.length;
    return more > 0 ? [...lines, `${combination}: and ${more} more`] : lines;
  });
