/**
 * How long a sign-in has to wait, by what has failed lately. Pure: a step of time and outcome. Each of four counts grows by one
 * with an attempt, drains with time, and asks for a wait that doubles with each attempt beyond those that are free:
 *
 * - the account from one address: what guesses at one account is slowed to a guess in five minutes, and nobody else is;
 * - the account from anywhere: many addresses together are slowed to a guess a minute;
 * - the address, whatever account: going through many accounts is slowed to an attempt in five seconds;
 * - instead of all three, a browser in which the account has signed in before (OWASP, "device cookies"): it has its own count, so
 *   that nobody else's attempts, from the same address or on the same account, keep it out.
 *
 * An attempt that comes too early is not made and counts for nothing, so hammering does not lengthen the wait. An attempt counts
 * when it begins, or many at once would be one; one that succeeds is taken back.
 */
import type { Millis } from "#protocol/quantities.ts";

export interface Attempt {
  readonly name: string;
  readonly address: string;
  /** What stands for a browser in which this account has signed in before; undefined for any other. */
  readonly browser: string | undefined;
}

export interface Throttle {
  /** 0: the attempt may be made, and is counted. Otherwise how long to wait, ms; nothing is counted. */
  begin(attempt: Attempt, now: Millis): number;
  /** It was right: it is taken back, and what was held against this account here is forgotten. */
  succeeded(attempt: Attempt, now: Millis): void;
}

interface Rule {
  /** Attempts that cost nothing. */
  readonly free: number;
  /** First wait, ms; each further attempt doubles it. */
  readonly first: number;
  readonly longest: number;
  /** One attempt is forgotten in this time, ms. */
  readonly drain: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/**
 * NIST SP 800-63B §3.2.2 allows 100 failures in a row on one account; these rules let through at most about 1,500 a day from
 * everywhere together, and forget what is a day old.
 */
const rules = {
  pair: { free: 5, first: SECOND, longest: 5 * MINUTE, drain: 10 * MINUTE },
  name: { free: 20, first: SECOND, longest: MINUTE, drain: 2 * MINUTE },
  address: { free: 50, first: SECOND / 2, longest: 5 * SECOND, drain: 10 * SECOND },
  browser: { free: 10, first: SECOND, longest: 5 * MINUTE, drain: 10 * MINUTE },
} as const satisfies Record<string, Rule>;
type Kind = keyof typeof rules;

/** Counts that are kept of each kind; beyond, the one that was touched longest ago is forgotten. */
const MOST = 20_000;

interface Count {
  readonly level: number;
  readonly at: Millis;
  readonly openAt: Millis;
}

export function createThrottle(): Throttle {
  const counts: Readonly<Record<Kind, Map<string, Count>>> = {
    pair: new Map(),
    name: new Map(),
    address: new Map(),
    browser: new Map(),
  };
  const keysOf = ({ name, address, browser }: Attempt): [Kind, string][] => {
    if (browser !== undefined) return [["browser", browser]];
    const from = network(address);
    return [
      ["pair", `${name} ${from}`],
      ["name", name],
      ["address", from],
    ];
  };
  const touch = (kind: Kind, key: string, count: Count) => {
    const kept = counts[kind];
    kept.delete(key);
    if (count.level > 0) kept.set(key, count);
    if (kept.size > MOST) kept.delete(kept.keys().next().value!);
  };

  return {
    begin(attempt, now) {
      const keys = keysOf(attempt);
      // A clock that was set back makes nobody wait longer than the rule has it.
      const wait = Math.max(
        ...keys.map(([kind, key]) => {
          const count = counts[kind].get(key);
          return count === undefined || count.at > now ? 0 : count.openAt - now;
        }),
      );
      if (wait > 0) return wait;
      for (const [kind, key] of keys) touch(kind, key, counted(rules[kind], counts[kind].get(key), now));
      return 0;
    },
    succeeded(attempt, now) {
      for (const [kind, key] of keysOf(attempt)) {
        const count = counts[kind].get(key);
        if (!count) continue;
        const left = kind === "pair" || kind === "browser" ? 0 : Math.max(0, drained(rules[kind], count, now) - 1);
        touch(kind, key, { level: left, at: now, openAt: now });
      }
    },
  };
}

const drained = ({ drain }: Rule, { level, at }: Count, now: Millis): number =>
  Math.max(0, level - Math.max(0, now - at) / drain);

function counted(rule: Rule, before: Count | undefined, now: Millis): Count {
  const level = (before ? drained(rule, before, now) : 0) + 1;
  const beyond = level - rule.free;
  const wait = beyond <= 0 ? 0 : Math.min(rule.longest, rule.first * 2 ** (Math.ceil(beyond) - 1));
  return { level, at: now, openAt: now + wait };
}

/** Whoever has one IPv6 address has its whole /64. */
export function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return mapped[1]!;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("%")[0]!.split("::");
  const groups = head.split(":").filter(Boolean);
  const after = tail === undefined ? [] : tail.split(":").filter(Boolean);
  const whole = [...groups, ...Array<string>(Math.max(0, 8 - groups.length - after.length)).fill("0"), ...after];
  return `${whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, "").toLowerCase())
    .join(":")}::/64`;
}
