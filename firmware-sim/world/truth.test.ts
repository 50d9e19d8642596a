import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { octavesOf } from "#firmware/dsp/bands.ts";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { Site } from "#protocol/site.ts";
import { parseSite } from "#protocol/site-file.ts";
import type { DayPlan } from "./day-plan.ts";
import { createLevelsWorld, type WorldOptions } from "./levels-world.ts";
import { FIELD_CALIBRATED, FLAWLESS } from "./microphones.ts";
import { conversationIn, sceneOf, start } from "./scene.fixture.ts";
import { createTruth } from "./truth.ts";

const demo = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const seed = 1;
const minute = 60_000;

const optionsOf = (plan: Partial<DayPlan>, seconds: number, more: Partial<WorldOptions> = {}): WorldOptions => ({
  site: demo,
  scenario: jobCentreWeek,
  seed,
  microphones: FLAWLESS,
  timetable: sceneOf(plan, seconds),
  ...more,
});
/** What talk alone adds to the octaves at a room's microphone: sums of energies, the same noise with and without it. */
function added(plan: Partial<DayPlan>, room: string, seconds: number, more: Partial<WorldOptions> = {}): number[] {
  const energies = (what: Partial<DayPlan>) => {
    const world = createLevelsWorld(optionsOf(what, seconds, more));
    const sum = new Float64Array(5);
    for (let i = 0; i < seconds; i++)
      octavesOf(world.second(room, start + i * 1000).thirds).forEach((energy, k) => {
        sum[k]! += energy;
      });
    return sum;
  };
  const [talk, quiet] = [energies(plan), energies({})];
  return Array.from(talk, (energy, k) => energy - quiet[k]!);
}
const level = (energy: number) => 10 * Math.log10(energy / 4e-10);
const talkInK1 = { conversations: [conversationIn("K1", 600)] };

describe("the truth of a level difference", () => {
  it("is what two microphones differ by, their own errors taken off", () => {
    const microphones = { ...FIELD_CALIBRATED, clockSdMs: 0 };
    const truth = createTruth(optionsOf(talkInK1, 600, { microphones }));
    const [a, b] = ["K1", "G1"].map((room) => added(talkInK1, room, 600, { microphones }));
    const errors = truth.gainError("K1") - truth.gainError("G1");
    expect(Math.abs(errors)).toBeGreaterThan(0.01);
    const expected = truth.levelDifference("K1", "G1", start);
    for (let k = 0; k < 5; k++)
      expect(Math.abs(level(a![k]!) - level(b![k]!) - errors - expected[k]!)).toBeLessThan(0.3);
  });

  it("falls when the door opens and rises again, and says when it may be learnt", () => {
    const doors = [{ between: ["K1", "G1"], state: "open", from: start + minute, until: start + 2 * minute }] as const;
    const truth = createTruth(optionsOf({ ...talkInK1, doors }, 600));
    const at = (m: number) => truth.levelDifference("K1", "G1", start + m * minute)[2]!;
    expect(at(0) - at(1)).toBeGreaterThan(20);
    expect(at(2)).toBe(at(0));
    expect([0, 1, 2].map((m) => truth.doorsConstant("K1", "G1", start + m * minute, start + (m + 1) * minute))).toEqual(
      [true, true, true],
    );
    expect(truth.doorsConstant("K1", "G1", start, start + 3 * minute)).toBe(false);
    expect(truth.doorsConstant("S1", "S2", start, start + 3 * minute)).toBe(true);
  });

  it("has hardly a bound where nothing passes", () => {
    expect(createTruth(optionsOf({}, 600)).levelDifference("K1", "S3", start)[0]).toBeGreaterThan(100);
  });
});

describe("the truth of a minute", () => {
  it("is the energy that the world adds at both microphones", () => {
    const one = { conversations: [conversationIn("K1", 60)] };
    const truth = createTruth(optionsOf(one, 60));
    const heard = truth.minute("K1", "G1", start)!;
    const expected = (room: string) => added(one, room, 60).map((energy) => level(energy / heard.speechSeconds));
    for (const [k, expectedLevel] of expected("K1").entries())
      expect(Math.abs(heard.source[k]! - expectedLevel)).toBeLessThan(1);
    for (const [k, expectedLevel] of expected("G1").entries())
      expect(Math.abs(heard.speech[k]! - expectedLevel)).toBeLessThan(1);
    expect(heard.speechSeconds).toBeGreaterThan(35);
  });

  it("is silent about a minute in which hardly anybody speaks", () => {
    const truth = createTruth(optionsOf({ conversations: [conversationIn("K1", 3)] }, 600));
    expect(truth.minute("K1", "G1", start)).toBeNull();
    expect(truth.minute("K2", "G1", start)).toBeNull();
  });

  it.each([
    [30, 25, 0.45],
    [30, 30, 0.284],
    [35, 30, 0.149],
    [40, 30, 0.059],
  ])("makes of a normal voice through R'w %i into NC-%i an SII5 of %f (ACOUSTICS §3.7)", (rw, noise, expected) => {
    const rooms = ["A", "B"].map((id) => ({
      id,
      name: id,
      kind: "private-office",
      volume: 25,
      reverberation: 0.4,
      noise,
    }));
    const boundaries = [{ between: ["A", "B"], kind: "wall", rw, area: 10 }];
    const site = Site.parse({ site: "two", name: "Two rooms", timeZone: "UTC", rooms, boundaries });
    const voice = { gainDb: 0, raised: false };
    const conversations = [conversationIn("A", 3600, { talkers: [voice, voice] })];
    const truth = createTruth(optionsOf({ conversations }, 3600, { site }));
    const minutes = Array.from({ length: 60 }, (_, m) => truth.minute("A", "B", start + m * minute)!);
    const mean = minutes.reduce((sum, { sii5 }) => sum + sii5, 0) / minutes.length;
    expect(Math.abs(mean - expected)).toBeLessThan(0.03);
  });
});
