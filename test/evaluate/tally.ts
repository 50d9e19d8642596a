/** Counts of right and wrong, made of one run and added over many. Plain data: it travels between threads. */

/** How one alert rule did. */
export interface RuleTally {
  /** What should have raised an alert, and how much of it did. */
  readonly due: number;
  readonly found: number;
  /** From the start of what is alerted to the firing, s, of those found. */
  readonly delays: readonly number[];
  /** Alerts that fired, and those of them that nothing true was behind. */
  readonly fired: number;
  readonly falseOnes: number;
  /** Places (offices, ordered pairs) times simulated months of 30 days. */
  readonly months: number;
  /** Where and when, for whoever looks into it. */
  readonly missedCases: readonly string[];
  readonly falseCases: readonly string[];
}

export const emptyRule: RuleTally = {
  due: 0,
  found: 0,
  delays: [],
  fired: 0,
  falseOnes: 0,
  months: 0,
  missedCases: [],
  falseCases: [],
};

export interface LinkTally {
  /** Pairs of rooms from one to the other, said to be linked while nothing of the talk got there. */
  readonly falseOnes: number;
  readonly months: number;
  /** Hours of talk whose pair was listened to though nothing got through. */
  readonly hours: number;
  readonly falseCases: readonly string[];
}

/** One situation of the bench: a pair of rooms, everything said of it. */
export interface LineTally extends RuleTally {
  /** Firings after the level difference was known: `due` and `found` of these alone. */
  readonly learned: { readonly due: number; readonly found: number };
  readonly falseLinks: number;
}

/** One fault: seconds from its start, or from the first talk that can show it, to each pair's `unknown` with the reason. */
export interface FaultTally {
  readonly delays: readonly number[];
  /** Pairs that never said the reason, and seconds in which one was called private from two minutes after on. */
  readonly never: number;
  readonly privateS: number;
}

export interface Tally {
  readonly rules: Readonly<Record<string, RuleTally>>;
  readonly link: LinkTally;
  /** Absolute errors of accepted octaves of level difference, dB. */
  readonly ld: readonly number[];
  /** Errors of SII5, estimate less truth, minute by minute. */
  readonly sii5: readonly number[];
  readonly lines: Readonly<Record<string, LineTally>>;
  readonly faults: Readonly<Record<string, FaultTally>>;
}

export const emptyTally: Tally = {
  rules: {},
  link: { falseOnes: 0, months: 0, hours: 0, falseCases: [] },
  ld: [],
  sii5: [],
  lines: {},
  faults: {},
};

/** Adds numbers, joins lists, and goes into what is named, at whatever depth. */
export function addTallies<T>(one: T, other: T): T {
  if (one === undefined) return other;
  if (other === undefined) return one;
  if (typeof one === "number") return ((one as number) + (other as number)) as T;
  if (Array.isArray(one)) return [...one, ...(other as unknown[])] as T;
  const names = new Set([...Object.keys(one as object), ...Object.keys(other as object)]);
  const part = (whole: T, name: string) => (whole as Record<string, unknown>)[name];
  return Object.fromEntries([...names].map((name) => [name, addTallies(part(one, name), part(other, name))])) as T;
}
