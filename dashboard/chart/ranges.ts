/**
 * The periods a room's history is shown for, each in the finest resolution that stays below 2,000 points, and how often it is
 * read again. Each reading is an entry in the audit log, so not as often as measurements come.
 */
import type { Resolution } from "#protocol/api.ts";

const HOUR = 3_600_000;

export const ranges = {
  "1h": { ms: HOUR, resolution: "raw", refreshMs: 30_000 },
  "8h": { ms: 8 * HOUR, resolution: "1m", refreshMs: 60_000 },
  "24h": { ms: 24 * HOUR, resolution: "1m", refreshMs: 60_000 },
  "7d": { ms: 7 * 24 * HOUR, resolution: "1h", refreshMs: 300_000 },
  "28d": { ms: 28 * 24 * HOUR, resolution: "1h", refreshMs: 300_000 },
} as const satisfies Record<string, { ms: number; resolution: Resolution; refreshMs: number }>;

export type Range = keyof typeof ranges;
export const rangeNames = Object.keys(ranges) as Range[];
