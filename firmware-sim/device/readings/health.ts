/** `health`: once a minute, whatever else the device may say. */
import { P0_SQUARED, type Second } from "#firmware/dsp/second.ts";
import { HEALTH_PERIOD_S } from "#protocol/cadence.ts";
import { levelOf } from "#protocol/decibel.ts";
import type { Millis } from "#protocol/quantities.ts";
import { Health } from "#protocol/readings.ts";
import { quantiser } from "./quantiser.ts";
import type { Reading } from "./reading.ts";

/** How the device is, as its loop knows it. */
export interface Condition {
  /** Since boot, ms. */
  readonly uptimeMs: number;
  /** Messages waiting for a receipt, and dropped in this boot. */
  readonly outbox: number;
  readonly dropped: number;
  readonly muted: boolean;
  readonly asleep: boolean;
  readonly tamper: boolean;
  /** dBm. */
  readonly rssi: number;
  /** Version of the configuration applied; 0 for none. */
  readonly configVersion: number;
  /** Estimate of the clock's error, ms. */
  readonly clockError: number;
}

export interface HealthMinutes {
  /** Answers the reading with the last second of a UTC minute, or with the first one after it. `second` is null when nothing was heard. */
  add(t: Millis, second: Second | null, condition: Condition): Reading<"health"> | null;
}

const PERIOD_MS = HEALTH_PERIOD_S * 1000;
const FLOOR_MINUTES = 60;

const micFloor = quantiser(Health.shape.micFloor);
const micDc = quantiser(Health.shape.micDc);
const rssi = quantiser(Health.shape.rssi);
const uptime = quantiser(Health.shape.uptime);
const messages = quantiser(Health.shape.outbox);

export function createHealthMinutes(): HealthMinutes {
  const floor = createFloor();
  let dc = 0;
  let minutesOver: number | null = null;
  return {
    add(t, second, condition) {
      if (second) {
        floor.add(second);
        dc = second.dc ?? 0;
      }
      const over = Math.floor((t + 1000) / PERIOD_MS);
      const before = minutesOver ?? over - ((t + 1000) % PERIOD_MS === 0 ? 1 : 0);
      minutesOver = over;
      if (over <= before) return null;
      const body = {
        t: (over - 1) * PERIOD_MS,
        uptime: uptime(Math.floor(condition.uptimeMs / 3_600_000)),
        outbox: messages(condition.outbox),
        dropped: messages(condition.dropped),
        micFloor: micFloor(levelOf(floor.lowest(over) / P0_SQUARED)),
        micDc: micDc(100 * dc),
        muted: condition.muted,
        asleep: condition.asleep,
        tamper: condition.tamper,
        rssi: rssi(condition.rssi),
        configVersion: condition.configVersion % 256,
      };
      return { channel: "health", body };
    },
  };
}

/** The lowest LAF of the last hour, Pa², minute by minute; 0 when nothing was heard, as for a dead microphone. */
function createFloor() {
  const lowest = new Float64Array(FLOOR_MINUTES);
  const minutes = new Float64Array(FLOOR_MINUTES).fill(Number.NEGATIVE_INFINITY);
  return {
    add({ t, laf }: Second) {
      const minute = Math.floor(t / PERIOD_MS);
      const place = minute % FLOOR_MINUTES;
      if (minutes[place] !== minute) lowest[place] = Number.POSITIVE_INFINITY;
      minutes[place] = minute;
      for (let i = 0; i < laf.length; i++) if (laf[i]! < lowest[place]!) lowest[place] = laf[i]!;
    },
    /** Of the hour before the minute `now`, or 0. */
    lowest(now: number): number {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < FLOOR_MINUTES; i++)
        if (minutes[i]! >= now - FLOOR_MINUTES && lowest[i]! < least) least = lowest[i]!;
      return Number.isFinite(least) ? least : 0;
    },
  };
}
