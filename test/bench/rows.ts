/** The rows of DESIGN §8, in its order. */
import type { Row } from "./figure.ts";
import { ackLatency } from "./rows/ack-latency.ts";
import { alertLatency } from "./rows/alert-latency.ts";
import { burstDurable } from "./rows/burst-durable.ts";
import { drain } from "./rows/drain.ts";
import { firmware } from "./rows/firmware.ts";
import { firstView } from "./rows/first-view.ts";
import { fleet } from "./rows/fleet.ts";
import { memoryFull, memoryIdle } from "./rows/memory.ts";
import { reportYear } from "./rows/report-year.ts";
import { sustainedInflux } from "./rows/sustained-influx.ts";

export const rows: readonly Row[] = [
  burstDurable,
  sustainedInflux,
  drain,
  ackLatency,
  alertLatency,
  firmware,
  reportYear,
  memoryIdle,
  memoryFull,
  firstView,
];

/** Longer than all others together: run only when it is asked for. */
export const longRows: readonly Row[] = [fleet];
