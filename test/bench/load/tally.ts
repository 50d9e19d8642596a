/** Counts what is published and acknowledged, and how long that took. */
import type { SequencedChannel } from "#protocol/readings.ts";
import type { Told } from "./connection.ts";
import type { Latency, LoadResult } from "./plan.ts";

/** Of more publications than these, the latencies are those of the first. */
const MAX_SAMPLES = 16_000_000;

export class Tally implements Told {
  count = 0;
  fault: string | null = null;
  #bytes = 0;
  #total = 0;
  #lastAt = 0;
  #acknowledged = { state: 0, level: 0, stats: 0, health: 0 };
  #samples = new Float32Array(1 << 20);

  acknowledged(channel: SequencedChannel, dueAt: number): void {
    this.#acknowledged[channel]++;
    this.#lastAt = performance.now();
    if (this.#total === this.#samples.length && this.#total < MAX_SAMPLES) this.#samples = doubled(this.#samples);
    if (this.#total < this.#samples.length) this.#samples[this.#total] = this.#lastAt - dueAt;
    this.#total++;
  }

  published(payloadBytes: number): void {
    this.count++;
    this.#bytes += payloadBytes;
  }

  lost(reason: string): void {
    this.fault ??= reason;
  }

  result(start: number, cpuSeconds: number): LoadResult {
    return {
      published: this.count,
      acknowledged: this.#acknowledged,
      total: this.#total,
      seconds: (this.#lastAt - start) / 1000,
      latency: latencyOf(this.#samples.subarray(0, this.#total)),
      payloadBytes: this.#bytes / this.count,
      cpuSeconds,
      fault: this.fault,
    };
  }
}

function doubled(samples: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const longer = new Float32Array(samples.length * 2);
  longer.set(samples);
  return longer;
}

function latencyOf(samples: Float32Array): Latency {
  const sorted = samples.sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
