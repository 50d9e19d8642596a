/** People, settings and time for tests. */
import type { Role } from "#protocol/roles.ts";
import type { Event } from "./events.ts";
import { DENMARK } from "./law-profile.ts";
import type { Who } from "./request.ts";
import type { Settings } from "./settings.ts";
import type { State } from "./state.ts";
import { type Input, step } from "./step.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const START = Date.parse("2026-11-23T08:00:00Z");

const person = (id: string, ...roles: Role[]): Who => ({ id, roles });
export const lead = person("lead", "team-lead");
export const facilities = person("facilities", "facilities");
export const admin = person("admin", "it-admin");
export const dpo = person("dpo", "dpo");
export const otherDpo = person("other-dpo", "dpo");
export const rep = person("rep", "staff-rep");
export const both = person("both", "dpo", "staff-rep");
export const staff = person("staff", "room-staff");

export const agreed: Settings = {
  "policy.measuring": "opening-hours",
  "policy.conversationAlertAfterS": 60,
  "rooms.K1.assigned": 3,
  "rooms.K6.assigned": 1,
  "retention.raw": 14,
  "webhooks.duty.url": "https://hooks.example.org #1",
};

export const REASON = "The ventilation is being rebuilt.";

/** An approval that says nothing else is of what is asked for now. */
export type Said = Input | Omit<Extract<Input, { kind: "approve" }>, "shown">;
export const asShown = (said: Said, { requests }: State): Input =>
  said.kind !== "approve" || "shown" in said
    ? said
    : { ...said, shown: requests.find(({ id }) => id === said.id) ?? { requestedAt: 0, changes: [] } };

/** Inputs one after the other, each at its day after START; hours in between are ticked away. */
export function story(first: Settings = agreed) {
  let state = step(undefined, { kind: "start", at: START, file: first }, DENMARK).state;
  let at = START;
  const events: Event[] = [];
  const put = (said: Said): readonly Event[] => {
    const input = asShown(said, state);
    const next = step(state, input, DENMARK);
    state = next.state;
    at = input.at;
    events.push(...next.events);
    return next.events;
  };
  return {
    state: (): State => state,
    events,
    put,
    /** Lets the gateway run until that day. */
    until(day: number): void {
      while (at + HOUR <= START + day * DAY) put({ kind: "tick", at: at + HOUR });
    },
    now: () => at,
  };
}

/** What was told, without what is told of it. */
export const told = (events: readonly Event[]): string[] =>
  events.map((event) => (event.kind === "denied" ? `denied: ${event.why}` : event.kind));
