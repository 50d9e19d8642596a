import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createLevelMeter } from "#firmware/dsp/level-meter.ts";
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { noisyWeek } from "#firmware/scenarios/noisy-week.ts";
import { parseSite } from "#protocol/site-file.ts";
import { createAudioWorld } from "./audio-world.ts";
import type { Broadcast, DayPlan } from "./day-plan.ts";
import { createLevelsWorld, type WorldOptions } from "./levels-world.ts";
import { FLAWLESS } from "./microphones.ts";
import { conversationIn, sceneOf, start } from "./scene.fixture.ts";
import { createTimetable } from "./timetable.ts";
import { createTruth } from "./truth.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const minute = 60_000;

const playing = (kind: Broadcast["kind"], seconds: number, ...rooms: string[]): Broadcast => ({
  kind,
  rooms: rooms.map((room) => ({ room, gainDb: kind === "radio" ? -7 : 5 })),
  from: start,
  until: start + seconds * 1000,
  stream: kind,
});
const optionsOf = (plan: Partial<DayPlan>, seconds: number): WorldOptions => ({
  site,
  scenario: jobCentreWeek,
  seed: 1,
  microphones: FLAWLESS,
  timetable: sceneOf(plan, seconds),
});
const hear = (plan: Partial<DayPlan>, room: string, seconds: number) => {
  const world = createLevelsWorld(optionsOf(plan, seconds));
  return Array.from({ length: seconds }, (_, i) => ({ ...world.second(room, start + i * 1000) }));
};
const level = (energy: number) => 10 * Math.log10(energy / P0_SQUARED);
const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const laeq = (seconds: readonly { a: number }[]) => level(mean(seconds.map(({ a }) => a)));
function correlation(xs: readonly number[], ys: readonly number[]): number {
  const [mx, my] = [mean(xs), mean(ys)];
  const cov = (as: readonly number[], ma: number, bs: readonly number[], mb: number) =>
    mean(as.map((a, i) => (a - ma) * (bs[i]! - mb)));
  return cov(xs, mx, ys, my) / Math.sqrt(cov(xs, mx, xs, mx) * cov(ys, my, ys, my));
}

describe("a radio", () => {
  const broadcasts = [playing("radio", 600, "K4", "K5")];

  it("is taken for speech while somebody talks in it, and nobody is said to talk", () => {
    const heard = hear({ broadcasts }, "K4", 30);
    expect(heard.filter(({ speech }) => speech > 0.5).length).toBeGreaterThan(25);
    expect(createTruth(optionsOf({ broadcasts }, 600)).minute("K4", "K5", start)).toBeNull();
  });

  it("plays the same in both rooms that listen to it: their levels go together, second by second", () => {
    const [a, b] = ["K4", "K5"].map((room) => hear({ broadcasts }, room, 600).map((second) => level(second.a)));
    expect(correlation(a!, b!)).toBeGreaterThan(0.9);
    expect(correlation(a!.slice(1), b!.slice(0, -1))).toBeLessThan(0.8);
  });

  it("is as loud in the audio world, and the same in both rooms there too", () => {
    const seconds = 12;
    const audio = createAudioWorld(optionsOf({ broadcasts }, 600));
    const heard = Array.from({ length: seconds }, (_, i) =>
      ["K4", "K5"].map((room) => audio.pressure(room, start + i * 1000).slice()),
    );
    const inRoom = (room: number, energy: (pressure: Float32Array) => number) =>
      heard.map((second) => level(energy(second[room]!)));
    // Differences of neighbouring samples: without the rumble of the ventilation.
    const treble = (x: Float32Array) => x.reduce((sum, value, n) => sum + (n > 0 ? (value - x[n - 1]!) ** 2 : 0), 0);
    expect(correlation(inRoom(0, treble), inRoom(1, treble))).toBeGreaterThan(0.9);
    const meter = createLevelMeter(100);
    const weighted = heard.map(([pressure]) => {
      meter.process(pressure!);
      return { a: meter.close().a };
    });
    expect(Math.abs(laeq(weighted) - laeq(hear({ broadcasts }, "K4", seconds)))).toBeLessThan(1.5);
  });
});

describe("an announcement", () => {
  it("sounds in several rooms at once and is over after some seconds", () => {
    const broadcasts = [playing("announcement", 10, "V1", "G1", "K1", "K2")];
    for (const room of ["V1", "G1", "K1", "K2"]) {
      const heard = hear({ broadcasts }, room, 20);
      expect(laeq(heard.slice(0, 10)) - laeq(heard.slice(11))).toBeGreaterThan(10);
    }
  });
});

describe("ventilation that switches", () => {
  const step = { rooms: ["K2", "G1"], byDb: 6, from: start + 5 * minute, until: start + 10 * minute };
  const plan = { ventilation: [step], conversations: [conversationIn("K1", 900)] };

  it("raises what a room hears while it runs, but for the microphone's own noise", () => {
    const heard = hear({ ventilation: [step] }, "K2", 900);
    const [before, during, after] = [heard.slice(0, 300), heard.slice(300, 600), heard.slice(600)].map(laeq);
    expect(during! - before!).toBeGreaterThan(5);
    expect(during! - before!).toBeLessThan(6);
    expect(Math.abs(after! - before!)).toBeLessThan(0.1);
    expect(laeq(hear({ ventilation: [step] }, "K3", 600).slice(300))).toBeLessThan(38);
  });

  it("is the noise of the truth, and makes talk harder to follow", () => {
    const truth = createTruth(optionsOf(plan, 900));
    const [usual, louder] = [0, 5].map((m) => truth.minute("K1", "G1", start + m * minute)!);
    for (let k = 0; k < 5; k++) expect(louder!.noise[k]! - usual!.noise[k]!).toBeCloseTo(6, 6);
  });

  it("takes the audio world a second", () => {
    const audio = createAudioWorld(optionsOf({ ventilation: [{ ...step, from: start + 2000 }] }, 900));
    const levels = Array.from({ length: 5 }, (_, i) => {
      const pressure = audio.pressure("K2", start + i * 1000);
      return level(pressure.reduce((sum, x) => sum + x * x, 0) / pressure.length);
    });
    expect(levels[4]! - levels[0]!).toBeGreaterThan(4);
    expect(levels[4]! - levels[0]!).toBeLessThan(8);
    expect(levels[2]!).toBeLessThan(levels[4]!);
  });
});

describe("the plan of a day", () => {
  const dayOf = (scenario: typeof noisyWeek) => createTimetable(site, scenario, 1).day(start).plan;

  it("has it all in a noisy week, and of an ordinary one neither radios nor a vacuum cleaner", () => {
    const [noisy, usual] = [dayOf(noisyWeek), dayOf(jobCentreWeek)];
    const radios = noisy.broadcasts.filter(({ kind }) => kind === "radio");
    expect(radios.some(({ rooms }) => rooms[0]!.room === "V1")).toBe(true);
    expect(noisy.broadcasts.length - radios.length).toBeGreaterThan(5);
    expect(noisy.ventilation.length).toBeGreaterThan(3);
    expect(noisy.sounds.some(({ kind }) => kind === "vacuum")).toBe(true);
    expect(usual.broadcasts.some(({ kind }) => kind === "radio")).toBe(false);
    expect(usual.sounds.some(({ kind }) => kind === "vacuum")).toBe(false);
  });

  it("holds the same conversations whatever else sounds", () => {
    expect(dayOf({ ...noisyWeek, name: jobCentreWeek.name }).conversations).toEqual(dayOf(jobCentreWeek).conversations);
  });
});
