/** What a person at the terminal sees of a device. A meter that rewrites its line on a TTY, plain lines elsewhere. */
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import type { Commands } from "#protocol/commands.ts";
import { levelOf } from "#protocol/decibel.ts";
import type { Sensed } from "./device/device.ts";
import type { UplinkState } from "./device/uplink.ts";

export interface Terminal {
  /** A line that stays. */
  say(line: string): void;
  /** The line that is replaced by the next one; a plain terminal gets one in ten of them, and each that is news. */
  meter(line: string, news: boolean): void;
}

const PLAIN_EVERY = 10;

export function openTerminal(stream: NodeJS.WriteStream): Terminal {
  const lively = stream.isTTY === true;
  let metering = false;
  let since = 0;
  return {
    say(line) {
      stream.write(`${metering ? "\r\x1b[K" : ""}${line}\n`);
      metering = false;
    },
    meter(line, news) {
      if (lively) {
        stream.write(`\r\x1b[K${line}${news ? "\n" : ""}`);
        metering = !news;
      } else if (news || since++ % PLAIN_EVERY === 0) stream.write(`${line}\n`);
    },
  };
}

/** Local time of day. */
export const clockTime = (t: number): string => new Date(t).toTimeString().slice(0, 8);

const BAR_FROM_DB = 25;
const BAR_TO_DB = 85;
const BAR_WIDTH = 24;

/** `12:00:07  54.5 dBA ███████  speech 0.93  conversation on` */
export function meterLine({ second }: Sensed, conversation: { readonly on: boolean }): string {
  const level = levelOf(second.a / P0_SQUARED);
  const share = (Math.min(BAR_TO_DB, Math.max(BAR_FROM_DB, level)) - BAR_FROM_DB) / (BAR_TO_DB - BAR_FROM_DB);
  const bar = "█".repeat(Math.round(share * BAR_WIDTH)).padEnd(BAR_WIDTH, "·");
  // Digital silence leaves a filter with no sound, however little its number is.
  const dba = level > 0 ? level.toFixed(1).padStart(5) : "  –  ";
  const clip = second.clipped ? "  CLIPPED" : "";
  return `${clockTime(second.t)} ${dba} dBA ${bar} speech ${second.speech.toFixed(2)}  conversation ${conversation.on ? "ON" : "off"}${clip}`;
}

/** One line for a change of the connection; nothing for what is of no interest. */
export function uplinkLine(state: UplinkState, broker: string): string | undefined {
  switch (state.kind) {
    case "online":
      return `connected to ${broker}`;
    case "waiting":
      return `not connected: ${state.reason}; trying again in ${(state.ms / 1000).toFixed(1)} s, messages are kept`;
    case "aside":
      return "another device of this name has come online; standing aside until it has gone";
    default:
      return undefined;
  }
}

export const indicatorLine = ({ show }: Commands["indicator"]): string =>
  ({
    off: "indicator: off",
    private: "indicator: ○ private",
    overheard: "indicator: ● this room can be overheard",
  })[show];
