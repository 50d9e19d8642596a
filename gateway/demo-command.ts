/** The flags of `npm start`. */
import { type Command, InvalidArgumentError } from "commander";
import { type Flags, settingsCommand } from "./command-line.ts";

export interface DemoFlags extends Flags {
  readonly seed: string;
  readonly weeks: number;
  readonly devices: boolean;
}

export const demoCommand = (): Command =>
  settingsCommand("npm start --", "The demo job centre: simulated devices → gateway → dashboard.")
    .option("--seed <text>", "same seed, same job centre", "1")
    .option("--weeks <number>", "weeks of history made at the first start", weeks, 4)
    .option("--no-devices", "no simulated devices: others may connect");

function weeks(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || value > 52) throw new InvalidArgumentError("Use a number from 0 to 52.");
  return value;
}
