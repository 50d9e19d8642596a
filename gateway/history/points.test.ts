import { describe, expect, it } from "vitest";
import type { Privacy } from "#protocol/api.ts";
import { Health, Level, State, Stats } from "#protocol/readings.ts";
import type { PairDay, PairMinute } from "../detect/leakage/facts.ts";
import { whyUnfit } from "./conform.ts";
import { shapeOf } from "./measurements.ts";
import {
  octavesIn,
  overheardOf,
  pointOf,
  pointOfEpisode,
  pointOfPairDay,
  pointOfPairMinute,
  type ReadingMessage,
} from "./points.ts";

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

  it("what was heard of a conversation elsewhere is said of it, where it is known", () => {
    const minute = (to: string, n: number, state: Privacy, sii5: number | null): PairMinute => ({
      from: "K1",
      to,
      t: header.t + n * 60_000,
      situation: {
        from: "K1",
        to,
        state,
        reason: state === "unknown" ? "learning" : null,
        reasonRoom: null,
        link: null,
        audibility: sii5 === null ? null : { snr: -3, sigma: 2.5, sii5, probability: 0.9, hearing: "partly" },
      },
      z: null,
      pi: null,
      spc: null,
      ld: [null, null, null, null, null],
    });
    const episode = { room: "K1", start: header.t, end: header.t + 170_000, hint: "dialogue" } as const;
    const minutes = [
      minute("K2", 0, "overheard", 0.3),
      minute("G1", 0, "overheard", 0.2),
      minute("G1", 1, "private", 0.05),
      minute("K2", 1, "unknown", null),
      minute("K2", 2, "overheard", 0.4),
    ];
    const fieldsWith = (told: readonly PairMinute[]) => {
      const point = pointOfEpisode("jobcenter", episode, overheardOf(episode, told));
      expect(whyUnfit(point)).toBeUndefined();
      return point.fields;
    };
    const plain = { seconds: 170, hint: "dialogue" };
    expect(fieldsWith(minutes)).toEqual({ ...plain, secondsOverheard: 120, worstSii5: 0.4, where: "G1,K2" });
    expect(fieldsWith([minutes[2]!])).toEqual({ ...plain, secondsOverheard: 0, worstSii5: 0.05, where: "" });
    expect(fieldsWith([minutes[3]!])).toEqual(plain);
    const elsewhere = minutes.map((one) => ({ ...one, from: "K3" }));
    expect(fieldsWith([...elsewhere, minute("K2", 3, "overheard", 0.9), minute("K2", -1, "overheard", 0.9)])).toEqual(
      plain,
    );
    const always = Array.from({ length: 3 }, (_, n) => minute("K2", n, "overheard", 0.4));
    expect(fieldsWith(always).secondsOverheard).toBe(170);
  });

  it("a minute and a day of a pair keep what is known and leave out what is not", () => {
    const situation = { from: "K1", to: "K2", reason: null, reasonRoom: null, link: true };
    const audibility = { snr: -3.5, sigma: 2.5, sii5: 0.2, probability: 0.99, hearing: "partly" } as const;
    const minute: PairMinute = {
      from: "K1",
      to: "K2",
      t: header.t,
      situation: { ...situation, state: "overheard", audibility },
      z: 8.25,
      pi: 85.5,
      spc: 57,
      ld: [20, 25.5, 30, null, 31],
    };
    const tags = { site: "jobcenter", from: "K1", to: "K2" };
    expect(pointOfPairMinute("jobcenter", minute)).toEqual({
      measurement: "leak",
      tags,
      fields: {
        hearing: "partly",
        state: "overheard",
        snr: -3.5,
        sii5: 0.2,
        probability: 0.99,
        pi: 85.5,
        spc: 57,
        z: 8.25,
        ld250: 20,
        ld500: 25.5,
        ld1000: 30,
        ld4000: 31,
      },
      t: header.t,
    });
    const unknown: PairMinute = {
      ...minute,
      situation: { ...situation, state: "unknown", audibility: null },
      z: null,
      pi: null,
      spc: null,
      ld: [null, null, null, null, null],
    };
    expect(pointOfPairMinute("jobcenter", unknown).fields).toEqual({ hearing: "unknown", state: "unknown" });
    const day: PairDay = {
      from: "K1",
      to: "K2",
      day: header.t,
      episodes: 4,
      ld: [20, null, null, null, null],
      sigma: [0.5, null, null, null, null],
      bound: [null, 31.5, null, null, null],
    };
    const point = pointOfPairDay("jobcenter", day);
    expect(point).toEqual({
      measurement: "boundary",
      tags,
      fields: { episodes: 4, ld250: 20, sigma250: 0.5, bound500: 31.5 },
      t: header.t,
    });
    expect([octavesIn(point, "ld"), octavesIn(point, "bound")]).toEqual([day.ld, day.bound]);
    for (const one of [point, pointOfPairMinute("jobcenter", unknown)]) expect(whyUnfit(one)).toBeUndefined();
  });
});
