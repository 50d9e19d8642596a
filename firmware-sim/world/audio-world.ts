/**
 * The world as sound: the pressure at every microphone, second after second, from the same timetable and turns as the
 * levels-only world. Heard through the real signal path the two agree (see README).
 */
import { addLevels } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Room } from "#protocol/site.ts";
import { type AudioEmitter, BLOCK, createAudioEmitter, SECOND_SAMPLES } from "./audio-emission.ts";
import { createDoorReader, type DoorReader } from "./doors.ts";
import { faultyRoom, faultyState } from "./faults.ts";
import type { WorldOptions } from "./levels-world.ts";
import { clockOffset, FIELD_CALIBRATED, type Microphone, microphoneOf } from "./microphones.ts";
import { createNoise, type Noise, noiseCriterion } from "./noise.ts";
import { createRandom } from "./random.ts";
import { type Convolver, createConvolver, roomImpulseResponse } from "./reverberation.ts";
import { absorptionArea, directGain, fieldGain, reverberantGain, SENSOR_DISTANCE_M } from "./rooms.ts";
import { type Bands, bandGains, bandsOf, betweenThirds, SELF_NOISE } from "./spectra.ts";
import { impulseResponse } from "./spectral-filter.ts";
import { syntheticVoice } from "./synthetic-voice.ts";
import { createTimetable, type Timetable } from "./timetable.ts";
import { createTrackReader, type TrackReader, ventilationAt } from "./tracks.ts";
import { createTransmission, drowns, type Gains, type Route } from "./transmission.ts";
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

/** A way in from another room: its sound through the filter of what separates them, as the doors stand. */
interface Inlet {
  readonly route: Route;
  readonly emitter: AudioEmitter;
  gains: Gains | undefined;
  /** Undefined while all that comes this way drowns in the ventilation. */
  wall: Convolver | undefined;
}

interface Ear {
  readonly emitter: AudioEmitter;
  /** From sound power in the room itself to its sensor, as an amplitude. */
  readonly field: number;
  readonly ventilation: Noise;
  readonly selfNoise: Noise;
  /** Steps of the ventilation, as amplitudes; where the last second ended. */
  readonly tracks: TrackReader;
  ventilated: number;
  /** Both, as usual. */
  readonly noise: Bands;
  readonly inlets: readonly Inlet[];
  readonly microphone: Microphone;
  /** True seconds as they arrive: the last even and the last odd one. */
  readonly received: readonly [Received, Received];
  readonly out: Float32Array;
}

interface Received {
  t: Millis;
  readonly samples: Float32Array;
}

interface House {
  lived(t: Millis): Millis;
  /** For even and odd seconds, as devices whose clocks are ahead ask for the next second before others for this one. */
  readonly doors: readonly [DoorReader, DoorReader];
}

const SYNTHETIC_VOICES = 4;
/** Far beyond any microphone's full scale, Pa. */
const OVERDRIVEN_PA = 2000;

export function createAudioWorld(options: AudioWorldOptions): AudioWorld {
  const { site, scenario, seed, instant = (t) => t } = options;
  const timetable = options.timetable ?? createTimetable(site, scenario, seed);
  const house: House = {
    lived: (t) => Math.floor(instant(t) / 1000) * 1000,
    doors: [createDoorReader(site, timetable), createDoorReader(site, timetable)],
  };
  const ears = hangEars(options, timetable, house);
  return {
    timetable,
    pressure(room, t) {
      const ear = ears.get(faultyRoom(scenario.faults, room, t));
      if (!ear) throw new RangeError(`the site has no room ${room}`);
      listen(ear, t, clockOffset(ear.microphone, scenario.faults, room, t), house);
      const state = faultyState(scenario.faults, room, t);
      if (state === "stuck") ear.out.fill(0);
      if (state === "clipped") ear.out.fill(OVERDRIVEN_PA);
      return ear.out;
    },
  };
}

function hangEars(options: AudioWorldOptions, timetable: Timetable, { lived }: House): Map<RoomId, Ear> {
  const { scenario, site, seed, voices, microphones = FIELD_CALIBRATED } = options;
  const random = createRandom(`${seed}/${site.site}/audio`);
  const cast = voices ?? Array.from({ length: SYNTHETIC_VOICES }, (_, i) => syntheticVoice(random.fork(`voice ${i}`)));
  const tapes = cast.map(createTape);
  const emitterOf = (room: Room): AudioEmitter => {
    const { id, reverberation } = room;
    const directToReverberantDb =
      10 * Math.log10(directGain(SENSOR_DISTANCE_M) / reverberantGain(absorptionArea(room)));
    const response = roomImpulseResponse({ rt60: reverberation, directToReverberantDb }, random.fork(`room ${id}`));
    const tracks = createTrackReader(id, timetable);
    return createAudioEmitter({ room: id, seed, timetable, tracks, tapes, response, lived });
  };
  const emitters = new Map(site.rooms.map((room) => [room.id, emitterOf(room)]));
  const transmission = createTransmission(site, scenario.partitions);
  const ear = (room: Room): Ear => {
    const { id } = room;
    const curve = noiseCriterion(room.noise);
    return {
      emitter: emitters.get(id)!,
      field: Math.sqrt(fieldGain(absorptionArea(room), SENSOR_DISTANCE_M)),
      ventilation: createNoise(curve, random.fork(`noise ${id}`)),
      selfNoise: createNoise(SELF_NOISE, random.fork(`self noise ${id}`)),
      tracks: createTrackReader(id, timetable),
      ventilated: 1,
      noise: bandsOf(curve.map((level, i) => addLevels([level, SELF_NOISE[i]!]))),
      inlets: transmission
        .into(id)
        .map((route) => ({ route, emitter: emitters.get(route.from)!, gains: undefined, wall: undefined })),
      microphone: microphoneOf(seed, id, microphones),
      received: [noSecond(), noSecond()],
      out: new Float32Array(SECOND_SAMPLES),
    };
  };
  return new Map(site.rooms.map((room) => [room.id, ear(room)]));
}

const noSecond = (): Received => ({ t: Number.NaN, samples: new Float32Array(SECOND_SAMPLES) });

/** What the device takes for the second `t`: the end of one true second and the beginning of the next, as its clock has it. */
function listen(ear: Ear, t: Millis, offsetMs: number, house: House): void {
  const whole = Math.floor(offsetMs / 1000) * 1000;
  const skipped = Math.round(((offsetMs - whole) / 1000) * SECOND_SAMPLES);
  if (ear.received.every((second) => second.t !== t + whole)) begin(ear, t);
  const first = receive(ear, t + whole, house);
  ear.out.set(first.subarray(skipped));
  if (skipped > 0) ear.out.set(receive(ear, t + whole + 1000, house).subarray(0, skipped), SECOND_SAMPLES - skipped);
  const gain = 10 ** (ear.microphone.gainDb / 20);
  for (let n = 0; n < SECOND_SAMPLES; n++) ear.out[n]! *= gain;
}

/** All that is heard here begins a second before, whichever way the clock is off: so it does not matter who asks first. */
function begin(ear: Ear, t: Millis): void {
  ear.emitter.emit(t - 1000);
  for (const { emitter } of ear.inlets) emitter.emit(t - 1000);
}

/** The pressure at the ear in the second that starts at `t` by a true clock. */
function receive(ear: Ear, t: Millis, house: House): Float32Array {
  const odd = (t / 1000) & 1;
  const received = ear.received[odd]!;
  if (received.t === t) return received.samples;
  received.t = t;
  const { samples } = received;
  const lived = house.lived(t);
  samples.fill(0);
  ear.ventilation.addTo(samples);
  ventilate(ear, samples, Math.sqrt(ventilationAt(ear.tracks, lived)));
  ear.selfNoise.addTo(samples);
  const own = ear.emitter.emit(t);
  if (own.active) for (let n = 0; n < SECOND_SAMPLES; n++) samples[n]! += ear.field * own.samples[n]!;
  const { states } = house.doors[odd]!.at(lived);
  for (const inlet of ear.inlets) {
    const emission = inlet.emitter.emit(t);
    if (emission.active) addThrough(samples, inlet, emission.samples, inlet.route.gains(states), ear.noise);
  }
  return samples;
}

/** Ventilation takes a second to run otherwise. */
function ventilate(ear: Ear, samples: Float32Array, amplitude: number): void {
  const from = ear.ventilated;
  ear.ventilated = amplitude;
  if (from === 1 && amplitude === 1) return;
  for (let n = 0; n < SECOND_SAMPLES; n++) samples[n]! *= from + (n / SECOND_SAMPLES) * (amplitude - from);
}

const before = new Float32Array(SECOND_SAMPLES);
const after = new Float32Array(SECOND_SAMPLES);
/** Within this many samples the sound takes on what a door that has moved lets through. */
const TURN = 4000;

/** Adds what comes through; when a door has moved, the old filter fades into the new one. */
function addThrough(out: Float32Array, inlet: Inlet, sound: Float32Array, gains: Gains, noise: Bands): void {
  const turns = inlet.gains !== undefined && inlet.gains !== gains;
  if (turns) filter(inlet.wall, sound, before);
  if (inlet.gains !== gains) {
    inlet.gains = gains;
    inlet.wall = drowns(bandGains(gains), noise) ? undefined : createConvolver(wallResponse(gains), BLOCK);
  }
  if (!turns && !inlet.wall) return;
  filter(inlet.wall, sound, after);
  for (let n = 0; n < SECOND_SAMPLES; n++) {
    const turned = turns ? Math.min(1, n / TURN) : 1;
    out[n]! += turned * after[n]! + (turned < 1 ? (1 - turned) * before[n]! : 0);
  }
}

function filter(wall: Convolver | undefined, sound: Float32Array, out: Float32Array): void {
  if (!wall) {
    out.fill(0);
    return;
  }
  out.set(sound);
  for (let at = 0; at < SECOND_SAMPLES; at += BLOCK) wall.process(out.subarray(at, at + BLOCK));
}

const wallResponse = (gains: Gains): Float64Array => {
  const levels = gains.map((gain) => 10 * Math.log10(gain));
  return impulseResponse((hz) => betweenThirds(levels, hz));
};
