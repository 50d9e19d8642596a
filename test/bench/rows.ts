/** The rows of DESIGN §8, in its order. */
import type { Row } from "./figure.ts";
import { burstDurable } from "./rows/burst-durable.ts";

export const rows: readonly Row[] = [burstDurable];
