/**
 * What is in force of the configuration, kept in the journal: every change is written down with its entry in the audit log,
 * or does not happen.
 */
import type { Millis } from "#protocol/quantities.ts";
import { configInForce, faultOfWanted, governed } from "./agreed-config.ts";
import type { Change } from "./approval/diff.ts";
import type { Event } from "./approval/events.ts";
import { DENMARK, type LawProfile } from "./approval/law-profile.ts";
import { isPast } from "./approval/request.ts";
import { heldBack, inForce, type State } from "./approval/state.ts";
import { type Input, step, type Wanted } from "./approval/step.ts";
import { type AuditEntry, BY_GATEWAY } from "./audit/entry.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { startPeriodic } from "./history/periodic.ts";
import type { Journal } from "./journal/journal.ts";

const NOTE = "changes";
const LOOK_MS = 60_000;
/** How often time that has passed is written down by itself; as much of a notice may be lost with a crash. */
const KEEP_MS = 1_800_000;
const LONGEST_SCOPE = 2000;

type Timeless<I> = I extends Input ? Omit<I, "at"> : never;
/** What somebody wants; the gateway says when. */
export type Wish = Timeless<Exclude<Input, { kind: "tick" | "start" }>>;

export interface Changes extends AsyncDisposable {
  state(): State;
  readonly law: LawProfile;
  /** Does it, or says why not in an event `denied`. Rejects, and nothing has changed, when it cannot be written down. */
  wish(wish: Wish): Promise<readonly Event[]>;
  /** Why values that somebody wants cannot be, whoever agrees. */
  faultOf(wanted: Wanted): string | undefined;
  /** Called when other settings are in force than those that `config` was made of; returns its own undo. */
  onInForce(listener: () => void): () => void;
}

export interface ChangesOptions {
  readonly journal: Pick<Journal, "note" | "setNoteAudited">;
  /** What the gateway was started with. */
  readonly config: Config;
  readonly clock: Clock;
  readonly law?: LawProfile;
  readonly onEvent?: (event: Event) => void;
  /** Told at the start, with what the file asks for and does not get. */
  readonly onHeldBack?: (changes: readonly Change[]) => void;
  readonly onTrouble?: (error: unknown) => void;
}

/** Also answers the settings to run with. Throws ConfigError where what is not agreed cannot be held back. */
export async function openChanges(options: ChangesOptions): Promise<{ changes: Changes; config: Config }> {
  const { journal, clock, law = DENMARK, onEvent = () => {}, onTrouble = () => {} } = options;
  const listeners = new Set<() => void>();
  let state = await readState(journal);
  let keptAt = state?.at ?? Number.NEGATIVE_INFINITY;
  let running: string | undefined;

  async function take(input: Input): Promise<readonly Event[]> {
    const next = step(state, input, law);
    const isDue = input.at < keptAt || (input.at - keptAt >= KEEP_MS && !next.state.requests.every(isPast));
    if (next.events.length > 0 || isDue || input.kind === "start") {
      await journal.setNoteAudited(NOTE, JSON.stringify(next.state), next.events.map(entryOf));
      keptAt = input.at;
    }
    state = next.state;
    for (const event of next.events) onEvent(event);
    if (running !== undefined && running !== JSON.stringify(inForce(state))) {
      running = JSON.stringify(inForce(state));
      for (const listener of listeners) listener();
    }
    return next.events;
  }

  /** One after the other, each from what the one before has left. */
  let taking: Promise<unknown> = Promise.resolve();
  const inTurn = (input: (at: Millis) => Input): Promise<readonly Event[]> => {
    const taken = taking.catch(() => {}).then(() => take(input(clock.now())));
    taking = taken;
    return taken;
  };

  await inTurn((at) => ({ kind: "start", at, file: governed(options.config) }));
  const held = heldBack(state!);
  if (held.length > 0) options.onHeldBack?.(held);
  const config = configInForce(options.config, state!);
  running = JSON.stringify(inForce(state!));

  const looking = startPeriodic(
    clock,
    LOOK_MS,
    async () => {
      await inTurn((at) => ({ kind: "tick", at }));
    },
    onTrouble,
  );
  const changes: Changes = {
    state: () => state!,
    law,
    wish: (wish) => inTurn((at) => ({ ...wish, at }) as Input),
    faultOf: (wanted) => faultOfWanted(options.config, state!, wanted),
    onInForce(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async [Symbol.asyncDispose]() {
      listeners.clear();
      await looking[Symbol.asyncDispose]();
      await taking.catch(() => {});
    },
  };
  return { changes, config };
}

async function readState(journal: Pick<Journal, "note">): Promise<State | undefined> {
  const saved = await journal.note(NOTE);
  return saved === undefined ? undefined : (JSON.parse(saved) as State);
}

/** People by the id of their account; never by name. What nobody does, the file or time, the gateway does. */
function entryOf(event: Event): AuditEntry {
  const who = "who" in event ? event.who : null;
  const reason = "request" in event ? event.request.reason : null;
  return {
    at: event.at,
    ...(who ? { actor: who.id, role: who.roles.toSorted().join("+") || "none" } : BY_GATEWAY),
    action: event.kind === "approved" || event.kind === "refused" ? "approval" : "configuration-change",
    object: objectOf(event),
    scope: scopeOf(event),
    ...(reason !== null && { reason }),
    count: countOf(event),
  };
}

/** How many settings it is about. */
const countOf = (event: Event): number => (event.kind === "baseline" ? event.keys : changesIn(event).length);

function objectOf(event: Event): string {
  if ("request" in event) return `change ${event.request.id}`;
  return event.kind === "denied" && event.id !== null ? `change ${event.id}` : "settings";
}

/** A query string: what happened, and each key from what to what. */
function scopeOf(event: Event): string {
  const said = new URLSearchParams({ event: event.kind });
  if (event.kind === "denied") said.set("why", event.why);
  for (const { path, before, after } of changesIn(event)) said.set(path, `${before ?? ""} → ${after ?? ""}`);
  return said.toString().slice(0, LONGEST_SCOPE);
}

function changesIn(event: Event): readonly Change[] {
  if ("request" in event) return event.request.changes;
  return event.kind === "narrowing" ? event.changes : [];
}
