/** `npm run report`: a report on standard output or into a file, beside a running gateway or without one. */
import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import { systemClock } from "../clock.ts";
import { type Config, ConfigError, readConfig } from "../config.ts";
import { groupedSight, seesAll } from "../display/sight.ts";
import { HistoryError } from "../history/history.ts";
import { openHistory } from "../history/open.ts";
import { openJournal } from "../journal/open-journal.ts";
import { JournalError } from "../journal/thread.ts";
import { readToldFrom } from "../told-from.ts";
import { reportCsv } from "./csv.ts";
import { NotEnteredError, noteLook } from "./entered.ts";
import { gatherReport } from "./gather.ts";
import { reportHtml } from "./html.ts";
import { PeriodError, parseCompared, parsePeriod } from "./period.ts";
import type { Language } from "./texts.ts";

interface Options {
  readonly from?: string;
  readonly to?: string;
  readonly compareFrom?: string;
  readonly compareTo?: string;
  readonly format: "html" | "csv" | "json";
  readonly language: Language;
  readonly reach: "grouped" | "all";
  readonly out?: string;
  readonly data?: string;
  readonly history?: string;
  readonly site?: string;
  readonly config?: string;
}

const command = new Command("npm run report --")
  .description("Sound leakage, conversations, alerts and coverage of a period.")
  .option("--from <time>", "date (2026-11-01) or RFC 3339 time; four weeks before `to` if left out")
  .option("--to <time>", "date, that day included, or RFC 3339 time; now if left out")
  .option("--compare-from <time>", "another period, before or after a measure, to compare boundaries with: its start …")
  .option("--compare-to <time>", "… and its end")
  .addOption(new Option("--format <format>", "of the report").choices(["html", "csv", "json"]).default("html"))
  .addOption(new Option("--language <language>", "of the page").choices(["da", "en"]).default("da"))
  .addOption(
    new Option(
      "--reach <reach>",
      "grouped: by the display rules, as team leads and facilities see it · all: every room singly, as measured, as the DPO and the staff representative see it; whoever can read the data folder could read it there too",
    )
      .choices(["grouped", "all"])
      .default("grouped"),
  )
  .option("--out <file>", "write there instead of to standard output")
  .option("--data <folder>", "data folder (FORTROLIG_DATA)")
  .option("--history <url>", "history database (FORTROLIG_HISTORY)")
  .option("--site <file>", "site file (FORTROLIG_SITE)")
  .option("--config <file>", "settings file")
  .addHelpText(
    "after",
    `
Each report is entered in the audit log, done by the machine; what cannot be entered is not told.

Examples:
  npm run -s report -- --from 2026-11-01 --to 2026-11-14 --out report.html
  npm run -s report -- --from 2026-11-01 --to 2026-11-14 --compare-from 2026-09-01 --compare-to 2026-09-30 --language en`,
  );

const options = command.parse().opts<Options>();
try {
  const config = readConfig(
    process.env,
    { data: options.data, history: options.history, site: options.site },
    options.config,
  );
  const report = await render(config, options);
  if (options.out === undefined) process.stdout.write(report);
  else writeFileSync(options.out, report);
} catch (error) {
  if (!isExpected(error)) throw error;
  process.stderr.write(`report: ${error.message}\n`);
  process.exitCode = 1;
}

async function render(config: Config, { format, language, reach, ...given }: Options): Promise<string> {
  const { timeZone } = config.site;
  const now = systemClock.now();
  const period = parsePeriod(given, timeZone, now);
  const compared = parseCompared(given, period, timeZone, now);
  await using journal = await openJournal(config.data, { readOnly: true });
  // Nobody waits for this thread meanwhile, and another one's answers would have to be copied.
  await using history = await openHistory(config.history, { token: config.historyToken, sameThread: true });
  const { from, to, compareFrom, compareTo } = given;
  const asked = { reach, from, to, compareFrom, compareTo, format, language };
  noteLook(config.data, config.site, { at: now, object: "report", asked });
  const sight = reach === "all" ? seesAll : groupedSight(config.site, now, await readToldFrom(journal));
  const report = await gatherReport({ site: config.site, journal, history }, period, compared, sight);
  if (format === "json") return `${JSON.stringify(report, null, 2)}\n`;
  return format === "csv" ? reportCsv(report) : reportHtml(report, language);
}

/** Faults that a person can do something about, told in one line. */
function isExpected(error: unknown): error is Error {
  const kinds = [ConfigError, PeriodError, HistoryError, JournalError, NotEnteredError];
  return kinds.some((kind) => error instanceof kind) || (error instanceof Error && "code" in error && "path" in error);
}
