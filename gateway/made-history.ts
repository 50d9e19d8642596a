/** Some weeks of a simulated site, in recorded time, through the same ingest, journal, detection and history as live readings. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import cliProgress from "cli-progress";
import { handClock, systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { linesOf, replay } from "./ingest/replay.ts";
import { openJournal } from "./journal/open-journal.ts";
import { createLog, openLogger } from "./log.ts";
import { openPipeline } from "./pipeline.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const DEVICES = fileURLToPath(new URL("../firmware-sim/main.ts", import.meta.url));
/** In the journal, once the history is made. */
const MADE = "made-history";
/** InfluxDB refuses readings older than its raw retention of 14 days, whatever the recorded time says. */
const INFLUX_DAYS = 13;
/** Share of the work that is done when the last reading is in; the rest is history and rollups. */
const TAKEN_IN = 0.95;

export interface MadeHistory {
  readonly config: Config;
  readonly days: number;
  readonly seed: string;
}

/** Makes it unless this data folder has it already. Begun and not ended, it is made again: what is there stays as it is. */
export async function makeHistory({ config, days: wanted, seed }: MadeHistory): Promise<void> {
  const days = config.history.startsWith("sqlite:") ? wanted : Math.min(wanted, INFLUX_DAYS);
  if (days <= 0 || (await isMade(config.data))) return;
  const until = Math.floor(systemClock.now() / MINUTE) * MINUTE;
  const from = until - days * DAY;
  const clock = handClock(from);
  const log = createLog(openLogger("error"));
  await using pipeline = await openPipeline({ config, clock, log, publish: () => {}, time: "data" });
  await pipeline.history.prepare();

  const started = performance.now();
  const progress = showProgress(`Making ${days} days of history`);
  const devices = simulate(config.siteFile, seed, from, until);
  const records = await replay(linesOf(devices.output), pipeline.ingest, {
    clock,
    onProgress: (_records, at) => progress.reached((TAKEN_IN * (at - from)) / (until - from)),
  });
  await devices.ended;
  clock.advanceTo(until);
  await pipeline.settled();
  await pipeline.journal.setNote(MADE, new Date(until).toISOString());
  progress.done();
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`Made ${days} days of history: ${records.toLocaleString("en")} readings in ${seconds} s.\n`);
}

/** Looks into the journal alone: nothing else needs to start for the answer. */
async function isMade(folder: string): Promise<boolean> {
  await using journal = await openJournal(folder);
  return (await journal.note(MADE)) !== undefined;
}

/** Another process speaks for the devices, on the other core; its own words are told only when it fails. */
function simulate(site: string, seed: string, from: number, until: number) {
  const span = ["--from", new Date(from).toISOString(), "--until", new Date(until).toISOString()];
  const args = [
    DEVICES,
    "--world",
    "--seed",
    seed,
    "--site",
    site,
    ...span,
    "--leases",
    "conversation",
    "--publish-to",
    "-",
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    words += text;
  });
  const ended = once(child, "exit").then(([code]) => {
    if (code !== 0) throw new Error(`the simulated devices stopped with code ${code}: ${words}`);
  });
  ended.catch(() => {}); // told where it is awaited
  return { output: child.stdout, ended };
}

/** A bar on a terminal, a line per quarter elsewhere. */
function showProgress(what: string): { reached(share: number): void; done(): void } {
  if (process.stdout.isTTY) {
    const format = `${what} {bar} {percentage} %  {duration_formatted}`;
    const bar = new cliProgress.SingleBar({ format, hideCursor: true }, cliProgress.Presets.shades_classic);
    bar.start(100, 0);
    return {
      reached: (share) => bar.update(Math.floor(100 * share)),
      done() {
        bar.update(100);
        bar.stop();
      },
    };
  }
  process.stdout.write(`${what} …\n`);
  let told = 0;
  return {
    reached(share) {
      const quarter = Math.floor(4 * share) / 4;
      if (quarter <= told) return;
      told = quarter;
      process.stdout.write(`${what}: ${100 * told} %\n`);
    },
    done: () => {},
  };
}
