/** What a room's people and things radiate in a second, as sound power in bands: the same for its own ear and through walls. */
import { energyOf } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { colour } from "./colour.ts";
import { createDice } from "./dice.ts";
import { MUSIC, type Programme } from "./programme.ts";
import { hashText } from "./random.ts";
import { SOUND_SOURCES } from "./sounds.ts";
import { aWeighted, BANDS, type Bands, bandGains, bandsOf, NORMAL_VOICE, RAISED_VOICE, SUMMED_HZ } from "./spectra.ts";
import type { Timetable } from "./timetable.ts";
import { createTrackReader, type Track, type TrackReader, ventilationAt } from "./tracks.ts";

export interface Emission {
  /** Sound power of people's speech, of loudspeakers' and of everything else, Pa²·m²; stale when there is none. */
  readonly speech: Bands;
  readonly media: Bands;
  readonly sounds: Bands;
  /** Their A-weighted sums. */
  readonly speechPower: number;
  readonly mediaPower: number;
  readonly soundPower: number;
  /** Shares of the second in which somebody speaks, and in which somebody or a loudspeaker does, 0–1. */
  readonly spoken: number;
  readonly voiced: number;
  /** How the other sounds swing within the second, dB. */
  readonly roughness: number;
}

type MutableEmission = { -readonly [K in keyof Emission]: Emission[K] };

/** What the rooms of a site radiate; each room by its place in the site. */
export interface Emissions {
  /** A-weighted sound power of everything in the second that starts at `t`, Pa²·m². */
  power(room: number, t: Millis): number;
  /** The second that starts at `t`; without any power only `spoken` is meant. Overwritten by the second after the next. */
  at(room: number, t: Millis): Emission;
  /** How many are in the room, and how many of them move. */
  crowd(room: number, t: Millis): { readonly people: number; readonly moving: number };
  /** Energy of the ventilation relative to what the room usually has. */
  ventilation(room: number, t: Millis): number;
}

interface Emitter {
  /** Fills in the second that starts at `t`; answers whether there is anything. */
  emit(t: Millis, emission: MutableEmission): boolean;
  crowd(t: Millis): { readonly people: number; readonly moving: number };
  ventilation(t: Millis): number;
}

/** How music swings between the eighths of a second, dB. */
const MUSIC_ROUGHNESS_DB = 3;
const MUSIC_BANDS = bandsOf(MUSIC);
const NORMAL = bandsOf(NORMAL_VOICE);
const RAISED = bandsOf(RAISED_VOICE);
const NOBODY = { people: 0, moving: 0 };

/** Brighter and duller voices as factors per band, in steps of a quarter of a decibel per octave; the loudness stays. */
const TILT_STEP_DB = 0.25;
const MOST_TILT_DB = 3;
const TILTS = Array.from({ length: (2 * MOST_TILT_DB) / TILT_STEP_DB + 1 }, (_, k) => {
  const tiltDb = k * TILT_STEP_DB - MOST_TILT_DB;
  const factors = bandGains(SUMMED_HZ.map((hz) => energyOf(tiltDb * Math.log2(hz / 1000))));
  const loudness = aWeighted(NORMAL.map((energy, i) => energy * factors[i]!)) / aWeighted(NORMAL);
  return factors.map((factor) => factor / loudness);
});

function tiltedBy(tiltDb: number): Bands {
  const within = Math.min(MOST_TILT_DB, Math.max(-MOST_TILT_DB, tiltDb));
  return TILTS[Math.round((within + MOST_TILT_DB) / TILT_STEP_DB)]!;
}

const nothing = (): MutableEmission => ({
  speech: new Float64Array(BANDS),
  media: new Float64Array(BANDS),
  sounds: new Float64Array(BANDS),
  speechPower: 0,
  mediaPower: 0,
  soundPower: 0,
  spoken: 0,
  voiced: 0,
  roughness: 0,
});

/** Every room is made once a second, for its own ear and all that listen through walls: most of them are silent. */
export function createEmissions({ rooms }: Site, seed: string | number, timetable: Timetable): Emissions {
  const emitters = rooms.map(({ id }) => createEmitter(id, seed, createTrackReader(id, timetable)));
  const made = new Float64Array(2 * rooms.length).fill(Number.NaN);
  const powers = new Float64Array(2 * rooms.length);
  const emissions = Array.from({ length: 2 * rooms.length }, nothing);
  const slotOf = (room: number, t: Millis): number => 2 * room + ((t / 1000) & 1);
  const power = (room: number, t: Millis): number => {
    const slot = slotOf(room, t);
    if (made[slot] !== t) {
      made[slot] = t;
      const emission = emissions[slot]!;
      powers[slot] = emitters[room]!.emit(t, emission)
        ? emission.speechPower + emission.mediaPower + emission.soundPower
        : 0;
    }
    return powers[slot]!;
  };
  return {
    power,
    at(room, t) {
      power(room, t);
      return emissions[slotOf(room, t)]!;
    },
    crowd: (room, t) => emitters[room]!.crowd(t),
    ventilation: (room, t) => emitters[room]!.ventilation(t),
  };
}

function createEmitter(room: RoomId, seed: string | number, tracks: TrackReader): Emitter {
  const place = hashText(`${seed}/emitter/${room}`)[0]!;
  const dice = createDice();
  const factors = new Float64Array(BANDS);

  const speak = (emission: MutableEmission, { normal, raised, tilted }: Track, s: number) => {
    const [quiet, loud] = [normal[s]!, raised[s]!];
    const tilt = tiltedBy(tilted[s]! / (quiet + loud));
    for (let i = 0; i < BANDS; i++)
      emission.speech[i] = (quiet * NORMAL[i]! + loud * RAISED[i]!) * tilt[i]! * factors[i]!;
    emission.speechPower = aWeighted(emission.speech);
  };
  const sound = (emission: MutableEmission, bits: number) => {
    emission.sounds.fill(0);
    for (const source of SOUND_SOURCES) {
      if ((bits & source.bit) === 0) continue;
      const energy = energyOf(source.variation * dice.gaussian());
      for (let i = 0; i < BANDS; i++) emission.sounds[i]! += energy * source.bands[i]!;
      emission.roughness = Math.max(emission.roughness, source.roughness);
    }
    emission.soundPower = aWeighted(emission.sounds);
  };
  /** The dice are the programme's own: it sounds the same wherever it is played. */
  const play = (emission: MutableEmission, programme: Programme, gain: number, t: Millis) => {
    const s = (t - programme.from) / 1000;
    const speech = gain * (programme.speech[s] ?? 0);
    const music = gain * (programme.music[s] ?? 0);
    colour(factors, dice, programme.place, t / 1000);
    if (speech > 0) {
      if (emission.mediaPower === 0) emission.media.fill(0);
      for (let i = 0; i < BANDS; i++) emission.media[i]! += speech * NORMAL[i]! * factors[i]!;
      emission.mediaPower = aWeighted(emission.media);
      emission.voiced = Math.min(1, emission.voiced + programme.spoken[s]!);
    }
    if (music > 0) {
      if (emission.soundPower === 0) emission.sounds.fill(0);
      for (let i = 0; i < BANDS; i++) emission.sounds[i]! += music * MUSIC_BANDS[i]! * factors[i]!;
      emission.soundPower = aWeighted(emission.sounds);
      emission.roughness = Math.max(emission.roughness, MUSIC_ROUGHNESS_DB);
    }
  };
  return {
    emit(t, emission) {
      const { track, s } = tracks.at(t);
      const bits = s < 0 ? 0 : track.sounds[s]!;
      const spoken = s < 0 ? 0 : track.spoken[s]!;
      emission.spoken = spoken;
      emission.voiced = spoken;
      if (bits === 0 && spoken === 0 && track.programmes.length === 0) return false;
      emission.speechPower = 0;
      emission.mediaPower = 0;
      emission.soundPower = 0;
      emission.roughness = 0;
      if (spoken > 0) {
        colour(factors, dice, place, t / 1000);
        speak(emission, track, s);
      } else dice.throwFor(place, t / 1000);
      if (bits !== 0) sound(emission, bits);
      for (const { programme, gain } of track.programmes) play(emission, programme, gain, t);
      return true;
    },
    crowd(t) {
      const { track, s } = tracks.at(t);
      return s < 0 ? NOBODY : { people: track.people[s]!, moving: track.moving[s]! };
    },
    ventilation: (t) => ventilationAt(tracks, t),
  };
}
