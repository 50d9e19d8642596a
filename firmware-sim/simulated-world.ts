/** The simulated world as what the sensors of a room take in, second by second. */
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import type { Second } from "#firmware/dsp/second.ts";
import { type AudioWorld, createAudioWorld } from "#firmware/world/audio-world.ts";
import { createLevelsWorld, type WorldOptions } from "#firmware/world/levels-world.ts";
import { openNow } from "#firmware/world/live-instant.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { createListener, type Listener } from "./device/listen.ts";
import type { SenseRoom } from "./generate.ts";
import { busyDay } from "./scenarios/busy-day.ts";
import { jobCentreWeek } from "./scenarios/job-centre-week.ts";
import { noisyWeek } from "./scenarios/noisy-week.ts";
import { quietDay } from "./scenarios/quiet-day.ts";
import type { Scenario } from "./world/scenario.ts";

export const scenarios: Readonly<Record<string, Scenario>> = Object.fromEntries(
  [jobCentreWeek, noisyWeek, busyDay, quietDay].map((scenario) => [scenario.name, scenario]),
);

export interface SimulatedWorldOptions {
  readonly site: Site;
  /** A name in `scenarios`. */
  readonly scenario: string;
  readonly seed: string | number;
  /** `levels` costs a millionth of a second per room and second, `audio` a thousandth. */
  readonly form: "levels" | "audio";
  /** Lived as if the house were open at any hour. */
  readonly openNow: boolean;
}

export function senseWorld(options: SimulatedWorldOptions): SenseRoom {
  const { site, seed, form } = options;
  const scenario = scenarios[options.scenario];
  if (!scenario) throw new RangeError(`there is no scenario ${options.scenario}`);
  const world: WorldOptions = { site, scenario, seed, ...(options.openNow && { instant: openNow(site) }) };
  const levels = createLevelsWorld(world);
  const second =
    form === "levels" ? levels.second : hearing(createAudioWorld({ ...world, timetable: levels.timetable }));
  return (room, t) => ({ second: second(room, t), presence: levels.presence(room, t) });
}

interface Ear {
  readonly listener: Listener;
  next: Millis;
}

/** The audio world through each room's whole signal path. A room that was not asked for a while is heard anew. */
function hearing(world: AudioWorld): (room: RoomId, t: Millis) => Second {
  const ears = new Map<RoomId, Ear>();
  return (room, t) => {
    let ear = ears.get(room);
    if (ear?.next !== t) ear = { listener: createListener({ start: t, createSpeechDetector }), next: t };
    ears.set(room, ear);
    ear.next += 1000;
    const [second] = ear.listener.process(world.pressure(room, t));
    if (!second) throw new Error("16,000 samples made no second");
    return second;
  };
}
