/** What `npm start` and `npm run gateway` share: their flags, their faults in one line each, their end by a signal. */
import { once } from "node:events";
import { Command } from "commander";
import { AccessFileError } from "./access/refusal.ts";
import { CheckpointKeyError } from "./audit/checkpoint-key.ts";
import { CertificateError } from "./certificate.ts";
import { ConfigError, type Overrides } from "./config.ts";
import { AddressError } from "./gateway.ts";
import { HistoryError } from "./history/history.ts";
import { BrokerError } from "./ingest/broker.ts";
import { JournalError } from "./journal/thread.ts";

export interface Flags extends Overrides {
  readonly config?: string;
  readonly check?: true;
}

export const settingsCommand = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option("--config <file>", "settings file (fortrolig.yaml if there is one)")
    .option("--site <file>", "site file (FORTROLIG_SITE)")
    .option("--data <folder>", "folder of journal and embedded history (FORTROLIG_DATA)")
    .option("--http <host:port>", "dashboard and API (FORTROLIG_HTTP)")
    .option("--mqtt <host:port>", "embedded broker (FORTROLIG_MQTT)")
    .option("--broker <url>", "an outside broker instead (FORTROLIG_BROKER)")
    .option("--history <url>", "sqlite:…, influxdb://… or influxdb2://… (FORTROLIG_HISTORY)")
    .option("--memory <MB>", "resident memory that the gateway may take (FORTROLIG_MEMORY)")
    .option("--log <level>", "silent, error, warn, info or debug (FORTROLIG_LOG)");

const expected = [
  AccessFileError,
  AddressError,
  BrokerError,
  CertificateError,
  CheckpointKeyError,
  ConfigError,
  HistoryError,
  JournalError,
];

/** Runs a process; a fault that a person can mend is one clear line, not a stack, and exit code 1. */
export async function runProcess(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!expected.some((kind) => error instanceof kind)) throw error;
    process.exitCode = 1;
    for (const line of (error as Error).message.split("\n")) process.stderr.write(`${name}: ${line}\n`);
  }
}

/** Resolves at the first request to stop; a second one ends the process at once. */
export async function untilAskedToStop(): Promise<void> {
  const ends = ["SIGINT", "SIGTERM"].map((signal) => once(process, signal));
  await Promise.race(ends);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
}
