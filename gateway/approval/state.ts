/** What the house has agreed to, and what it has been asked to agree to. */
import type { Millis } from "#protocol/quantities.ts";
import { type Change, changed, widens } from "./diff.ts";
import { isInForce, isPast, type Request } from "./request.ts";
import type { Settings } from "./settings.ts";

export interface State {
  /** The clock when it last said something. */
  readonly at: Millis;
  /** When the first start took what it was started with for agreed. */
  readonly agreedAt: Millis;
  /** In force whatever else is; only ever narrowed. */
  readonly agreed: Settings;
  /** What the file of the last start said. */
  readonly file: Settings;
  /** In order of their numbers; of those that are over, the last hundred. */
  readonly requests: readonly Request[];
  /** Number of the newest request. */
  readonly last: number;
}

const PAST_KEPT = 100;

/** The settings that are in force: what is agreed, and what is approved for now. Of two widenings the later one counts, where it is wider. */
export const inForce = (state: State): Settings =>
  state.requests
    .filter(isInForce)
    .flatMap(({ changes }) => changes)
    .reduce(widened, state.agreed);

function widened(settings: Settings, { path, after }: Change): Settings {
  const change: Change = { path, before: settings[path] ?? null, after };
  return widens(change) ? changed(settings, [change]) : settings;
}

/** What the file asks for and does not get. */
export function heldBack(state: State): readonly Change[] {
  const now = inForce(state);
  return Object.entries(state.file)
    .map(([path, after]): Change => ({ path, before: now[path] ?? null, after }))
    .filter((change) => state.agreed[change.path] !== change.after && widens(change))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** In the place of those with the same number, or after them; what has long been over is forgotten. */
export function withRequests(state: State, requests: readonly Request[]): State {
  const byId = new Map([...state.requests, ...requests].map((request) => [request.id, request]));
  const all = [...byId.values()].sort((a, b) => a.id - b.id);
  const past = all.filter(isPast);
  const forgotten = new Set(past.slice(0, Math.max(0, past.length - PAST_KEPT)));
  return {
    ...state,
    last: Math.max(state.last, ...all.map(({ id }) => id)),
    requests: all.filter((request) => !forgotten.has(request)),
  };
}
