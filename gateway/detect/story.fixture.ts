/** Words for timelines in tests: seconds after eight o'clock in, facts as short lines out. */
import type { Millis } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import { Site } from "#protocol/site.ts";
import { type DetectInput, initialDetect, step } from "./conversation.ts";
import type { RoomFact } from "./facts.ts";
import { detectRules } from "./rules.ts";

export const EIGHT = Date.UTC(2026, 2, 2, 8);
export const at = (seconds: number): Millis => EIGHT + Math.round(seconds * 1000);

export const site = Site.parse({
  site: "demo",
  name: "Demo",
  timeZone: "Europe/Copenhagen",
  rooms: [
    { id: "K1", name: { da: "Kontor K1", en: "Office K1" }, kind: "shared-office", assigned: 3 },
    { id: "K2", name: { da: "Kontor K2", en: "Office K2" }, kind: "shared-office", assigned: 2 },
    { id: "K6", name: "K6", kind: "private-office", assigned: 1 },
    { id: "S1", name: { da: "Samtalerum S1", en: "Conversation room S1" }, kind: "conversation-room" },
    { id: "S2", name: { da: "Samtalerum S2", en: "Conversation room S2" }, kind: "conversation-room" },
    { id: "G1", name: { da: "Gang", en: "Corridor" }, kind: "corridor" },
    { id: "V1", name: { da: "Venteværelse", en: "Waiting room" }, kind: "waiting-room" },
  ],
  boundaries: [
    { between: ["K1", "G1"], kind: "door", rw: 30 },
    { between: ["K2", "V1"], kind: "open", rw: 5 },
    { between: ["V1", "G1"], kind: "open", rw: 8 },
    { between: ["S2", "G1"], kind: "door", rw: 30 },
    { between: ["S1", "S2"], kind: "door", rw: 30 },
  ],
  devices: [
    { id: "k1", room: "K1" },
    { id: "k2a", room: "K2" },
    { id: "k2b", room: "K2" },
    { id: "k6", room: "K6" },
    { id: "s1", room: "S1" },
    { id: "s2", room: "S2" },
    { id: "v1", room: "V1" },
  ],
});

export const rules = detectRules(site);

interface Said {
  device?: string;
  boot?: string;
  occupied?: boolean;
  /** Second of arrival; half a second after it was said unless given. */
  arrives?: number;
}

export function stateReading(
  t: number,
  conversation: "on" | "off",
  since: number,
  { boot = "00000001", occupied = true }: Said = {},
): Readings["state"] {
  const hint = conversation === "on" ? "dialogue" : "unknown";
  return { boot, seq: 0, t: at(t), occupied, confidence: 0.9, conversation, hint, since: at(since) };
}

export const says = (t: number, conversation: "on" | "off", since: number, said: Said = {}): DetectInput => ({
  kind: "state",
  at: at(said.arrives ?? t + 0.5),
  device: said.device ?? "k1",
  reading: stateReading(t, conversation, since, said),
});

export const health = (t: number, what: { muted?: boolean; asleep?: boolean }, device = "k1"): DetectInput => ({
  kind: "health",
  at: at(t + 0.5),
  device,
  reading: { boot: "00000001", t: at(t), muted: false, asleep: false, ...what },
});

/** The ten seconds from `t` on. */
export const level = (t: number, { laeq = 40, clipped = false }, device = "k1"): DetectInput => ({
  kind: "level",
  at: at(t + 10),
  device,
  reading: { boot: "00000001", t: at(t), laeq, clipped },
});

export const status = (t: number, word: "online" | "offline", boot = "00000001", device = "k1"): DetectInput => ({
  kind: "status",
  at: at(t),
  device,
  boot,
  status: word,
});

export const tick = (t: number): DetectInput => ({ kind: "tick", at: at(t) });
export const start = (t: number): DetectInput => ({ kind: "start", at: at(t) });

export function factsOf(inputs: readonly DetectInput[], state = initialDetect(rules)): RoomFact[] {
  const facts: RoomFact[] = [];
  for (const input of inputs) {
    const next = step(state, input, rules);
    facts.push(...next.facts);
    state = next.state;
  }
  return facts;
}

/** `100.5 K1 on since 95`; an episode as `started 95` or `ended 95–200 (quiet)`. Seconds after eight. */
export function line(fact: RoomFact): string {
  const s = (ms: Millis | null) => (ms === null ? "–" : String((ms - EIGHT) / 1000));
  if (fact.kind === "situation") {
    const { room, conversation, reason, occupied, since } = fact.situation;
    const present = occupied === null ? "" : occupied ? ", occupied" : ", empty";
    return `${s(fact.at)} ${room} ${reason ?? conversation} since ${s(since)}${present}`;
  }
  const { room, start, end } = fact.episode;
  const because = fact.kind === "conversation-ended" ? ` (${fact.because})` : "";
  return `${s(fact.at)} ${room} ${fact.kind.slice("conversation-".length)} ${s(start)}–${end === null ? "" : s(end)}${because}`;
}

/** Lines about the rooms whose devices the story speaks of. */
export function story(inputs: readonly DetectInput[]): string[] {
  const spoken = new Set(inputs.flatMap((input) => ("device" in input ? [rules.places.get(input.device)?.room] : [])));
  const rooms = new Set(rules.rooms.filter((_, i) => spoken.has(i)).map(({ id }) => id));
  return factsOf(inputs)
    .filter((fact) => rooms.has(fact.kind === "situation" ? fact.situation.room : fact.episode.room))
    .map(line);
}
