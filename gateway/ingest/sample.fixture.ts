/** A small site and valid messages of it, for the tests of this folder. */

import type { ReadingChannel, Readings } from "#protocol/readings.ts";
import { Site } from "#protocol/site.ts";
import { topicFor } from "#protocol/topics.ts";

export const T = 1_780_000_000_000;
export const BOOT = "0a1b2c3d";

/** K1 is a shared office; P1 a room of one person, which is silent. */
export const site: Site = Site.parse({
  site: "demo",
  name: "Demo",
  timeZone: "Europe/Copenhagen",
  rooms: [
    { id: "K1", name: "K1", kind: "shared-office", assigned: 3 },
    { id: "P1", name: "P1", kind: "private-office", assigned: 1 },
  ],
  devices: [
    { id: "k1-1", room: "K1" },
    { id: "p1-1", room: "P1" },
  ],
});

const header = { boot: BOOT, seq: 0, t: T };

export const samples: Readings = {
  birth: {
    ...header,
    firmware: "1.0.0",
    capabilities: ["state", "level"],
    reference: "spl",
    weighting: "A",
    calibration: { id: "cal-1", date: "2026-01-05" },
    microphone: "ics-43434",
    clock: "sntp",
  },
  status: { ...header, status: "online" },
  state: { ...header, occupied: true, confidence: 0.85, conversation: "on", hint: "dialogue", since: T - 5000 },
  level: { ...header, laeq: 45.5, lafmax: 61, l90: 38.5, speechRatio: 0.3, noiseLimited: false, clipped: false },
  bands: {
    ...header,
    levels: Array.from({ length: 10 }, () => [40, 41.5, 42, 30, 25]),
    speech: Array.from({ length: 10 }, () => true),
    clockError: 10,
  },
  stats: {
    ...header,
    speechSeconds: 100,
    speech: Array.from({ length: 16 }, () => 40.5),
    background: null,
    laeq: 45,
    l10: 50,
    l50: 42,
    l90: 38,
  },
  health: {
    ...header,
    uptime: 5,
    outbox: 0,
    dropped: 0,
    micFloor: 29.5,
    micDc: 0,
    muted: false,
    asleep: false,
    tamper: false,
    rssi: -60,
    configVersion: 0,
  },
};

export const reading = <C extends ReadingChannel>(channel: C, over: Partial<Readings[C]> = {}): Readings[C] => ({
  ...samples[channel],
  ...over,
});

const encoder = new TextEncoder();
export const bytes = (value: unknown): Uint8Array =>
  encoder.encode(typeof value === "string" ? value : JSON.stringify(value));
export const topic = (channel: ReadingChannel, device = "k1-1"): string => topicFor(site.site, device, channel);

export function packet<C extends ReadingChannel>(channel: C, over: Partial<Readings[C]> = {}, device = "k1-1") {
  const body = reading(channel, over);
  return { topic: topic(channel, device), payload: bytes(body), at: body.t };
}
