/** Enrolments as a table in plain text. */
import type { Enrolment } from "./device-book.ts";

const HEAD = ["device", "credential", "since", "claim code until"] as const;
const minute = (at: number | null): string =>
  at === null ? "–" : `${new Date(at).toISOString().slice(0, 16).replace("T", " ")}Z`;

export function enrolmentTable(enrolments: readonly Enrolment[]): string {
  const rows = enrolments.map(({ device, credential, since, claimUntil }) => [
    device,
    credential,
    minute(since),
    minute(claimUntil),
  ]);
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ");
  return all.map((row) => `${line(row).trimEnd()}\n`).join("");
}
