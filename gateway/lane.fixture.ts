/** A small site's day as messages, statuses and time, told to a lane through a real journal. */

import { type HandClock, handClock } from "./clock.ts";
import { EIGHT, site, stateReading } from "./detect/story.fixture.ts";
import { registryOf } from "./ingest/registry.ts";
import type { StoredReading } from "./ingest/stored-reading.ts";
import { storedReading } from "./ingest/stored-reading.ts";
import type { Journal, Message } from "./journal/journal.ts";
import type { Lane } from "./lane.ts";

export const registry = registryOf(site);

export type Event =
  | {
      readonly at: number;
      readonly device: string;
      readonly conversation: "on" | "off";
      readonly since: number;
      readonly t?: number;
      readonly occupied?: boolean;
    }
  | { readonly at: number; readonly device: string; readonly status: "online" | "offline" }
  | { readonly at: number };

let sequence = 0;

export function messageOf(event: Extract<Event, { conversation: string }>): Message {
  const { at, device, conversation, since, t, occupied = true } = event;
  const reading = { ...stateReading(t ?? at - 0.5, conversation, since, { occupied }), seq: sequence++ };
  const payload = new TextEncoder().encode(JSON.stringify(reading));
  return {
    device,
    channel: "state",
    boot: reading.boot,
    seq: reading.seq,
    t: reading.t,
    receivedAt: EIGHT + at * 1000,
    payload,
  };
}

/** Stores a message as ingest does and gives what it hands on. */
export async function store(journal: Journal, message: Message): Promise<StoredReading> {
  const appended = await journal.append(message);
  if (appended.kind === "duplicate") throw new Error("the story tells the same message twice");
  return storedReading({ ...message, id: appended.id }, registry)!;
}

/** Tells one event and waits until the lane has decided it, and what fell due on the way. */
export async function tell(lane: Lane, journal: Journal, clock: HandClock, event: Event): Promise<void> {
  const stored = "conversation" in event ? [await store(journal, messageOf(event))] : [];
  clock.advanceTo(EIGHT + event.at * 1000);
  lane.take(stored);
  if ("status" in event)
    lane.notice({
      kind: "status",
      device: event.device,
      room: registry.roomOf(event.device)!,
      at: EIGHT + event.at * 1000,
      reading: { boot: "00000001", seq: 0, t: EIGHT, status: event.status },
    });
  await new Promise(setImmediate);
  await lane.drained();
}

export const startClock = (seconds = 0): HandClock => handClock(EIGHT + seconds * 1000);
