/** What time alone does to requests: undecided ones expire, notice runs out, and what is in force returns at its end. */
import type { Millis } from "#protocol/quantities.ts";
import type { Event } from "./events.ts";
import type { Phase, Request } from "./request.ts";
import { type State, withRequests } from "./state.ts";

/** Longer without a word from the clock, and the gateway was not there, or its clock leapt. */
const MOST_NOTICE_AT_ONCE_MS = 3_600_000;

export function pass(state: State, at: Millis): { state: State; events: readonly Event[] } {
  const gone = Math.max(0, at - state.at);
  const moved = state.requests.flatMap((request) => {
    const phase = aged(request, gone, at);
    return phase === request.phase ? [] : [{ request: { ...request, phase }, before: request.phase }];
  });
  const requests = moved.map(({ request }) => request);
  const events = moved.flatMap(({ request, before }): Event[] => {
    const { kind } = request.phase;
    if (kind === before.kind || kind === "requested") return [];
    return [{ kind, at, who: null, request }];
  });
  return { state: { ...(moved.length > 0 ? withRequests(state, requests) : state), at }, events };
}

function aged({ phase, until }: Request, gone: Millis, at: Millis): Phase {
  switch (phase.kind) {
    case "requested": {
      const left = phase.left - gone;
      return left > 0 ? { ...phase, left } : { kind: "expired", at };
    }
    case "notice": {
      if (until === null || at >= until) return { kind: "expired", at };
      const left = phase.left - Math.min(gone, MOST_NOTICE_AT_ONCE_MS);
      return left > 0 ? { ...phase, left } : { kind: "in-force", since: at, left: until - at };
    }
    case "in-force": {
      const left = phase.left - gone;
      return left > 0 && until !== null && at < until ? { ...phase, left } : { kind: "returned", at };
    }
    default:
      return phase;
  }
}
