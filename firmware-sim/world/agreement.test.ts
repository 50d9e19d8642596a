/** The two makers on one scene: audio through the real signal path and detector, levels straight from the timetable. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import { octavesOf } from "#firmware/dsp/bands.ts";
import { createLevelMeter } from "#firmware/dsp/level-meter.ts";
import { P0_SQUARED, type Second, THIRDS_HZ } from "#firmware/dsp/second.ts";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { parseSite } from "#protocol/site-file.ts";
import { createAudioWorld } from "./audio-world.ts";
import { createLevelsWorld } from "./levels-world.ts";
import { FIELD_CALIBRATED, FLAWLESS } from "./microphones.ts";
import { conversationIn, sceneOf, start } from "./scene.fixture.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const scenario = jobCentreWeek;

const TALK_S = 220;
const LENGTH_S = 260;
const timetable = sceneOf({ conversations: [conversationIn("K1", TALK_S)] }, LENGTH_S);
const options = { site, scenario, seed: 1, timetable, microphones: FLAWLESS };

const level = (energy: number) => 10 * Math.log10(energy / P0_SQUARED);
const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const sd = (xs: readonly number[]) => Math.sqrt(mean(xs.map((x) => (x - mean(xs)) ** 2)));
function correlation(xs: readonly number[], ys: readonly number[]): number {
  const [mx, my] = [mean(xs), mean(ys)];
  return mean(xs.map((x, i) => (x - mx) * (ys[i]! - my))) / (sd(xs) * sd(ys));
}
const exceeded = (xs: readonly number[], share: number) =>
  xs.toSorted((a, b) => b - a)[Math.floor((xs.length - 1) * share)]!;

function audioSeconds(room: string): Second[] {
  const world = createAudioWorld(options);
  const meter = createLevelMeter(100);
  let speech = 0;
  const detector = createSpeechDetector((p) => {
    speech = p;
  });
  return Array.from({ length: LENGTH_S }, (_, i) => {
    const t = start + i * 1000;
    const pressure = world.pressure(room, t);
    meter.process(pressure);
    detector.process(pressure);
    const { thirds, laf, ...levels } = meter.close();
    return { ...levels, thirds: thirds.slice(), laf: laf.slice(), t, speech };
  });
}

function levelSeconds(room: string): Second[] {
  const world = createLevelsWorld(options);
  return Array.from({ length: LENGTH_S }, (_, i) => {
    const second = world.second(room, start + i * 1000);
    return { ...second, thirds: second.thirds.slice(), laf: second.laf.slice() };
  });
}

const summary = (seconds: readonly Second[]) => {
  const laf = seconds.flatMap((second) => Array.from(second.laf, level));
  return {
    laeq: level(mean(seconds.map(({ a }) => a))),
    lafMax: Math.max(...seconds.map(({ lafMax }) => level(lafMax))),
    peakOverMean: mean(seconds.map(({ a, lafMax }) => level(lafMax) - level(a))),
    laf10: exceeded(laf, 0.1),
    laf50: exceeded(laf, 0.5),
    laf90: exceeded(laf, 0.9),
    thirds: THIRDS_HZ.map((_, i) => level(mean(seconds.map(({ thirds }) => thirds[i]!)))),
    variation: sd(seconds.map(({ a }) => level(a)).filter((l) => l > 50)),
    spoken: mean(seconds.map(({ speech }) => (speech > 0.5 ? 1 : 0))),
  };
};

describe("the audio world and the levels-only world on one conversation in K1", () => {
  const heard: Record<string, { audio: Second[]; levels: Second[] }> = {};
  beforeAll(() => {
    for (const room of ["K1", "G1"]) heard[room] = { audio: audioSeconds(room), levels: levelSeconds(room) };
  });
  const part = (room: string, from: number, until?: number) => ({
    audio: summary(heard[room]!.audio.slice(from, until)),
    levels: summary(heard[room]!.levels.slice(from, until)),
  });

  it("agree on the quiet room after it: LAeq and L90 within 0.3 dB, each third within 1 dB", () => {
    const { audio, levels } = part("K1", TALK_S + 4);
    expect(Math.abs(audio.laeq - levels.laeq)).toBeLessThan(0.3);
    expect(Math.abs(audio.laf90 - levels.laf90)).toBeLessThan(0.3);
    for (const [i, third] of audio.thirds.entries()) expect(Math.abs(third - levels.thirds[i]!)).toBeLessThan(1);
    expect([audio.spoken, levels.spoken]).toEqual([0, 0]);
  });

  it("agree on the room while it is talked in: LAeq within 1 dB, L10 within 1.5, L90 within 2, peaks within 1 dB", () => {
    const { audio, levels } = part("K1", 15, TALK_S);
    expect(Math.abs(audio.laeq - levels.laeq)).toBeLessThan(1);
    expect(Math.abs(audio.laf10 - levels.laf10)).toBeLessThan(1.5);
    expect(Math.abs(audio.laf90 - levels.laf90)).toBeLessThan(2);
    expect(Math.abs(audio.peakOverMean - levels.peakOverMean)).toBeLessThan(1);
    expect(Math.abs(audio.variation - levels.variation)).toBeLessThan(1);
  });

  it("agree on its spectrum: the mean of the thirds within 1 dB, each within 5 (a voice has its own)", () => {
    const { audio, levels } = part("K1", 15, TALK_S);
    const differences = audio.thirds.map((third, i) => third - levels.thirds[i]!);
    expect(Math.abs(mean(differences))).toBeLessThan(1);
    for (const difference of differences) expect(Math.abs(difference)).toBeLessThan(5);
  });

  it("agree on what comes through the wall into the corridor: LAeq and L90 within 0.5 dB", () => {
    const { audio, levels } = part("G1", 15, TALK_S);
    expect(Math.abs(audio.laeq - levels.laeq)).toBeLessThan(0.5);
    expect(Math.abs(audio.laf90 - levels.laf90)).toBeLessThan(0.5);
  });

  describe("on what the link between two rooms is found by, octave by octave", () => {
    const OCTAVES = [0, 1, 2, 3, 4];
    /** Levels by octave and second while there is talk. */
    const levelsOf = (room: string) => {
      const of = (seconds: readonly Second[]) =>
        OCTAVES.map((k) => seconds.slice(15, TALK_S).map(({ thirds }) => level(octavesOf(thirds)[k]!)));
      return { audio: of(heard[room]!.audio), levels: of(heard[room]!.levels) };
    };
    const lag1 = (xs: readonly number[]) => correlation(xs.slice(1), xs.slice(0, -1));

    it("agree: standard deviations within 1 dB and their mean within 10 %", () => {
      const { audio, levels } = levelsOf("K1");
      const [a, l] = [audio.map(sd), levels.map(sd)];
      for (const k of OCTAVES) expect(Math.abs(a[k]! - l[k]!)).toBeLessThan(1);
      expect(Math.abs(mean(a) / mean(l) - 1)).toBeLessThan(0.1);
    });

    it("agree: correlations of neighbouring seconds within 0.3, their mean within 0.15, here and behind the door", () => {
      for (const room of ["K1", "G1"]) {
        const { audio, levels } = levelsOf(room);
        const [a, l] = [audio.map(lag1), levels.map(lag1)];
        for (const k of OCTAVES) expect(Math.abs(a[k]! - l[k]!)).toBeLessThan(0.3);
        expect(Math.abs(mean(a) - mean(l))).toBeLessThan(0.15);
      }
    });

    it("agree: correlations of octaves with each other within 0.25, their mean within 0.1", () => {
      const { audio, levels } = levelsOf("K1");
      const between = (bands: readonly (readonly number[])[]) =>
        OCTAVES.flatMap((i) => OCTAVES.filter((k) => k > i).map((k) => correlation(bands[i]!, bands[k]!)));
      const [a, l] = [between(audio), between(levels)];
      for (const [i, r] of a.entries()) expect(Math.abs(r - l[i]!)).toBeLessThan(0.25);
      expect(Math.abs(mean(a) - mean(l))).toBeLessThan(0.1);
    });

    it("agree: correlations of the room with the corridor behind its door within 0.1", () => {
      const [here, there] = [levelsOf("K1"), levelsOf("G1")];
      for (const k of OCTAVES) {
        const audio = correlation(here.audio[k]!, there.audio[k]!);
        expect(Math.abs(audio - correlation(here.levels[k]!, there.levels[k]!))).toBeLessThan(0.1);
      }
    });
  });

  it("agree on how often the detector says speech: within 0.2 in the room and through the wall", () => {
    for (const room of ["K1", "G1"]) {
      const { audio, levels } = part(room, 15, TALK_S);
      expect(Math.abs(audio.spoken - levels.spoken)).toBeLessThan(0.2);
    }
  });
});

describe("the audio world again", () => {
  const calibrated = { ...options, microphones: FIELD_CALIBRATED };
  const hear = (room: string, seconds: number, seed = 1) => {
    const world = createAudioWorld({ ...calibrated, seed });
    return Array.from({ length: seconds }, (_, i) => world.pressure(room, start + i * 1000).slice());
  };

  it("gives the same samples for the same seed, and others for another", () => {
    expect(hear("K1", 3)).toEqual(hear("K1", 3));
    expect(hear("K1", 1, 2)).not.toEqual(hear("K1", 1));
  });

  it("gives a room the same samples whether or not others are asked before it", () => {
    const world = createAudioWorld(calibrated);
    const together = [0, 1, 2].map((i) => {
      world.pressure("G1", start + i * 1000);
      return world.pressure("K1", start + i * 1000).slice();
    });
    expect(together).toEqual(hear("K1", 3));
  });
});
