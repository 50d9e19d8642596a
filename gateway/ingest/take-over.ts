/**
 * Two clients of one name throw each other out for ever, since who comes last is let in [MQTT-3.1.4-2] and MQTT 3.1.1
 * has no word for why the other went. After a few times within a minute the one that is there stays, and newcomers are
 * refused until there has been quiet. Pure: time comes with the question.
 */
import type { Millis } from "#protocol/quantities.ts";

export interface TakeOverRules {
  /** So many take-overs of one name within `withinMs` are let pass: a device whose network flaps takes over itself. */
  readonly most: number;
  readonly withinMs: Millis;
  /** How long newcomers are refused, from the take-over that was one too many. */
  readonly quarantineMs: Millis;
}

export const takeOverRules: TakeOverRules = { most: 3, withinMs: 60_000, quarantineMs: 60_000 };

export type TakeOverVerdict =
  /** Nobody of that name is connected. */
  | { readonly kind: "free" }
  | { readonly kind: "takes-over" }
  /** `first`: the refusal that begins a quarantine, which is worth a line. */
  | { readonly kind: "refused"; readonly until: Millis; readonly first: boolean };

export interface TakeOvers {
  /** Somebody connects as `client`; `there`: somebody of that name is connected. */
  judge(client: string, there: boolean, at: Millis): TakeOverVerdict;
}

interface Name {
  /** Take-overs within the last `withinMs`, oldest first. */
  readonly times: Millis[];
  until: Millis;
}

/** Names that are remembered; a stranger may use any number of them. */
const REMEMBERED = 10_000;
const FREE: TakeOverVerdict = { kind: "free" };
const TAKES_OVER: TakeOverVerdict = { kind: "takes-over" };

export function createTakeOvers(rules: TakeOverRules = takeOverRules, remembered = REMEMBERED): TakeOvers {
  const names = new Map<string, Name>();

  function nameOf(client: string, at: Millis): Name {
    const known = names.get(client);
    if (known) return known;
    if (names.size >= remembered) forget(at);
    const name: Name = { times: [], until: Number.NEGATIVE_INFINITY };
    names.set(client, name);
    return name;
  }

  /** Those whose time is over; when there are none, the one that was seen first. */
  function forget(at: Millis): void {
    for (const [client, { times, until }] of names)
      if (until <= at && (times.at(-1) ?? 0) <= at - rules.withinMs) names.delete(client);
    if (names.size < remembered) return;
    const [first] = names.keys();
    names.delete(first!);
  }

  return {
    judge(client, there, at) {
      if (!there) return FREE;
      const name = nameOf(client, at);
      if (at < name.until) return { kind: "refused", until: name.until, first: false };
      while (name.times.length > 0 && name.times[0]! <= at - rules.withinMs) name.times.shift();
      if (name.times.length < rules.most) {
        name.times.push(at);
        return TAKES_OVER;
      }
      name.times.length = 0;
      name.until = at + rules.quarantineMs;
      return { kind: "refused", until: name.until, first: true };
    },
  };
}
