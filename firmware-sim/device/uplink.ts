/** Keeps a device connected: dials, runs a session, waits with jitter, stands aside for a namesake, says goodbye. */
import { backOff, RECONNECT } from "./back-off.ts";
import { status } from "./identity.ts";
import type { Dial } from "./link.ts";
import {
  SESSION_RULES,
  Session,
  type SessionEnd,
  type SessionPorts,
  type SessionRules,
  subscriptions,
} from "./session.ts";
import { ASIDE_RULES, type AsidePorts, type AsideRules, isReplaced, standAside } from "./stand-aside.ts";

export type UplinkState =
  | { readonly kind: "connecting" }
  | { readonly kind: "online" }
  | { readonly kind: "waiting"; readonly ms: number; readonly reason: string }
  | { readonly kind: "aside" }
  | { readonly kind: "closed" };

export interface UplinkOptions extends Omit<SessionPorts, "rules" | "onOnline"> {
  readonly dial: Dial;
  /** Jitter, in [0, 1). */
  readonly random: () => number;
  readonly onState?: (state: UplinkState) => void;
  readonly sessionRules?: Partial<SessionRules>;
  readonly asideRules?: Partial<AsideRules>;
}

export interface Uplink {
  state(): UplinkState;
  /** Something was put in the outbox. */
  wake(): void;
  /** Publishes one `bands` message if there is a connection, else it is lost. */
  say(payload: string): void;
  /** Waits until everything is confirmed, at most `drainMs`; then says goodbye and ends. */
  close(drainMs: number): Promise<void>;
  /** Ends as if the power had gone. */
  drop(): Promise<void>;
}

/** A session that lasted this long shows that the way is good: the next failure starts the back-off anew, ms. */
const STEADY_MS = RECONNECT.ceilingMs;
const DRAIN_LOOK_MS = 50;

export function openUplink(options: UplinkOptions): Uplink {
  const { clock, random, dial, identity, outbox } = options;
  const stop = new AbortController();
  let state: UplinkState = { kind: "connecting" };
  let session: Session | undefined;
  /** In this boot, and in the latest session. */
  let wasOnline = false;
  let announced = false;

  const become = (next: UplinkState) => {
    state = next;
    options.onState?.(next);
  };

  const ports: SessionPorts = {
    ...options,
    rules: { ...SESSION_RULES, ...options.sessionRules },
    onOnline: () => {
      wasOnline = true;
      announced = true;
      become({ kind: "online" });
    },
  };
  const aside: AsidePorts = { ...options, rules: { ...ASIDE_RULES, ...options.asideRules }, signal: stop.signal };

  async function connect(): Promise<SessionEnd> {
    announced = false;
    const next = new Session(ports, wasOnline);
    try {
      const link = await dial({
        clientId: identity.device,
        lasting: true,
        will: status(identity, "offline", outbox.nextSeq, options.time()),
        subscribe: subscriptions(identity),
        heard: (topic, payload, retained) => next.heard(topic, payload, retained),
        ended: (reason) => next.ended(reason),
      });
      if (stop.signal.aborted) {
        await link.close();
        return { kind: "lost", reason: "goodbye" };
      }
      session = next;
      return await next.run(link);
    } catch (error) {
      return { kind: "lost", reason: error instanceof Error ? error.message : String(error) };
    } finally {
      session = undefined;
    }
  }

  async function wait(attempt: number, reason: string): Promise<void> {
    const ms = backOff(attempt, RECONNECT, random());
    if (stop.signal.aborted) return;
    become({ kind: "waiting", ms, reason });
    await clock.wait(ms, stop.signal).catch(() => {});
  }

  async function live(): Promise<void> {
    for (let attempt = 0; !stop.signal.aborted; attempt++) {
      become({ kind: "connecting" });
      const began = clock.now();
      const end = await connect();
      if (end.kind === "lost") {
        if (clock.now() - began >= STEADY_MS) attempt = 0;
        await wait(attempt, end.reason);
      }
      // A broker ends a connection without a word when a namesake takes it over.
      if (end.kind === "displaced" || (announced && (await isReplaced(aside)))) {
        become({ kind: "aside" });
        await standAside(aside);
        // Whoever was here has gone: what the broker keeps of it is history.
        wasOnline = false;
        attempt = -1;
      }
    }
    become({ kind: "closed" });
  }

  async function drained(ms: number): Promise<void> {
    const until = clock.now() + ms;
    while (outbox.depth > 0 && clock.now() < until) await clock.wait(DRAIN_LOOK_MS);
  }

  const living = live();
  return {
    state: () => state,
    wake: () => session?.pump(),
    say: (payload) => session?.say(payload),
    async close(drainMs) {
      await drained(drainMs);
      stop.abort();
      await session?.goodbye();
      await living;
    },
    async drop() {
      stop.abort();
      session?.drop();
      await living;
    },
  };
}
