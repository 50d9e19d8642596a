/**
 * The two makers of the simulated house on the same talk, as the gateway hears it: `bands` of devices, the link statistic of
 * ACOUSTICS §4 and the level differences of §3.9. Tuning on levels-only weeks rests on this.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import { createListener } from "#firmware/device/listen.ts";
import { createBandsWindow } from "#firmware/device/readings/bands.ts";
import type { Second } from "#firmware/dsp/second.ts";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { type AudioWorld, createAudioWorld } from "#firmware/world/audio-world.ts";
import { createLevelsWorld } from "#firmware/world/levels-world.ts";
import { FLAWLESS } from "#firmware/world/microphones.ts";
import { conversationIn, sceneOf, start } from "#firmware/world/scene.fixture.ts";
import { createTruth } from "#firmware/world/truth.ts";
import { estimateEpisode, freshEpisode, stepEpisode } from "#gateway/detect/leakage/episode.ts";
import { createFrames, type Frames } from "#gateway/detect/leakage/frames.ts";
import { leakSums } from "#gateway/detect/leakage/leak.ts";
import { linkStatistic } from "#gateway/detect/leakage/link.ts";
import { HOP_MS, WINDOW_S } from "#gateway/detect/leakage/rules.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { Site } from "#protocol/site.ts";

/** The talk is in A. A light door is between it and B, an office wall between it and C: 10 m² each, as is the absorption of each room. */
const ROOM = { kind: "conversation-room", volume: 31.25, reverberation: 0.5 } as const;
const site = Site.parse({
  site: "agreement",
  name: "two boundaries",
  timeZone: "UTC",
  rooms: [
    { ...ROOM, id: "A", name: "A", noise: 25 },
    { ...ROOM, id: "B", name: "B", noise: 30 },
    { ...ROOM, id: "C", name: "C", noise: 30 },
  ],
  boundaries: [
    { between: ["A", "B"], kind: "door", rw: 30, area: 10 },
    { between: ["A", "C"], kind: "wall", rw: 40, area: 10 },
  ],
});
const BEHIND = ["B", "C"];
/** Octaves, from 250 Hz on, that 400 s are enough for: at B up to 2 kHz, at C up to 1 kHz. */
const ACCEPTED: Readonly<Record<RoomId, number>> = { B: 4, C: 3 };

/** Two conversations one after another, each between two of four voices. */
const TALK_S = 400;
const LENGTH_S = 2 * TALK_S;
const begins: readonly Millis[] = [start, start + TALK_S * 1000];
const conversations = begins.map((from, i) =>
  conversationIn("A", TALK_S, { from, until: from + TALK_S * 1000, stream: `${i}` }),
);
const options = {
  site,
  scenario: jobCentreWeek,
  seed: 1,
  timetable: sceneOf({ conversations }, LENGTH_S),
  microphones: FLAWLESS,
};
const truth = createTruth(options);

type House = ReadonlyMap<RoomId, Frames>;

/** What the gateway has of every room: the devices' `bands` under a lease that does not end. */
function heard(secondsOf: (room: RoomId) => (t: Millis) => Second): House {
  return new Map(
    site.rooms.map(({ id }) => {
      const frames = createFrames();
      const bands = createBandsWindow();
      const second = secondsOf(id);
      for (let t = start; t < start + LENGTH_S * 1000; t += 1000) {
        const reading = bands.add(second(t), Number.POSITIVE_INFINITY, 0);
        if (reading) frames.put(reading.body.t, reading.body.levels, reading.body.speech);
      }
      return [id, frames];
    }),
  );
}

/** Through a device's whole signal path: level meter, third-octave bank, detector. */
const listening = (world: AudioWorld) => (room: RoomId) => {
  const listener = createListener({ start, createSpeechDetector });
  return (t: Millis): Second => listener.process(world.pressure(room, t))[0]!;
};

const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/** Mean Z over the windows of all conversations, a window each half minute as in the gateway. */
function meanZ(house: House, to: RoomId): number {
  const windows = begins.flatMap((from) => {
    const count = 1 + Math.floor(((TALK_S - WINDOW_S) * 1000) / HOP_MS);
    return Array.from({ length: count }, (_, i) => from + i * HOP_MS);
  });
  const [a, b] = [house.get("A")!, house.get(to)!];
  return mean(windows.map((from) => linkStatistic(a.window(from, WINDOW_S), b.window(from, WINDOW_S))!.z));
}

/** Level difference of each octave, dB: the mean of what the conversations say, null where one of them does not accept it. */
function levelDifference(house: House, to: RoomId): (number | null)[] {
  const [a, b] = [house.get("A")!, house.get(to)!];
  const estimates = begins.map((from) => {
    let episode = freshEpisode;
    for (let t = from; t + WINDOW_S * 1000 <= from + TALK_S * 1000; t += WINDOW_S * 1000)
      episode = stepEpisode(episode, leakSums(a.window(t, WINDOW_S), b.window(t, WINDOW_S)));
    return estimateEpisode(episode).ld;
  });
  return estimates[0]!.map((_, k) => {
    const accepted = estimates.flatMap((ld) => ld[k] ?? []);
    return accepted.length < estimates.length ? null : mean(accepted);
  });
}

describe("the audio world and the levels-only world, as the gateway hears them behind a door of R'w 30 and a wall of R'w 40", () => {
  let audio: House;
  let levels: House;
  beforeAll(() => {
    audio = heard(listening(createAudioWorld(options)));
    const world = createLevelsWorld(options);
    levels = heard((room) => (t) => world.second(room, t));
  });

  it("show a link as plainly: mean Z within 10 %", () => {
    // See README: the levels' is the greater, by 10 % on average, and why.
    const [a, l] = [audio, levels].map((house) => mean(BEHIND.map((to) => meanZ(house, to))));
    expect(Math.abs(a! / l! - 1)).toBeLessThan(0.1);
  });

  describe.each(BEHIND)("measure the same boundary to %s", (to) => {
    it("and accept the octaves that stand out of the ventilation", () => {
      for (const house of [audio, levels])
        expect(levelDifference(house, to).slice(0, ACCEPTED[to])).not.toContain(null);
    });

    it("within 10 %, and of the truth, in every octave they accept", () => {
      const [a, l] = [levelDifference(audio, to), levelDifference(levels, to)];
      for (const [k, known] of truth.levelDifference("A", to, start).entries()) {
        const both = [a[k] ?? null, l[k] ?? null].filter((ld) => ld !== null);
        for (const measured of both) {
          expect(Math.abs(measured / known - 1)).toBeLessThan(0.1);
          expect(Math.abs(measured / both[0]! - 1)).toBeLessThan(0.1);
        }
      }
    });

    it("within 0.5 dB from 500 Hz on, where it does not depend on the pitch of a voice", () => {
      const [a, l] = [levelDifference(audio, to), levelDifference(levels, to)];
      for (let k = 1; k < ACCEPTED[to]!; k++) expect(Math.abs(a[k]! - l[k]!)).toBeLessThan(0.5);
    });
  });
});
