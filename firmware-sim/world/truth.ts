/**
 * Ground truth beside a run of the world: what the level difference between two microphones is, and how well each minute
 * of talk can be understood elsewhere. It rests on the same emissions and transmission as the levels-only world.
 */
import { octavesOf } from "#firmware/dsp/bands.ts";
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import { snrUniOfOctaves } from "#protocol/acoustics/hearing.ts";
import { sii5 } from "#protocol/acoustics/sii.ts";
import { levelOf } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { createDoorReader } from "./doors.ts";
import { createEmissions } from "./emission.ts";
import type { WorldOptions } from "./levels-world.ts";
import { FIELD_CALIBRATED, microphoneOf } from "./microphones.ts";
import { noiseCriterion } from "./noise.ts";
import { type Bands, bandGains, bandsOf, NORMAL_VOICE } from "./spectra.ts";
import { createTimetable, type Timetable } from "./timetable.ts";
import { createTransmission, type Gains } from "./transmission.ts";

/** Levels of the five octaves 250–4000 Hz, dB; at least −99, which stands for silence. */
export type OctaveLevels = Float64Array;

/** A minute in which somebody talks in one room, as it is at another. */
export interface MinuteTruth {
  /** Seconds at least half of which somebody speaks. */
  readonly speechSeconds: number;
  /** The talk at the microphone of its own room, and as it arrives at the other: energy means over those seconds. */
  readonly source: OctaveLevels;
  readonly speech: OctaveLevels;
  /** Ventilation at the other microphone as it runs in those seconds, without the microphone's own noise. */
  readonly noise: OctaveLevels;
  readonly snrUni: number;
  readonly sii5: number;
}

/** Instants are the clock's, as the world takes them. */
export interface Truth {
  /** Who talks where and when. */
  readonly timetable: Timetable;
  /**
   * Between flawless microphones of the two rooms for the long-term normal voice of somebody in `from`, doors as at `t`, dB.
   */
  levelDifference(from: RoomId, to: RoomId, t: Millis): OctaveLevels;
  /** How much too loud the microphone of a room measures, dB: what is measured is off by that of `from` less that of `to`. */
  gainError(room: RoomId): number;
  /** No door that matters between the two moves in [t0, t1). */
  doorsConstant(from: RoomId, to: RoomId, t0: Millis, t1: Millis): boolean;
  /** Of [t, t + 60 s); null with fewer than five seconds of speech. */
  minute(from: RoomId, to: RoomId, t: Millis): MinuteTruth | null;
}

const SECOND = 1000;
const MINUTE_S = 60;
const FEWEST_SECONDS = 5;
const MOSTLY_SPOKEN = 0.5;

export function createTruth(options: WorldOptions): Truth {
  const { site, scenario, seed, instant = (t) => t, microphones = FIELD_CALIBRATED } = options;
  const timetable = options.timetable ?? createTimetable(site, scenario, seed);
  const transmission = createTransmission(site, scenario.partitions);
  const doors = createDoorReader(site, timetable);
  const normal = bandsOf(NORMAL_VOICE);
  const emissions = createEmissions(site, seed, timetable);
  const places = new Map(site.rooms.map(({ id }, place) => [id, place]));
  const noises = site.rooms.map(({ noise }) => bandsOf(noiseCriterion(noise)));

  const placeOf = (room: RoomId): number => {
    const place = places.get(room);
    if (place === undefined) throw new RangeError(`the site has no room ${room}`);
    return place;
  };
  const transfers = new WeakMap<Gains, Bands>();

  const lived = (t: Millis): Millis => Math.floor(instant(t) / SECOND) * SECOND;
  const gainsAt = (from: RoomId, to: RoomId, t: Millis) =>
    transmission.route(from, to).gains(doors.at(lived(t)).states);

  const transferAt = (from: RoomId, to: RoomId, t: Millis): Bands => {
    const gains = gainsAt(from, to, t);
    const transfer = transfers.get(gains) ?? bandGains(gains);
    transfers.set(gains, transfer);
    return transfer;
  };

  return {
    timetable,
    levelDifference(from, to, t) {
      const heard = (room: RoomId) => octaveLevels(through(normal, transferAt(from, room, t)));
      const [own, other] = [heard(from), heard(to)];
      return own.map((level, i) => level - other[i]!);
    },
    gainError: (room) => microphoneOf(seed, room, microphones).gainDb,
    doorsConstant(from, to, t0, t1) {
      const first = gainsAt(from, to, t0);
      for (let t = t0 + SECOND; t < t1; t += SECOND) if (gainsAt(from, to, t) !== first) return false;
      return true;
    },
    minute(from, to, t) {
      const own = transferAt(from, from, t);
      const source = new Float64Array(own.length);
      const speech = new Float64Array(own.length);
      const [talker, hearer] = [placeOf(from), placeOf(to)];
      let speechSeconds = 0;
      let ventilation = 0;
      for (let s = t; s < t + MINUTE_S * SECOND; s += SECOND) {
        const emission = emissions.at(talker, lived(s));
        if (emission.spoken < MOSTLY_SPOKEN) continue;
        speechSeconds++;
        ventilation += emissions.ventilation(hearer, lived(s));
        add(source, emission.speech, own);
        add(speech, emission.speech, transferAt(from, to, s));
      }
      if (speechSeconds < FEWEST_SECONDS) return null;
      const mean = (sum: Bands) => octaveLevels(sum.map((energy) => energy / speechSeconds));
      const heard = mean(speech);
      const noise = octaveLevels(noises[hearer]!.map((energy) => (energy * ventilation) / speechSeconds));
      return {
        speechSeconds,
        source: mean(source),
        speech: heard,
        noise,
        snrUni: snrUniOfOctaves([...heard], [...noise]),
        sii5: sii5([...heard], [...noise]),
      };
    },
  };
}

const SILENCE_DB = -99;

const octaveLevels = (bands: Bands): OctaveLevels =>
  octavesOf(bands).map((energy) => Math.max(SILENCE_DB, levelOf(energy / P0_SQUARED)));

const through = (power: Bands, transfer: Bands): Bands => power.map((energy, i) => energy * transfer[i]!);

function add(sum: Bands, power: Bands, transfer: Bands): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += power[i]! * transfer[i]!;
}
