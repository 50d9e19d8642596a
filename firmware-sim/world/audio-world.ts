/**
 * The world as sound: the pressure at every microphone, second after second, from the same timetable and turns as the
 * levels-only world. Heard through the real signal path the two agree (see README).
 */
import { addLevels } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Room } from "#protocol/site.ts";
import { type AudioEmitter, BLOCK, createAudioEmitter, SECOND_SAMPLES } from "./audio-emission.ts";
import { faultyRoom, faultyState } from "./faults.ts";
import type { WorldOptions } from "./levels-world.ts";
import { createNoise, type Noise, noiseCriterion } from "./noise.ts";
import { createRandom } from "./random.ts";
import { type Convolver, createConvolver, roomImpulseResponse } from "./reverberation.ts";
import { absorptionArea, fieldGain, pathsOf, reverberantGain, SENSOR_DISTANCE_M } from "./rooms.ts";
import { atFrequency, reduction, SELF_NOISE } from "./spectra.ts";
import { impulseResponse } from "./spectral-filter.ts";
import { syntheticVoice } from "./synthetic-voice.ts";
import { createTimetable, type Timetable } from "./timetable.ts";
import { createTrackReader } from "./tracks.ts";
import { createTape, type Voice } from "./voice.ts";

export interface AudioWorldOptions extends WorldOptions {
  /** Who talks; by default four synthetic voices, so that nothing needs to be fetched. */
  readonly voices?: readonly Voice[];
}

export interface AudioWorld {
  readonly timetable: Timetable;
  /**
   * Pressure at the sensor of `room` during the second that starts at `t` (whole seconds): 16,000 samples at 16 kHz in Pa.
   * Seconds of a room are asked for in order; after a jump tails and noise begin anew. **The array belongs to the room
   * and is overwritten by its next second.** Throws a RangeError for a room the site does not have.
   */
  pressure(room: RoomId, t: Millis): Float32Array;
}

/** A way in from another room: its sound through the wall's filter. */
interface Leak {
  readonly emitter: AudioEmitter;
  readonly wall: Convolver;
  readonly gain: number;
}

interface Ear {
  readonly emitter: AudioEmitter;
  readonly gain: number;
  readonly noise: Noise;
  readonly leaks: readonly Leak[];
  readonly out: Float32Array;
}

const SYNTHETIC_VOICES = 4;
/** Far beyond any microphone's full scale, Pa. */
const OVERDRIVEN_PA = 2000;

export function createAudioWorld(options: AudioWorldOptions): AudioWorld {
  const { site, scenario, seed, instant = (t) => t } = options;
  const timetable = options.timetable ?? createTimetable(site, scenario, seed);
  const ears = hangEars(options, timetable);
  const through = new Float32Array(SECOND_SAMPLES);
  return {
    timetable,
    pressure(room, t) {
      const ear = ears.get(faultyRoom(scenario.faults, room, t));
      if (!ear) throw new RangeError(`the site has no room ${room}`);
      listen(ear, Math.floor(instant(t) / 1000) * 1000, through);
      const state = faultyState(scenario.faults, room, t);
      if (state === "stuck") ear.out.fill(0);
      if (state === "clipped") ear.out.fill(OVERDRIVEN_PA);
      return ear.out;
    },
  };
}

function hangEars({ site, seed, voices }: AudioWorldOptions, timetable: Timetable): Map<RoomId, Ear> {
  const random = createRandom(`${seed}/${site.site}/audio`);
  const cast = voices ?? Array.from({ length: SYNTHETIC_VOICES }, (_, i) => syntheticVoice(random.fork(`voice ${i}`)));
  const tapes = cast.map(createTape);
  const areas = new Map(site.rooms.map((room) => [room.id, absorptionArea(room)]));
  const emitterOf = ({ id, reverberation }: Room): AudioEmitter => {
    const direct = 1 / (4 * Math.PI * SENSOR_DISTANCE_M ** 2);
    const directToReverberantDb = 10 * Math.log10(direct / reverberantGain(areas.get(id)!));
    const response = roomImpulseResponse({ rt60: reverberation, directToReverberantDb }, random.fork(`room ${id}`));
    return createAudioEmitter({ room: id, seed, timetable, tracks: createTrackReader(id, timetable), tapes, response });
  };
  const emitters = new Map(site.rooms.map((room) => [room.id, emitterOf(room)]));
  const paths = pathsOf(site);
  return new Map(
    site.rooms.map((room): [RoomId, Ear] => [
      room.id,
      {
        emitter: emitters.get(room.id)!,
        gain: Math.sqrt(fieldGain(areas.get(room.id)!, SENSOR_DISTANCE_M)),
        noise: createNoise(
          noiseCriterion(room.noise).map((level, i) => addLevels([level, SELF_NOISE[i]!])),
          random.fork(`noise ${room.id}`),
        ),
        leaks: paths
          .filter((path) => path.to === room.id)
          .map((path) => ({
            emitter: emitters.get(path.from)!,
            wall: createConvolver(wallResponse(path.boundary.rw), BLOCK),
            gain: Math.sqrt(reverberantGain(areas.get(path.from)!) * path.spread),
          })),
        out: new Float32Array(SECOND_SAMPLES),
      },
    ]),
  );
}

const wallResponse = (rw: number): Float64Array => {
  const loss = reduction(rw);
  return impulseResponse((hz) => -atFrequency(loss, hz));
};

function listen({ emitter, gain, noise, leaks, out }: Ear, t: Millis, through: Float32Array): void {
  out.fill(0);
  noise.addTo(out);
  const own = emitter.emit(t);
  if (own.active) for (let n = 0; n < SECOND_SAMPLES; n++) out[n]! += gain * own.samples[n]!;
  for (const leak of leaks) {
    const { active, samples } = leak.emitter.emit(t);
    if (!active) continue;
    through.set(samples);
    for (let at = 0; at < SECOND_SAMPLES; at += BLOCK) leak.wall.process(through.subarray(at, at + BLOCK));
    for (let n = 0; n < SECOND_SAMPLES; n++) out[n]! += leak.gain * through[n]!;
  }
}
