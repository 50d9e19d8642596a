import { describe, expect, it } from "vitest";
import { Health, Level, State, Stats } from "#protocol/readings.ts";
import { whyUnfit } from "./conform.ts";
import { shapeOf } from "./measurements.ts";
import { pointOf, pointOfEpisode, type ReadingMessage } from "./points.ts";

const place = { site: "jobcenter", room: "K1", device: "k1-a" };
const header = { boot: "0a1b2c3d", seq: 7, t: 1_795_310_240_000 };
const thirds = Array.from({ length: 16 }, (_, i) => 30 + i / 2);

const level = { laeq: 52.5, lafmax: 61, l90: 38.5, speechRatio: 0.6, noiseLimited: false, clipped: false };
const state = {
  occupied: true,
  confidence: 0.85,
  conversation: "on",
  hint: "dialogue",
  since: header.t - 5000,
} as const;
const stats = { speechSeconds: 120, laeq: 50, l10: 55, l50: 48, l90: 38 };
const health = {
  uptime: 12,
  outbox: 3,
  dropped: 0,
  micFloor: 24.5,
  micDc: -0.5,
  muted: false,
  asleep: false,
  tamper: false,
  rssi: -60,
  configVersion: 4,
};

const messages: ReadingMessage[] = [
  { channel: "level", reading: Level.parse({ ...header, ...level }) },
  { channel: "state", reading: State.parse({ ...header, ...state }) },
  { channel: "stats", reading: Stats.parse({ ...header, ...stats, speech: thirds, background: thirds }) },
  { channel: "health", reading: Health.parse({ ...header, ...health }) },
];

describe("points", () => {
  it("each reading becomes one point, with every field of its measurement, at the device's time", () => {
    for (const message of messages) {
      const point = pointOf(message, place);
      expect(whyUnfit(point)).toBeUndefined();
      expect(Object.keys(point.fields).sort()).toEqual(Object.keys(shapeOf(point.measurement).fields).sort());
      expect([point.tags, point.t]).toEqual([place, header.t]);
    }
  });

  it("a level keeps its values, without boot and sequence number", () =>
    expect(pointOf(messages[0]!, place)).toEqual({ measurement: "level", tags: place, t: header.t, fields: level }));

  it("a conversation that is on is a truth value", () =>
    expect(pointOf(messages[1]!, place).fields).toEqual({ ...state, conversation: true }));

  it("a spectrum that was not measured has no fields", () => {
    const reading = Stats.parse({ ...header, ...stats, speech: null, background: thirds });
    const { fields } = pointOf({ channel: "stats", reading }, place);
    expect(Object.keys(fields).filter((name) => /^speech\d/.test(name))).toEqual([]);
    expect([fields.background160, fields.background5000]).toEqual([30, 37.5]);
  });

  it("a finished conversation is a point of its room, at its start", () => {
    const episode = { room: "K1", start: header.t, end: header.t + 95_000, hint: "dialogue" } as const;
    const point = pointOfEpisode("jobcenter", episode);
    expect(whyUnfit(point)).toBeUndefined();
    expect(point).toEqual({
      measurement: "conversation",
      tags: { site: "jobcenter", room: "K1" },
      fields: { seconds: 95, hint: "dialogue" },
      t: header.t,
    });
  });
});
