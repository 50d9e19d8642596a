/** What `npm run torture -- --fuzz` can send, and how much of it. */

export interface FuzzResult {
  readonly requests: number;
  /** How often each answer came. */
  readonly answers: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
  /** Of the heap after garbage was collected, from the first fifth to the end, MB. */
  readonly grownMb: number;
}

export interface Fuzzer {
  readonly usual: number;
  run(requests: number, seed: number, onProgress: (done: number) => void): Promise<FuzzResult>;
}

export const fuzzers = {
  http: {
    usual: 100_000,
    run: async (...how) => (await import("./fuzz-http.ts")).fuzzHttp(...how),
  },
} as const satisfies Record<string, Fuzzer>;

export type Fuzzed = keyof typeof fuzzers;
export const fuzzed = Object.keys(fuzzers) as readonly Fuzzed[];
