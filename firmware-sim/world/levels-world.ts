/**
 * The world without audio: what a second of sound becomes at every microphone, straight from the timetable. Thousands of
 * rooms, weeks in seconds. Statistically the same as the audio world through the real signal path (see README).
 */
import { LAF_PER_SECOND, P0_SQUARED, type Second, THIRDS_HZ } from "#firmware/dsp/second.ts";
import { energyOf } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Room, Site } from "#protocol/site.ts";
import { createDice, type Dice, QUANTILES } from "./dice.ts";
import { createDoorReader, type DoorReader } from "./doors.ts";
import { createEmissions, type Emission, type Emissions } from "./emission.ts";
import { faultyRoom, faultyState } from "./faults.ts";
import { clockOffset, FIELD_CALIBRATED, type Microphone, type MicrophoneErrors, microphoneOf } from "./microphones.ts";
import { noiseCriterion } from "./noise.ts";
import { type PresenceFrame, presenceFrame } from "./presence-sensors.ts";
import { hashText } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import {
  A_FACTORS,
  BANDS,
  type Bands,
  bandGains,
  bandsOf,
  FIRST_READ,
  midBand,
  REST,
  SELF_NOISE,
  THIRD_WIDTH,
} from "./spectra.ts";
import { speechProbability } from "./speech-probability.ts";
import { createTimetable, type Timetable } from "./timetable.ts";
import { createTransmission, type DoorStates, type Gains, type Route } from "./transmission.ts";

export interface WorldOptions {
  readonly site: Site;
  readonly scenario: Scenario;
  /** Same seed, same seconds. */
  readonly seed: string | number;
  /** What goes on; by default the scenario's weeks. */
  readonly timetable?: Timetable;
  /** Instant of the timetable that is lived at an instant of the clock; the same by default (see live-instant.ts). */
  readonly instant?: (t: Millis) => Millis;
  /** How far gains and clocks of the microphones are off; field-calibrated unless given. */
  readonly microphones?: MicrophoneErrors;
}

export interface LevelsWorld {
  readonly timetable: Timetable;
  /**
   * The second that starts at `t` (whole seconds) as the sensor of `room` hears it. Any room, any instant, in any order;
   * fast when a room's seconds follow each other. **The object and its arrays belong to the room and are overwritten by
   * its next second**: copy what is kept. Throws a RangeError for a room the site does not have.
   */
  second(room: RoomId, t: Millis): Second;
  /** What the presence sensors of `room` report in that second. */
  presence(room: RoomId, t: Millis): PresenceFrame;
}

/** What is written each second; the fields of `Second` without their guard. */
interface MutableSecond {
  t: Millis;
  thirds: Float64Array;
  a: number;
  laf: Float64Array;
  lafMax: number;
  speech: number;
  clipped: boolean;
}

/** What a room's sensor remembers from one second to the next. */
interface Memory {
  /** The second remembered, ms; NaN before the first. */
  t: number;
  /** Fast time-weighted mean square at its end, Pa². */
  fast: number;
  speech: number;
  spoken: number;
}

/** What reaches an ear of one second, as it happens; the device's clock decides which seconds it hears of it. */
interface Reception {
  /** The second it is of, ms of the clock; NaN before the first. */
  t: Millis;
  /** Mean squares of all but ventilation, Pa²; stale unless `active`. */
  readonly bands: Bands;
  active: boolean;
  /** The A-weighted part that is speech, and the rest. */
  speech: number;
  sounds: number;
  /** Share in which somebody or a loudspeaker speaks in the room itself. */
  spoken: number;
  roughness: number;
}

/** A way in from another room. */
interface Inlet {
  readonly route: Route;
  /** As the doors stand, and as they have stood before. */
  gains: Gains | undefined;
  bands: Bands;
  readonly known: Map<Gains, Transfer>;
}

interface Transfer {
  readonly bands: Bands;
  /** A-weighted power that drowns in the ventilation even if all of it is in the band that carries best, Pa²·m². */
  readonly least: number;
}

interface Ear {
  /** Names its dice. */
  readonly place: number;
  /** Place of its room in the site. */
  readonly room: number;
  /** Mean square per sound power of its own room, by band. */
  readonly field: Bands;
  /** Mean squares of usual ventilation and of the microphone's own noise, and of both as they are now, Pa². */
  readonly ventilation: Bands;
  readonly selfNoise: Bands;
  readonly noise: Bands;
  /** Energy of the ventilation in `noise` relative to the usual. */
  ventilated: number;
  readonly inlets: readonly Inlet[];
  /** Per inlet: the place of the other room in the site, and what drowns. */
  readonly sources: Uint16Array;
  readonly least: Float64Array;
  /** When the doors moved last, as far as the inlets know. */
  doorsSince: Millis;
  readonly microphone: Microphone;
  /** Its gain as a factor on energy. */
  readonly gain: number;
  /** Of the last even and the last odd second. */
  readonly receptions: readonly [Reception, Reception];
  readonly heard: MutableSecond;
  readonly memory: Memory;
}

/** The house as all ears share it. */
interface House {
  /** Instant of the timetable that is lived at an instant of the clock. */
  lived(t: Millis): Millis;
  /** For even and odd seconds, as devices whose clocks are ahead ask for the next second before others for this one. */
  readonly doors: readonly [DoorReader, DoorReader];
  readonly emissions: Emissions;
  readonly dice: Dice;
}

/** Decay of Fast time weighting over an eighth of a second: e^(−0.125 s / 0.125 s). */
const FAST_DECAY = Math.exp(-1);
/** The greatest Fast level of a second lies a little above the greatest of its eight samples. */
const PEAK_OVER_SAMPLES = energyOf(0.2);
/** Share by which ventilation swings from one eighth of a second to the next: 1/√(B·T) with B about 1.5 kHz, A-weighted. */
const NOISE_ROUGHNESS = 0.073;
/** What is this much of the ventilation swings by itself, as a factor on energy: −20 dB. */
const SWINGING = 0.01;
/** How speech swings between the eighths of a second, dB, and the table of it. */
const SPEECH_ROUGHNESS_DB = 5;
const SPEECH_SWING = QUANTILES.map((q) => energyOf(SPEECH_ROUGHNESS_DB * q));

/**
 * Band noise over a second is χ² with 2·B·T degrees of freedom; Wilson and Hilferty's cube of a normal deviate. Its
 * standard deviation is 4.34/√(B·T) dB (ACOUSTICS §7.6, TV-29).
 */
const JITTER_SD = Float64Array.from({ length: BANDS }, (_, i) => Math.sqrt(2 / (9 * degreesOfFreedom(i))));
const JITTER_MEAN = JITTER_SD.map((sd) => 1 - sd * sd);

function degreesOfFreedom(band: number): number {
  return band === REST ? 400 : 2 * THIRD_WIDTH * midBand(FIRST_READ + band);
}

export function createLevelsWorld(options: WorldOptions): LevelsWorld {
  const { site, scenario, seed, instant = (t) => t } = options;
  const timetable = options.timetable ?? createTimetable(site, scenario, seed);
  const house: House = {
    lived: (t) => Math.floor(instant(t) / 1000) * 1000,
    doors: [createDoorReader(site, timetable), createDoorReader(site, timetable)],
    emissions: createEmissions(site, seed, timetable),
    dice: createDice(),
  };
  const ears = hangEars(options);

  const earAt = (room: RoomId, t: Millis): Ear => {
    const ear = ears.get(faultyRoom(scenario.faults, room, t));
    if (!ear) throw new RangeError(`the site has no room ${room}`);
    return ear;
  };
  return {
    timetable,
    second(room, t) {
      const ear = earAt(room, t);
      listen(ear, t, clockOffset(ear.microphone, scenario.faults, room, t), house);
      const state = faultyState(scenario.faults, room, t);
      return state ? spoilt(ear.heard, state) : ear.heard;
    },
    presence(room, t) {
      const ear = earAt(room, t);
      const { people, moving } = house.emissions.crowd(ear.room, house.lived(t));
      house.dice.throwFor(ear.place ^ PRESENCE, t / 1000);
      return presenceFrame(people, moving, house.dice);
    },
  };
}

const PRESENCE = 0x5bd1e995;

function hangEars(options: WorldOptions): Map<RoomId, Ear> {
  const { site, scenario, seed, microphones = FIELD_CALIBRATED } = options;
  const places = new Map(site.rooms.map(({ id }, place) => [id, place]));
  const transmission = createTransmission(site, scenario.partitions);
  const ear = (room: Room): Ear => {
    const microphone = microphoneOf(seed, room.id, microphones);
    const gain = energyOf(microphone.gainDb);
    const routes = transmission.into(room.id);
    return {
      place: hashText(`${seed}/${site.site}/ear/${room.id}`)[0]!,
      room: places.get(room.id)!,
      field: bandGains(transmission.route(room.id, room.id).gains([])),
      ventilation: bandsOf(noiseCriterion(room.noise)),
      selfNoise: bandsOf(SELF_NOISE),
      noise: new Float64Array(BANDS),
      ventilated: Number.NaN,
      inlets: routes.map((route) => ({ route, gains: undefined, bands: new Float64Array(BANDS), known: new Map() })),
      sources: Uint16Array.from(routes, ({ from }) => places.get(from)!),
      least: new Float64Array(routes.length),
      doorsSince: Number.NaN,
      microphone,
      gain,
      receptions: [noReception(), noReception()],
      heard: {
        t: 0,
        thirds: new Float64Array(THIRDS_HZ.length),
        a: 0,
        laf: new Float64Array(LAF_PER_SECOND),
        lafMax: 0,
        speech: 0,
        clipped: false,
      },
      memory: { t: Number.NaN, fast: 0, speech: 0, spoken: 0 },
    };
  };
  return new Map(site.rooms.map((room) => [room.id, ear(room)]));
}

const noReception = (): Reception => ({
  t: Number.NaN,
  bands: new Float64Array(BANDS),
  active: false,
  speech: 0,
  sounds: 0,
  spoken: 0,
  roughness: 0,
});

/** A-weighted mean squares at one ear in one second, by what they come from, Pa², and how sounds swing, dB. Reused. */
const share = { noise: 0, speech: 0, sounds: 0, spoken: 0, roughness: 0 };

/**
 * Hears one second: thirds first, then the swing within it, then what the detector makes of it. A clock that is off hears
 * the end of one second and the beginning of the next.
 */
function listen(ear: Ear, t: Millis, offsetMs: number, house: House): void {
  const { heard, memory } = ear;
  const whole = Math.floor(offsetMs / 1000) * 1000;
  const later = (offsetMs - whole) / 1000;
  ventilate(ear, house.emissions.ventilation(ear.room, house.lived(t)));
  const first = receive(ear, t + whole, house);
  const second = later > 0 ? receive(ear, t + whole + 1000, house) : undefined;
  house.dice.throwFor(ear.place, t / 1000);
  heard.t = t;
  heard.clipped = false;
  hearNoise(ear, house.dice);
  share.speech = 0;
  share.sounds = 0;
  share.spoken = 0;
  share.roughness = 0;
  hear(ear, first, 1 - later);
  if (second) hear(ear, second, later);
  heard.a = share.noise + share.speech + share.sounds;
  if (memory.t !== t - 1000) {
    memory.fast = heard.a;
    memory.speech = share.speech;
    memory.spoken = share.spoken;
  }
  swing(ear, house.dice);
  const elsewhere = share.noise + share.sounds;
  heard.speech = speechProbability(
    (0.5 * (share.speech + memory.speech)) / elsewhere,
    share.spoken > 0 || memory.spoken > 0 ? 0.5 * (share.spoken + memory.spoken) : 1,
    share.sounds > 0.25 * share.noise,
    house.dice.gaussian(),
  );
  memory.speech = share.speech;
  memory.spoken = share.spoken;
  memory.t = t;
}

function ventilate(ear: Ear, factor: number): void {
  if (factor === ear.ventilated) return;
  ear.ventilated = factor;
  for (let i = 0; i < BANDS; i++) ear.noise[i] = ear.gain * (factor * ear.ventilation[i]! + ear.selfNoise[i]!);
}

function hearNoise({ noise, heard }: Ear, dice: Dice): void {
  let weighted = 0;
  for (let i = 0; i < BANDS; i++) {
    const root = JITTER_MEAN[i]! + JITTER_SD[i]! * dice.gaussian();
    const energy = noise[i]! * root * root * root;
    if (i < REST) heard.thirds[i] = energy;
    weighted += energy * A_FACTORS[i]!;
  }
  share.noise = weighted;
}

/** Takes part of what was received for a part of the second. */
function hear({ gain, heard }: Ear, reception: Reception, part: number): void {
  share.spoken += part * reception.spoken;
  if (!reception.active) return;
  const factor = gain * part;
  for (let i = 0; i < REST; i++) heard.thirds[i]! += factor * reception.bands[i]!;
  share.speech += factor * reception.speech;
  share.sounds += factor * reception.sounds;
  share.roughness = Math.max(share.roughness, reception.roughness);
}

/** What reaches the ear in the second that starts at `t` by a true clock. */
function receive(ear: Ear, t: Millis, house: House): Reception {
  const odd = (t / 1000) & 1;
  const reception = ear.receptions[odd]!;
  if (reception.t === t) return reception;
  const { emissions } = house;
  const lived = house.lived(t);
  const doors = house.doors[odd]!.at(lived);
  if (doors.since !== ear.doorsSince) turnDoors(ear, doors.states);
  ear.doorsSince = doors.since;
  const own = emissions.at(ear.room, lived);
  reception.t = t;
  reception.active = false;
  reception.speech = 0;
  reception.sounds = 0;
  reception.roughness = 0;
  reception.spoken = own.voiced;
  if (emissions.power(ear.room, lived) > 0) add(reception, own, ear.field);
  const { sources, least } = ear;
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]!;
    if (emissions.power(source, lived) > least[i]!) add(reception, emissions.at(source, lived), ear.inlets[i]!.bands);
  }
  return reception;
}

/**
 * How far below the ventilation sound is left out, as a factor on energy, if all its power were in the band that carries
 * best: 6 dB. Spread as in speech it is some 16 dB lower still, and adds 0.03 dB to any band.
 */
const DROWNS = 0.25;

function turnDoors(ear: Ear, doors: DoorStates): void {
  for (let i = 0; i < ear.inlets.length; i++) {
    const inlet = ear.inlets[i]!;
    const gains = inlet.route.gains(doors);
    if (gains === inlet.gains) continue;
    const transfer = inlet.known.get(gains) ?? transferOf(gains, ear);
    inlet.known.set(gains, transfer);
    inlet.gains = gains;
    inlet.bands = transfer.bands;
    ear.least[i] = transfer.least;
  }
}

function transferOf(gains: Gains, { ventilation, selfNoise }: Ear): Transfer {
  const bands = bandGains(gains);
  const best = bands.map((gain, k) => gain / (A_FACTORS[k]! * (ventilation[k]! + selfNoise[k]!)));
  return { bands, least: DROWNS / Math.max(...best) };
}

/** Adds what one room radiates, as far as it gets here. */
function add(reception: Reception, emission: Emission, transfer: Bands): void {
  if (!reception.active) reception.bands.fill(0);
  reception.active = true;
  if (emission.speechPower > 0) reception.speech += addBands(reception.bands, emission.speech, transfer);
  if (emission.mediaPower > 0) reception.speech += addBands(reception.bands, emission.media, transfer);
  if (emission.soundPower === 0) return;
  reception.sounds += addBands(reception.bands, emission.sounds, transfer);
  reception.roughness = Math.max(reception.roughness, emission.roughness);
}

/** Adds power through a transfer to mean squares; answers what it adds, A-weighted. */
function addBands(bands: Bands, power: Bands, transfer: Bands): number {
  let weighted = 0;
  for (let i = 0; i < BANDS; i++) {
    const energy = power[i]! * transfer[i]!;
    bands[i]! += energy;
    weighted += energy * A_FACTORS[i]!;
  }
  return weighted;
}

const speechShape = new Float64Array(LAF_PER_SECOND);
const soundShape = new Float64Array(LAF_PER_SECOND);

/** Spreads the second's energy over its eighths and follows it with Fast time weighting. */
function swing({ heard, memory }: Ear, dice: Dice): void {
  // What hardly adds to the ventilation swings with it.
  const hardly = SWINGING * share.noise;
  const speech = share.speech > hardly ? share.speech * shapeSpeech(share.spoken, dice) : 0;
  const sounds = share.sounds > hardly ? share.sounds * shapeSounds(share.roughness, dice) : 0;
  const steady = heard.a - (speech > 0 ? share.speech : 0) - (sounds > 0 ? share.sounds : 0);
  let fast = memory.fast;
  let greatest = fast;
  for (let k = 0; k < LAF_PER_SECOND; k++) {
    const energy =
      steady * (1 + NOISE_ROUGHNESS * dice.gaussian()) + speech * speechShape[k]! + sounds * soundShape[k]!;
    fast = FAST_DECAY * fast + (1 - FAST_DECAY) * energy;
    heard.laf[k] = fast;
    if (fast > greatest) greatest = fast;
  }
  memory.fast = fast;
  heard.lafMax = greatest * PEAK_OVER_SAMPLES;
}

/** Weights of the eighths; the answer makes their mean one. Speech that fills part of the second fills part of them. */
function shapeSpeech(spoken: number, dice: Dice): number {
  const filled = spoken === 0 ? LAF_PER_SECOND : Math.max(1, Math.round(spoken * LAF_PER_SECOND));
  const first = Math.floor(dice.uniform() * (LAF_PER_SECOND - filled + 1));
  let total = 0;
  for (let k = 0; k < LAF_PER_SECOND; k++) {
    const weight = k >= first && k < first + filled ? dice.from(SPEECH_SWING) : 0;
    speechShape[k] = weight;
    total += weight;
  }
  return LAF_PER_SECOND / total;
}

function shapeSounds(roughnessDb: number, dice: Dice): number {
  let total = 0;
  const swings = swingsOf(roughnessDb);
  for (let k = 0; k < LAF_PER_SECOND; k++) {
    const weight = dice.from(swings);
    soundShape[k] = weight;
    total += weight;
  }
  return LAF_PER_SECOND / total;
}

const knownSwings = new Map<number, Float64Array>();

/** Factors on energy, normally distributed in decibels; a table for each kind of sound. */
function swingsOf(sdDb: number): Float64Array {
  const known = knownSwings.get(sdDb) ?? QUANTILES.map((q) => energyOf(sdDb * q));
  knownSwings.set(sdDb, known);
  return known;
}

/** What a microphone that is stuck or overdriven makes of the second. */
function spoilt(heard: MutableSecond, state: "stuck" | "clipped"): Second {
  const energy = state === "stuck" ? 0 : P0_SQUARED * energyOf(117);
  heard.thirds.fill(energy / THIRDS_HZ.length);
  heard.laf.fill(energy);
  heard.a = energy;
  heard.lafMax = energy;
  heard.speech = 0;
  heard.clipped = state === "clipped";
  return heard;
}
