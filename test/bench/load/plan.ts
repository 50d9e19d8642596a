/** What a load generator is asked for, and what it answers. Both are JSON. */
import type { SequencedChannel } from "#protocol/readings.ts";
import type { Times } from "./phrases.ts";

export interface LoadPlan {
  readonly port: number;
  readonly site: string;
  /** Devices that speak: number `first` and those after it. */
  readonly first: number;
  readonly devices: number;
  /** TCP connections; device number i speaks over connection i modulo this. */
  readonly connections: number;
  readonly times: Times;
  /** Publications without PUBACK at one time, per connection. */
  readonly window: number;
  /** Publications/s over all connections, at even intervals; null: as many as are acknowledged. */
  readonly ratePerS: number | null;
  /** The first limit that is reached ends the publishing; so does the end of standard input. */
  readonly seconds: number | null;
  readonly messages: number | null;
  /** How devices come in where they need a credential: over TLS, each over a connection of its own. */
  readonly enrolled: Enrolled | null;
}

/** Files: the authority that vouches for the broker (PEM), and the devices' secrets (JSON, by name). */
export interface Enrolled {
  readonly ca: string;
  readonly secrets: string;
}

/** ms */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface LoadResult {
  readonly published: number;
  /** PUBACKs by channel. */
  readonly acknowledged: Readonly<Record<SequencedChannel, number>>;
  readonly total: number;
  /** From the first publication to the last PUBACK. */
  readonly seconds: number;
  /** From the time a publication was due to its PUBACK; with a free rate, from its publication. */
  readonly latency: Latency;
  /** Mean of a PUBLISH packet's payload. */
  readonly payloadBytes: number;
  /** Of the generator itself, user and system, from the first publication to the last PUBACK. */
  readonly cpuSeconds: number;
  /** Why it did not end as planned. */
  readonly fault: string | null;
}
