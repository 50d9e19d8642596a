/** What holds whatever people, files and clocks do, in any order. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diff, widens } from "./diff.ts";
import type { Event } from "./events.ts";
import { DENMARK } from "./law-profile.ts";
import { isInForce, type Request, type Who } from "./request.ts";
import type { Settings } from "./settings.ts";
import { inForce, type State } from "./state.ts";
import { type Input, noticeOf, step, type Wanted } from "./step.ts";
import {
  admin,
  agreed,
  asShown,
  both,
  DAY,
  dpo,
  facilities,
  HOUR,
  lead,
  otherDpo,
  REASON,
  rep,
  type Said,
  START,
  staff,
} from "./story.fixture.ts";

const askingApprover: Who = { id: "asking-approver", roles: ["facilities", "dpo"] };
const who = fc.constantFrom<Who>(lead, facilities, admin, dpo, otherDpo, rep, both, staff, askingApprover);
const values = {
  "policy.measuring": ["opening-hours", "always"],
  "policy.conversationAlertAfterS": [30, 60, 120],
  "rooms.K1.assigned": [0, 1, 2, 3],
  "rooms.K6.assigned": [1, 2],
  "retention.raw": [7, 14, 20, 30, 60],
  "retention.episodes": [200, 400, 500],
  "webhooks.duty.url": ["https://hooks.example.org #1", "https://elsewhere.example.org #2"],
} as const;
const file = fc.record(Object.fromEntries(Object.entries(values).map(([path, of]) => [path, fc.constantFrom(...of)])), {
  requiredKeys: [],
}) as fc.Arbitrary<Settings>;
const wanted = fc.record(
  Object.fromEntries(Object.entries(values).map(([path, of]) => [path, fc.constantFrom(...of, null)])),
  { requiredKeys: [] },
) as fc.Arbitrary<Wanted>;

const reason = fc.constantFrom(REASON, REASON, "no");
const days = fc.constantFrom(null, 10, 50, 80, 200, 400);
/** Of the newest requests, counted from the last. */
const back = fc.integer({ min: 0, max: 2 });

/** What is done at a time, when that is the number of the newest request. */
type Deed = (at: number, last: number) => readonly Said[];
const later = (at: number, n: number | null) => (n === null ? null : at + n * DAY);
const one =
  (input: (at: number, last: number) => Said): Deed =>
  (at, last) => [input(at, last)];
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc
    .record({ who, wanted, reason, days })
    .map(({ days: n, ...rest }) => one((at) => ({ kind: "ask", at, until: later(at, n), ...rest }))),
  fc
    .record({ who, back, reason, days })
    .map(({ days: n, back: by, ...rest }) =>
      one((at, last) => ({ kind: "revise", at, id: last - by, until: later(at, n), ...rest })),
    ),
  {
    weight: 3,
    arbitrary: fc
      .record({ who, back })
      .map(({ who: by, back: n }) => one((at, last) => ({ kind: "approve", at, id: last - n, who: by }))),
  },
  fc
    .record({ who, back, kind: fc.constantFrom("refuse" as const, "withdraw" as const) })
    .map(({ back: n, ...rest }) => one((at, last) => ({ at, id: last - n, ...rest }))),
  file.map((settings) => one((at) => ({ kind: "start", at, file: settings }))),
  // As it is meant to go, or nearly, so that things come into force.
  {
    weight: 4,
    arbitrary: fc
      .record({
        wanted,
        days: fc.constantFrom(60, 90, 300),
        asker: fc.constantFrom(lead, askingApprover),
        approvers: fc.constantFrom([dpo, rep], [dpo, rep], [both, rep], [both, both], [askingApprover, rep]),
      })
      .map(
        ({ days: n, wanted: value, asker, approvers }): Deed =>
          (at, last) => [
            { kind: "ask", at, who: asker, wanted: value, reason: REASON, until: at + n * DAY },
            ...approvers.map((by) => ({ kind: "approve" as const, at, id: last + 1, who: by })),
          ],
      ),
  },
);
/** What somebody does; or the gateway runs for days; or its clock leaps. */
const act = fc.oneof(
  { weight: 6, arbitrary: deed },
  { weight: 2, arbitrary: fc.constantFrom(1, 15, 43, 60).map((run) => ({ run })) },
  { weight: 1, arbitrary: fc.constantFrom(-400, -3, 3, 90).map((leap) => ({ leap })) },
);

/** Goes through them, and shows every step: input, state before and after, events, and how much time has passed: `seen` by the gateway, `gone` on its clock. */
function live(acts: readonly (Deed | { run: number } | { leap: number })[], look: (look: Look) => void): void {
  let state = step(undefined, { kind: "start", at: START, file: agreed }, DENMARK).state;
  let at = START;
  let seen = 0;
  let gone = 0;
  const put = (said: Said) => {
    const input = asShown(said, state);
    seen += Math.min(HOUR, Math.max(0, input.at - state.at));
    const before = state;
    const next = step(before, input, DENMARK);
    state = next.state;
    gone += Math.max(0, input.at - before.at);
    // An hour in which nothing happened is the same as the one before.
    if (input.kind !== "tick" || next.events.length > 0)
      look({ input, before, after: state, events: next.events, seen, gone });
  };
  const tick = (ms: number) => {
    at += ms;
    put({ kind: "tick", at });
  };
  for (const next of acts) {
    if (typeof next === "function") for (const input of next(at, state.last)) put(input);
    else if ("leap" in next) tick(next.leap * DAY);
    else for (let hour = 0; hour < next.run * 24; hour++) tick(HOUR);
  }
}

interface Look {
  readonly input: Input;
  readonly before: State;
  readonly after: State;
  readonly events: readonly Event[];
  readonly seen: number;
  readonly gone: number;
}

const holds = (check: () => (look: Look) => void) =>
  fc.assert(
    fc.property(fc.array(act, { maxLength: 20 }), (acts) => live(acts, check())),
    { numRuns: 800 },
  );

/** Two people, one of each role, neither of whom asked. */
const isApproved = ({ approvals, by }: Request): boolean =>
  approvals.some(
    (one) =>
      one.roles.includes("dpo") &&
      one.id !== by &&
      approvals.some((other) => other.roles.includes("staff-rep") && other.id !== one.id && other.id !== by),
  );

describe("whatever happens", () => {
  it("nothing wider than agreed is in force without two people, a reason, an end and its notice", () => {
    let met = 0;
    holds(() => {
      const told = new Map<number, { request: Request; from: number }>();
      return ({ after, events, seen }) => {
        for (const event of events)
          if (event.kind === "notice") told.set(event.request.id, { request: event.request, from: seen });
        for (const { path, after: value } of diff(after.agreed, inForce(after)).widening) {
          met++;
          const behind = after.requests.filter(
            (request) => isInForce(request) && request.changes.some((c) => c.path === path && c.after === value),
          );
          expect(behind.length).toBeGreaterThan(0);
          for (const request of behind) {
            expect(isApproved(request)).toBe(true);
            expect(request.reason).toBe(REASON);
            expect(request.until).toBeGreaterThan(after.at);
            const { request: approved, from } = told.get(request.id)!;
            const { after: most } = approved.changes.find((change) => change.path === path)!;
            expect(widens({ path, before: most, after: value })).toBe(false);
            expect(seen - from).toBeGreaterThanOrEqual(noticeOf(request.changes, DENMARK));
          }
        }
      };
    });
    expect(met).toBeGreaterThan(20);
  });

  it("what is in force is gone at its end, and lasts no longer than was asked for", () => {
    holds(() => {
      const since = new Map<number, number>();
      return ({ after, events, gone }) => {
        for (const event of events) if (event.kind === "in-force") since.set(event.request.id, gone);
        for (const { id: number, until, changes } of after.requests.filter(isInForce)) {
          expect(until).toBeGreaterThan(after.at);
          expect(gone - since.get(number)!).toBeLessThanOrEqual(DENMARK.longestDays * DAY);
          expect(changes.length).toBeGreaterThan(0);
        }
      };
    });
  });

  it("what is agreed only ever narrows", () => {
    holds(() => ({ before, after }) => {
      expect(diff(before.agreed, after.agreed).widening).toEqual([]);
    });
  });

  it("narrowing never waits: not what the file narrows, and not what somebody does who may", () => {
    holds(() => ({ input, before, after, events }) => {
      if (input.kind === "start") expect(diff(after.agreed, input.file).narrowing).toEqual([]);
      if (input.kind !== "ask" || events.some(({ kind }) => kind === "denied")) return;
      const was = inForce(step(before, { kind: "tick", at: input.at }, DENMARK).state);
      for (const [path, value] of Object.entries(input.wanted)) {
        const isNarrower = !widens({ path, before: was[path] ?? null, after: value ?? null });
        if (isNarrower)
          expect(widens({ path, before: value ?? null, after: inForce(after)[path] ?? null })).toBe(false);
      }
    });
  });

  it("nothing is wider after an input than before it, but what came into force with it", () => {
    holds(() => ({ before, after, events }) => {
      const wider = diff(inForce(before), inForce(after)).widening.filter(
        // Back to what is agreed, which of some keys is just another value.
        (change) => change.after !== after.agreed[change.path],
      );
      if (!events.some(({ kind }) => kind === "in-force")) expect(wider).toEqual([]);
    });
  });
});
