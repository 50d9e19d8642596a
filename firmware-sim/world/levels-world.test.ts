import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { P0_SQUARED, type Second } from "#firmware/dsp/second.ts";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { noisyWeek } from "#firmware/scenarios/noisy-week.ts";
import { meanLevel } from "#protocol/decibel.ts";
import { parseSite } from "#protocol/site-file.ts";
import { createLevelsWorld, type LevelsWorld, type WorldOptions } from "./levels-world.ts";
import { FIELD_CALIBRATED, FLAWLESS } from "./microphones.ts";
import { absorptionArea, inRoom } from "./rooms.ts";
import { conversationIn, sceneOf, start } from "./scene.fixture.ts";
import { aWeighted, bandGains, bandsOf, midBand, NORMAL_VOICE, THIRD_WIDTH } from "./spectra.ts";
import { createTransmission } from "./transmission.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const scenario = jobCentreWeek;

const level = (energy: number) => 10 * Math.log10(energy / P0_SQUARED);
const copy = (second: Second): Second => ({ ...second, thirds: second.thirds.slice(), laf: second.laf.slice() });
const hear = (world: LevelsWorld, room: string, seconds: number, from = start) =>
  Array.from({ length: seconds }, (_, i) => copy(world.second(room, from + i * 1000)));
const world = (more: Partial<WorldOptions> = {}) =>
  createLevelsWorld({ site, scenario, seed: 1, microphones: FLAWLESS, ...more });
const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const sd = (xs: readonly number[]) => Math.sqrt(mean(xs.map((x) => (x - mean(xs)) ** 2)));
const areaOf = (id: string) => absorptionArea(site.rooms.find((room) => room.id === id)!);

describe("an empty house", () => {
  const night = world({ timetable: sceneOf({}, 600) });
  const seconds = hear(night, "K3", 600);

  it("is as loud as its ventilation and the microphone's own noise: NC-25 and 30 dBA make 36.7 dBA", () => {
    expect(Math.abs(level(mean(seconds.map(({ a }) => a))) - 36.7)).toBeLessThan(0.3);
    expect(Math.abs(level(mean(hear(night, "K1", 600).map(({ a }) => a))) - 40.3)).toBeLessThan(0.3);
  });

  it("swings by 4.34/√(B·T) dB from second to second in each band (TV-29)", () => {
    for (const i of [0, 4, 8, 12, 15]) {
      const expected = 4.34 / Math.sqrt(THIRD_WIDTH * midBand(i - 8));
      expect(sd(seconds.map(({ thirds }) => level(thirds[i]!))) / expected).toBeCloseTo(1, 0);
    }
  });

  it("has no speech in it, nobody in it, and nothing clipped", () => {
    expect(seconds.filter(({ speech, clipped }) => speech > 0 || clipped)).toEqual([]);
    const frames = Array.from({ length: 3600 }, (_, i) => night.presence("K3", start + i * 1000));
    expect(frames.filter(({ radar }) => radar !== "none").length).toBeLessThan(6);
  });
});

describe("a conversation in K1", () => {
  const length = 1800;
  const talking = world({ timetable: sceneOf({ conversations: [conversationIn("K1", length)] }, length) });
  const inK1 = hear(talking, "K1", length);
  const loud = inK1.filter(({ a }) => level(a) > 50).map(({ a }) => level(a));

  it("is as loud as a normal voice in the room's absorption", () => {
    const voice = level(aWeighted(inRoom(NORMAL_VOICE, areaOf("K1"))));
    // Speech fills 77 % of the time: over all seconds 1.1 dB lower.
    expect(Math.abs(meanLevel(inK1.map(({ a }) => level(a))) - (voice - 1.1))).toBeLessThan(0.7);
  });

  it("varies by 4.3 dB from second to second, neighbours hardly alike", () => {
    expect(sd(loud)).toBeGreaterThan(3.7);
    expect(sd(loud)).toBeLessThan(4.9);
    const all = inK1.map(({ a }) => level(a));
    const pairs = all.slice(1).flatMap((b, i) => (all[i]! > 50 && b > 50 ? [[all[i]!, b] as const] : []));
    const [m, variance] = [mean(loud), sd(loud) ** 2];
    expect(mean(pairs.map(([a, b]) => (a - m) * (b - m))) / variance).toBeCloseTo(0.12, 1);
  });

  it("is as loud in a bright voice as in a dull one, 2 dB per octave apart", () => {
    const heard = [1, -1].map((tiltDb) => {
      const talkers = [{ gainDb: 0, raised: false, tiltDb }];
      const scene = sceneOf({ conversations: [conversationIn("K1", 600, { talkers, style: "one-sided" })] }, 600);
      return hear(world({ timetable: scene }), "K1", 600).filter(({ a }) => level(a) > 50);
    });
    const [bright, dull] = heard.map((seconds) => ({
      laeq: level(mean(seconds.map(({ a }) => a))),
      slope:
        level(mean(seconds.map(({ thirds }) => thirds[14]!))) - level(mean(seconds.map(({ thirds }) => thirds[8]!))),
    }));
    expect(Math.abs(bright!.laeq - dull!.laeq)).toBeLessThan(0.3);
    expect(Math.abs(bright!.slope - dull!.slope - 4)).toBeLessThan(0.7);
  });

  it("is taken for speech most of the time", () => {
    const share = mean(inK1.map(({ speech }) => (speech > 0.5 ? 1 : 0)));
    expect(share).toBeGreaterThan(0.9);
    expect(share).toBeLessThan(1);
  });

  it("is heard next door as R' and the other room's absorption say, energies added to the ventilation", () => {
    const closed = site.boundaries.map(() => "closed" as const);
    const transfer = bandGains(createTransmission(site).route("K1", "G1").gains(closed));
    const expected = bandsOf(NORMAL_VOICE).map((power, i) => 0.77 * power * transfer[i]!);
    const quiet = world({ timetable: sceneOf({}, length) });
    const gained = [6, 8, 10].map((band) => {
      const energy = (w: LevelsWorld) => mean(hear(w, "G1", length).map(({ thirds }) => thirds[band]!));
      return 10 * Math.log10((energy(talking) - energy(quiet)) / expected[band]!);
    });
    for (const difference of gained) expect(Math.abs(difference)).toBeLessThan(1);
    expect(hear(talking, "S3", 60)).toEqual(hear(quiet, "S3", 60));
  });

  it("rises with the voice behind a wall: what K1 says in a second is what the corridor hears in it", () => {
    const [a, b] = ["K1", "G1"].map((room) => hear(talking, room, 300).map(({ thirds }) => level(thirds[7]!)));
    const [ma, mb] = [mean(a!), mean(b!)];
    const r = mean(a!.map((x, i) => (x - ma) * (b![i]! - mb))) / (sd(a!) * sd(b!));
    expect(r).toBeGreaterThan(0.5);
  });

  it("keeps LAF around the second's mean and below its maximum", () => {
    for (const { a, laf, lafMax } of inK1.slice(1)) {
      expect(lafMax).toBeGreaterThanOrEqual(Math.max(...laf));
      expect(laf.every((energy) => energy > 0)).toBe(true);
      expect(level(lafMax) - level(a)).toBeGreaterThan(-0.5);
    }
  });
});

describe("the same house again", () => {
  const hour = 3600;
  it("gives the same seconds for the same seed, whatever the order the rooms are asked in", () => {
    const [one, other] = [world(), world()];
    const forwards = ["K1", "K2", "G1"].map((room) => hear(one, room, hour));
    const backwards = ["G1", "K2", "K1"].map((room) => hear(other, room, hour)).reverse();
    expect(backwards).toEqual(forwards);
    expect(hear(world({ seed: 2 }), "K1", 60)).not.toEqual(forwards[0]!.slice(0, 60));
  });

  it("does so with doors that move, loudspeakers, and clocks that are off, and wherever one begins", () => {
    const noisy = () => world({ scenario: noisyWeek, microphones: FIELD_CALIBRATED });
    const [one, other] = [noisy(), noisy()];
    const together: Second[] = [];
    for (let i = 0; i < hour; i++)
      for (const room of ["V1", "G1", "K3"]) {
        const second = copy(one.second(room, start + i * 1000));
        if (room === "G1") together.push(second);
      }
    expect(hear(other, "G1", hour)).toEqual(together);
    const late = hear(noisy(), "G1", 60, start + 3000 * 1000);
    const bands = (seconds: readonly Second[]) => seconds.map(({ thirds }) => thirds);
    expect(bands(late)).toEqual(bands(together.slice(3000, 3060)));
  });

  it("gives the same seconds wherever one begins, but for what Fast weighting remembers", () => {
    const whole = hear(world(), "K2", 600).slice(500);
    const part = hear(world(), "K2", 100, start + 500_000);
    expect(part.map(({ thirds, a }) => [thirds, a])).toEqual(whole.map(({ thirds, a }) => [thirds, a]));
    expect(part.slice(2).map(({ speech }) => speech)).toEqual(whole.slice(2).map(({ speech }) => speech));
    expect(Math.abs(level(part[2]!.laf[7]!) - level(whole[2]!.laf[7]!))).toBeLessThan(0.01);
  });

  it("sees people where there are some", () => {
    const noon = start + 1.5 * 3_600_000;
    const house = world();
    const seen = site.rooms.map(({ id }) =>
      mean(Array.from({ length: 600 }, (_, i) => (house.presence(id, noon + i * 1000).radar === "none" ? 0 : 1))),
    );
    expect(seen.filter((share) => share > 0.9).length).toBeGreaterThanOrEqual(6);
  });

  it("refuses a room it does not have", () => {
    expect(() => world().second("X9", start)).toThrow(RangeError);
  });
});

describe("faults of microphones", () => {
  const plan = { conversations: [conversationIn("K1", 120)] };
  const faulty = (fault: "stuck-microphone" | "clipped-microphone") =>
    world({
      timetable: sceneOf(plan, 120),
      scenario: { ...scenario, faults: [{ kind: fault, room: "K1", from: start + 10_000, until: start + 20_000 }] },
    });

  it("silence a stuck one and overdrive a clipped one, for as long as they last", () => {
    const stuck = hear(faulty("stuck-microphone"), "K1", 30).map(({ a }) => a === 0);
    expect(stuck.indexOf(true)).toBe(10);
    expect(stuck.lastIndexOf(true)).toBe(19);
    const clipped = hear(faulty("clipped-microphone"), "K1", 30).map((second) => second.clipped);
    expect(clipped.filter(Boolean)).toHaveLength(10);
  });

  it("swap what two rooms hear", () => {
    const fault = { kind: "swapped-rooms", rooms: ["K1", "S5"], from: start, until: start + 120_000 } as const;
    const swapped = world({ timetable: sceneOf(plan, 120), scenario: { ...scenario, faults: [fault] } });
    const right = world({ timetable: sceneOf(plan, 120) });
    expect(hear(swapped, "S5", 60)).toEqual(hear(right, "K1", 60));
  });
});
