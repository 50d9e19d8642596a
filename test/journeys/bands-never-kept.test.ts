/**
 * One-second levels live in memory (DESIGN §4): after two busy hours in which the pairs were listened to, every byte of the data
 * folder is searched for what the devices said under their leases, as text and as numbers.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { withConversationLeases } from "#firmware/conversation-leases.ts";
import { generate, type LeaseUntil } from "#firmware/generate.ts";
import { senseWorld } from "#firmware/simulated-world.ts";
import { readConfig } from "#gateway/config.ts";
import type { KeptLeakage } from "#gateway/detect/leakage/state.ts";
import { openJournal } from "#gateway/journal/open-journal.ts";
import { KNOWLEDGE } from "#gateway/lane.ts";
import type { Readings } from "#protocol/readings.ts";
import { temporaryFolder } from "./folder.ts";
import { lastWhole, openRecordedTime } from "./recorded-time.ts";

const THURSDAY = 4;
const HOUR = 3_600_000;
const from = lastWhole(THURSDAY).from + 8 * HOUR;
const until = from + 2 * HOUR;

/** How five levels in a row may have been written down. */
function fingerprints(frame: readonly number[]): Buffer[] {
  const floats = [new Float64Array(frame), new Float32Array(frame), new Int16Array(frame.map((level) => 2 * level))];
  return [Buffer.from(frame.join(",")), ...floats.map(({ buffer }) => Buffer.from(buffer))];
}

it("nothing that was said under a lease is anywhere on the disk", async () => {
  await using folder = await temporaryFolder();
  const { site } = readConfig({}, { data: folder.path });
  const sense = senseWorld({ site, scenario: "busy-day", seed: 1, form: "levels", openNow: false });
  const run = (leaseUntil: LeaseUntil) => generate({ site, seed: 1, sense, from, until, leaseUntil });
  const bands: Readings["bands"][] = [];
  const stats: Readings["stats"][] = [];

  async function* records(): AsyncIterable<string> {
    for (const publication of withConversationLeases(site, run)) {
      const reading = JSON.parse(publication.payload);
      if (publication.topic.endsWith("/bands")) bands.push(reading);
      if (publication.topic.endsWith("/stats") && reading.background) stats.push(reading);
      yield JSON.stringify(publication);
    }
  }
  {
    await using past = await openRecordedTime({ data: folder.path }, from);
    await past.feed(records(), until);
    expect(past.pipeline.ingest.counts().accepted.bands).toBe(bands.length);
  }
  expect(bands.length).toBeGreaterThan(1000);

  const files = (await readdir(folder.path)).map((name) => join(folder.path, name));
  const bytes = Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
  const holds = (needle: Buffer) => bytes.includes(needle);
  // What may be kept is found by the same search.
  expect(stats.slice(-5).every(({ background }) => holds(Buffer.from(background!.join(","))))).toBe(true);
  const frames = bands.filter((_, i) => i % 10 === 0).map(({ levels }, i) => levels[i % 10]!);
  expect(frames.filter((frame) => fingerprints(frame).some(holds))).toEqual([]);

  // What it has taught of the walls and doors is there after a restart: boundaries are known that were not.
  await using journal = await openJournal(folder.path, { readOnly: true });
  const { pairs } = JSON.parse((await journal.snapshot(KNOWLEDGE))!.json) as KeptLeakage;
  const taught = await journal.pairDays(from - 24 * HOUR, until);
  expect(taught.length).toBeGreaterThan(10);
  expect(pairs.filter(({ knowledge }) => knowledge.today !== null).length).toBe(taught.length);
}, 180_000);
