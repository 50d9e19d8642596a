/**
 * `npm run torture`: kills a gateway again and again while devices talk to it, and checks that nothing was lost; or, with
 * `--fuzz`, sends it what nobody would.
 */
import cliProgress from "cli-progress";
import { Command, InvalidArgumentError, Option } from "commander";
import { createRandom } from "#firmware/world/random.ts";
import { type Fuzzed, fuzzed, fuzzers } from "../fuzz/fuzzers.ts";
import { type CombinationName, combinationNames } from "./combinations.ts";
import { MOST_KILLS, type RoundResult, runRound } from "./round.ts";
import { tableOf, told } from "./table.ts";

interface Options {
  readonly kills: number;
  readonly rate: number;
  readonly devices: number;
  readonly seed: string;
  readonly only: readonly CombinationName[];
  readonly json?: true;
  readonly fuzz?: Fuzzed;
  readonly count?: number;
}

const NOTES = `
Combinations: ${combinationNames.join(", ")}. Each is a real gateway under real devices' outboxes, with a real
influxd or mosquitto where its name says so, killed with SIGKILL and started again on the same folder and ports. In the end
every reading that was acknowledged is looked for in journal and history, every alert and notification is accounted for.
The same seed kills at the same moments, as far as the machine allows. Ends with 1 when a guarantee was broken.`;

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("a whole number from 1 on");
  return value;
}

const options = new Command("npm run torture --")
  .description("Kills the gateway at random moments under load; nothing acknowledged may be lost.")
  .option("--kills <n>", "in all, shared by the combinations", wholeNumber, 200)
  .option("--rate <n>", "readings a second", wholeNumber, 2000)
  .option("--devices <n>", "that say them", wholeNumber, 160)
  .option("--seed <text>", "of the moments and of what is said (drawn)", String(Date.now() % 1_000_000))
  .addOption(
    new Option("--only <combination...>", "instead of all").choices(combinationNames).default(combinationNames),
  )
  .addOption(new Option("--fuzz <what>", "no kills, but messages that nobody would send").choices(fuzzed))
  .option("--count <n>", "of these (100,000 of http, 1,000,000 of mqtt)", wholeNumber)
  .option("--json", "an object instead of the table")
  .addHelpText("after", NOTES)
  .parse()
  .opts<Options>();

/** No round has more kills than fit the time for which the journal remembers. */
function roundsOf({ kills, only }: Options): { combination: CombinationName; kills: number }[] {
  return only.flatMap((combination, i) => {
    const share = Math.floor(kills / only.length) + (i < kills % only.length ? 1 : 0);
    const rounds = Math.ceil(share / MOST_KILLS);
    return Array.from({ length: rounds }, (_, round) => ({
      combination,
      kills: Math.floor(share / rounds) + (round < share % rounds ? 1 : 0),
    }));
  });
}

/** On standard error, so that the table or the object is alone on standard output: a bar on a terminal, lines elsewhere. */
function showProgress(total: number): { killed(combination: string): void; end(): void } {
  let done = 0;
  if (process.stderr.isTTY) {
    const format = "Killing {bar} {value} of {total}  {combination}  {duration_formatted}, {eta_formatted} left";
    const bar = new cliProgress.SingleBar(
      { format, stream: process.stderr, hideCursor: true },
      cliProgress.Presets.shades_classic,
    );
    bar.start(total, 0, { combination: "" });
    return { killed: (combination) => bar.increment(1, { combination }), end: () => bar.stop() };
  }
  return {
    killed(combination) {
      if (++done % 10 === 0 || done === total) process.stderr.write(`${done} of ${total} kills: ${combination}\n`);
    },
    end: () => {},
  };
}

async function fuzz(what: Fuzzed, { seed, count, json }: Options): Promise<void> {
  process.stderr.write(`Seed ${seed}\n`);
  const { run, usual } = fuzzers[what];
  const wanted = count ?? usual;
  const tenth = Math.max(1, Math.round(wanted / 10));
  let tenths = 0;
  const { violations, words, figures } = await run(wanted, Number(seed) || 0, (done) => {
    if (Math.floor(done / tenth) > tenths)
      process.stderr.write(`${done.toLocaleString("en")} of ${wanted.toLocaleString("en")}\n`);
    tenths = Math.floor(done / tenth);
  });
  process.stdout.write(json ? `${JSON.stringify({ seed, ...figures })}\n` : `${words.join("\n")}\n`);
  if (violations.length > 0) process.exitCode = 1;
}

async function torture({ rate, devices, seed, json, ...wanted }: Options): Promise<void> {
  const random = createRandom(seed);
  const rounds = roundsOf({ rate, devices, seed, ...wanted });
  process.stderr.write(`Seed ${seed}\n`);
  const progress = showProgress(wanted.kills);
  const results: RoundResult[] = [];
  for (const [i, { combination, kills }] of rounds.entries()) {
    const onKill = () => progress.killed(combination);
    results.push(
      await runRound({ combination, kills, rate, devices, random: random.fork(`${combination} ${i}`), onKill }),
    );
  }
  progress.end();
  process.stdout.write(json ? `${JSON.stringify({ seed, rate, devices, rounds: results })}\n` : tableOf(results));
  if (!json) for (const line of told(results)) process.stdout.write(`${line}\n`);
  if (results.some(({ violations }) => violations.length > 0)) process.exitCode = 1;
}

await (options.fuzz === undefined ? torture(options) : fuzz(options.fuzz, options));
