/** The rows of DESIGN §8, in its order. */
import type { Row } from "./figure.ts";
import { ackLatency } from "./rows/ack-latency.ts";
import { burstDurable } from "./rows/burst-durable.ts";
import { drain } from "./rows/drain.ts";
import { sustainedInflux } from "./rows/sustained-influx.ts";

export const rows: readonly Row[] = [burstDurable, sustainedInflux, drain, ackLatency];
