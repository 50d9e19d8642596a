/**
 * Another device may come online under this one's name, such as a recording that is played into its room. Two that take
 * each other's connection again and again are both useless, so the older one waits, and looks on over a connection of
 * its own that disturbs nobody, until the other has gone.
 */
import { clientIdFor } from "#protocol/enrolment.ts";
import type { Boot } from "#protocol/quantities.ts";
import { Status } from "#protocol/readings.ts";
import { backOff, RECONNECT } from "./back-off.ts";
import type { Clock } from "./clock.ts";
import type { Identity } from "./identity.ts";
import type { Dial, Link } from "./link.ts";
import { ownStatus } from "./session.ts";

export interface AsideRules {
  /** How long a look waits for the retained status, ms. */
  readonly lookMs: number;
  /** Without a view of the other, the device comes back after this, ms. */
  readonly blindMs: number;
  /** The other counts as gone when it has been offline for this long: longer than a first reconnect, ms. */
  readonly settleMs: number;
}

export const ASIDE_RULES: AsideRules = { lookMs: 1000, blindMs: 600_000, settleMs: 5000 };

export interface AsidePorts {
  readonly identity: Identity;
  readonly dial: Dial;
  readonly clock: Clock;
  readonly random: () => number;
  readonly rules: AsideRules;
  readonly signal: AbortSignal;
}

/** Whether another boot is online under this name, as far as the broker answers. */
export async function isReplaced(ports: AsidePorts): Promise<boolean> {
  const { clock, rules, signal } = ports;
  const answer = Promise.withResolvers<boolean>();
  const no = () => answer.resolve(false);
  const link = await watch(ports, (other) => answer.resolve(other !== undefined), no);
  if (!link) return false;
  clock.wait(rules.lookMs, signal).then(no, no);
  const replaced = await answer.promise;
  await link.close();
  return replaced;
}

/** Resolves when nobody else is online under this name, or when that could not be seen for `blindMs`. */
export async function standAside(ports: AsidePorts): Promise<void> {
  const { clock, random, rules, signal } = ports;
  const blindUntil = clock.now() + rules.blindMs;
  for (let attempt = 0; !signal.aborted; attempt++) {
    if ((await lookOn(ports)) === "gone" || clock.now() >= blindUntil) return;
    const wait = Math.min(backOff(attempt, RECONNECT, random()), blindUntil - clock.now());
    await clock.wait(wait, signal).catch(() => {});
  }
}

/** `gone` when the other has been away for the settling time, `blind` when the broker does not let this one look. */
async function lookOn(ports: AsidePorts): Promise<"gone" | "blind"> {
  const { clock, random, rules, signal } = ports;
  const result = Promise.withResolvers<"gone" | "blind">();
  const blind = () => result.resolve("blind");
  let settling = new AbortController();
  const see = (other: Boot | undefined) => {
    settling.abort();
    settling = new AbortController();
    if (other !== undefined) return;
    // Two that stand aside for each other must not come back in the same moment.
    const wait = clock.wait(rules.settleMs * (1 + random()), settling.signal);
    wait.then(
      () => result.resolve("gone"),
      () => {},
    );
  };
  signal.addEventListener("abort", blind);
  see(undefined);
  const link = await watch(ports, see, blind);
  if (!link) blind();
  const seen = await result.promise;
  settling.abort();
  signal.removeEventListener("abort", blind);
  await link?.close();
  return seen;
}

/** Shows who else is online under this name, first and after each change; undefined when the broker does not let it. */
async function watch(
  { identity, dial }: AsidePorts,
  see: (other: Boot | undefined) => void,
  ended: () => void,
): Promise<Link | undefined> {
  try {
    return await dial({
      clientId: clientIdFor(identity.device, "aside", identity.boot),
      lasting: false,
      subscribe: [ownStatus(identity)],
      heard: (_topic, payload) => see(onlineOther(payload, identity.boot)),
      ended,
    });
  } catch {
    return undefined;
  }
}

/** The boot that says it is online, when it is not this one. */
function onlineOther(payload: Uint8Array, own: Boot): Boot | undefined {
  try {
    const { boot, status } = Status.parse(JSON.parse(Buffer.from(payload).toString("utf8")));
    return status === "online" && boot !== own ? boot : undefined;
  } catch {
    return undefined;
  }
}
