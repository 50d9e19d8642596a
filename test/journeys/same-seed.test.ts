/** The same seed is the same house: the same bytes published, and from them the same report, in every format. */
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { linesOf } from "#gateway/ingest/replay.ts";
import type { ReportView } from "#protocol/api.ts";
import { temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";
import { lastWhole, openRecordedTime } from "./recorded-time.ts";
import { ask, runGateway } from "./running-gateway.ts";

const TUESDAY = 2;
const formats = ["json", "html", "csv"] as const;

async function publish(file: string, seed: string, from: number, until: number): Promise<void> {
  const span = ["--from", new Date(from).toISOString(), "--until", new Date(until).toISOString()];
  await using program = startProgram("firmware-sim/main.ts", [
    "--world",
    "--seed",
    seed,
    ...span,
    "--publish-to",
    file,
  ]);
  expect(await program.ended, program.err).toEqual({ code: 0, signal: null });
}

/** The reports of a gateway of its own that was fed with `file`. */
async function reportsOf(file: string, data: string, from: number, until: number): Promise<Record<string, string>> {
  {
    await using past = await openRecordedTime({ data }, from);
    await past.feed(linesOf(createReadStream(file)), until);
  }
  await using gateway = await runGateway({ data });
  const day = new Date(from).toISOString().slice(0, 10);
  const texts = formats.map(async (format) => {
    const path = `/api/v1/report?from=${day}&to=${day}&format=${format}`;
    const response = await ask(gateway.url, path);
    expect(response.status).toBe(200);
    return [format, await response.text()] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

it("same seed, same bytes, same report; another seed, others", async () => {
  await using folder = await temporaryFolder();
  const { from, until } = lastWhole(TUESDAY);
  const seeds = ["seven", "seven", "eight"];
  const files = seeds.map((seed, i) => join(folder.path, `${i}-${seed}.jsonl`));
  await Promise.all(files.map((file, i) => publish(file, seeds[i]!, from, until)));
  const [first, again, other] = await Promise.all(files.map((file) => readFile(file)));
  expect(first!.length).toBeGreaterThan(1_000_000);
  expect(first!.equals(again!)).toBe(true);
  expect(first!.equals(other!)).toBe(false);

  const reports: Record<string, string>[] = [];
  for (const [i, file] of files.entries())
    reports.push(await reportsOf(file, join(folder.path, `data-${i}`), from, until));
  const view = JSON.parse(reports[0]!.json!) as ReportView;
  expect(view.sharedOffices.conversations).toBeGreaterThan(5);
  expect(view.coverage.conclusive).toBe(true);
  expect(view.alerts[0]?.fired).toBeGreaterThan(0);
  expect(reports[1]).toEqual(reports[0]);
  for (const format of formats) expect(reports[2]![format]).not.toBe(reports[0]![format]);
}, 300_000);
