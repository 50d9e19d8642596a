import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { parseSite } from "#protocol/site-file.ts";
import { createAudioWorld } from "./audio-world.ts";
import { createLevelsWorld, type WorldOptions } from "./levels-world.ts";
import { FIELD_CALIBRATED, FLAWLESS, microphoneOf } from "./microphones.ts";
import { conversationIn, sceneOf, start } from "./scene.fixture.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const sd = (xs: readonly number[]) => Math.sqrt(xs.reduce((sum, x) => sum + x * x, 0) / xs.length);
const world = (more: Partial<WorldOptions> = {}): WorldOptions => ({
  site,
  scenario: jobCentreWeek,
  seed: 1,
  microphones: FLAWLESS,
  timetable: sceneOf({ conversations: [conversationIn("K1", 60)] }, 60),
  ...more,
});
const late = (offsetMs: number): Partial<WorldOptions> => ({
  scenario: {
    ...jobCentreWeek,
    faults: [{ kind: "clock-offset", room: "K1", offsetMs, from: start, until: start + 60_000 }],
  },
});

describe("microphones calibrated in the field", () => {
  const many = Array.from({ length: 2000 }, (_, i) => microphoneOf(1, `R${i}`, FIELD_CALIBRATED));

  it("are off by 0.2 dB and 15 ms, so that two agree within half a decibel and 100 ms", () => {
    expect(sd(many.map(({ gainDb }) => gainDb))).toBeCloseTo(0.2, 2);
    expect(sd(many.map(({ clockMs }) => clockMs)) / 15).toBeCloseTo(1, 1);
    const pairs = many.slice(1).map(({ gainDb, clockMs }, i) => [gainDb - many[i]!.gainDb, clockMs - many[i]!.clockMs]);
    expect(pairs.filter(([gain]) => Math.abs(gain!) < 0.5).length / pairs.length).toBeGreaterThan(0.9);
    expect(pairs.filter(([, clock]) => Math.abs(clock!) < 100)).toHaveLength(pairs.length);
  });

  it("are the same for the same seed, and can be flawless", () => {
    expect(microphoneOf(1, "K1", FIELD_CALIBRATED)).toEqual(microphoneOf(1, "K1", FIELD_CALIBRATED));
    expect(microphoneOf(1, "K1", FIELD_CALIBRATED)).not.toEqual(microphoneOf(2, "K1", FIELD_CALIBRATED));
    expect(Math.abs(microphoneOf(1, "K1", FLAWLESS).gainDb)).toBe(0);
  });
});

describe("a microphone that is too loud by a little", () => {
  it("measures everything louder, its ventilation too", () => {
    const [exact, off] = [world(), world({ microphones: { gainSdDb: 1, clockSdMs: 0 } })].map((options) => {
      const levels = createLevelsWorld(options);
      return Array.from({ length: 60 }, (_, i) => ({ ...levels.second("K1", start + i * 1000) }));
    });
    const factor = 10 ** (microphoneOf(1, "K1", { gainSdDb: 1, clockSdMs: 0 }).gainDb / 10);
    for (const [i, { a, lafMax }] of off!.entries()) {
      expect(a / exact![i]!.a).toBeCloseTo(factor, 9);
      expect(lafMax / exact![i]!.lafMax).toBeCloseTo(factor, 9);
    }
  });
});

describe("a clock that is off by a quarter of a second", () => {
  it("hears three quarters of one second and a quarter of the next, either way", () => {
    const thirds = (more: Partial<WorldOptions>) => {
      const levels = createLevelsWorld(world(more));
      return Array.from({ length: 30 }, (_, i) => levels.second("K1", start + 1000 + i * 1000).thirds.slice());
    };
    const quiet = thirds({ timetable: sceneOf({}, 60) });
    const talk = (more: Partial<WorldOptions>) =>
      thirds(more).map((second, i) => second.map((energy, k) => energy - quiet[i]![k]!));
    const [exact, behind, ahead] = [talk({}), talk(late(250)), talk(late(-250))];
    for (let i = 1; i < 29; i++)
      for (const k of [0, 7, 15]) {
        expect(behind[i]![k]! / (0.75 * exact[i]![k]! + 0.25 * exact[i + 1]![k]! + 1e-20)).toBeCloseTo(1, 6);
        expect(ahead[i]![k]! / (0.75 * exact[i]![k]! + 0.25 * exact[i - 1]![k]! + 1e-20)).toBeCloseTo(1, 6);
      }
  });

  it("hears the same samples a quarter of a second sooner or later", () => {
    const samples = (more: Partial<WorldOptions>) => {
      const audio = createAudioWorld(world(more));
      return [0, 1, 2].flatMap((i) => Array.from(audio.pressure("K1", start + i * 1000)));
    };
    expect(samples(late(250)).slice(0, 40_000)).toEqual(samples({}).slice(4000, 44_000));
  });
});
