/** What `npm run torture -- --fuzz` can send, and how much of it. */

export interface Outcome {
  /** What must not be, in words; empty when the gateway has kept its word. */
  readonly violations: readonly string[];
  /** Lines for people. */
  readonly words: readonly string[];
  /** The same and more, for programs. */
  readonly figures: object;
}

export interface Fuzzer {
  readonly usual: number;
  run(count: number, seed: number, onProgress: (done: number) => void): Promise<Outcome>;
}

export const fuzzers = {
  http: {
    usual: 100_000,
    async run(...how) {
      const { fuzzHttp, wordsOf } = await import("./fuzz-http.ts");
      const result = await fuzzHttp(...how);
      return { violations: result.violations, words: wordsOf(result), figures: result };
    },
  },
  mqtt: {
    usual: 1_000_000,
    async run(count, seed, onProgress) {
      const { fuzzMqtt } = await import("./fuzz-mqtt.ts");
      const { phaseWords } = await import("./phase-words.ts");
      const phases = await fuzzMqtt(count, seed, onProgress);
      const violations = phases.flatMap((phase) => phase.violations);
      return { violations, words: phases.flatMap(phaseWords), figures: { phases } };
    },
  },
} as const satisfies Record<string, Fuzzer>;

export type Fuzzed = keyof typeof fuzzers;
export const fuzzed = Object.keys(fuzzers) as readonly Fuzzed[];
