/** What a room's people and things radiate in a second, as sound power in bands: the same for its own ear and through walls. */
import { energyOf } from "#protocol/decibel.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import { createDice, QUANTILES } from "./dice.ts";
import { hashText } from "./random.ts";
import { SOUND_SOURCES } from "./sounds.ts";
import { BANDS, type Bands, bandsOf, NORMAL_VOICE, RAISED_VOICE } from "./spectra.ts";
import type { TrackReader } from "./tracks.ts";

export interface Emission {
  /** Anything at all; when false the bands are stale. */
  readonly active: boolean;
  /** Sound power of speech and of everything else, Pa²·m². */
  readonly speech: Bands;
  readonly sounds: Bands;
  /** Whether there are any such sounds; when false their bands are stale. */
  readonly sounding: boolean;
  /** Share of the second in which somebody speaks, 0–1. */
  readonly spoken: number;
  /** How the other sounds swing within the second, dB. */
  readonly roughness: number;
}

type MutableEmission = { -readonly [K in keyof Emission]: Emission[K] } & { second: Millis };

export interface Emitter {
  /** The emission of the second that starts at `t`; overwritten by the second after the next. */
  emit(t: Millis): Emission;
  /** How many are in the room, and how many of them move. */
  crowd(t: Millis): { readonly people: number; readonly moving: number };
}

/** What words and voices change from band to band and second to second, dB, around the long-term spectrum. */
const COLOUR_DB = 3;
const COLOUR_BIAS_DB = (Math.LN10 / 20) * COLOUR_DB ** 2;
const COLOURS = QUANTILES.map((q) => energyOf(COLOUR_DB * q - COLOUR_BIAS_DB));

const NORMAL = bandsOf(NORMAL_VOICE);
const RAISED = bandsOf(RAISED_VOICE);
const NOBODY = { people: 0, moving: 0 };

const nothing = (): MutableEmission => ({
  second: Number.NaN,
  active: false,
  speech: new Float64Array(BANDS),
  sounds: new Float64Array(BANDS),
  sounding: false,
  spoken: 0,
  roughness: 0,
});

export function createEmitter(room: RoomId, seed: string | number, tracks: TrackReader): Emitter {
  const place = hashText(`${seed}/emitter/${room}`)[0]!;
  const dice = createDice();
  const even = nothing();
  const odd = nothing();

  const speak = (speech: Bands, normal: number, raised: number) => {
    for (let i = 0; i < BANDS; i++) {
      const colour = COLOURS[Math.floor(dice.uniform() * COLOURS.length)]!;
      speech[i] = (normal * NORMAL[i]! + raised * RAISED[i]!) * colour;
    }
  };
  const sound = (emission: MutableEmission, bits: number) => {
    emission.sounds.fill(0);
    for (const source of SOUND_SOURCES) {
      if ((bits & source.bit) === 0) continue;
      const energy = energyOf(source.variation * dice.gaussian());
      for (let i = 0; i < BANDS; i++) emission.sounds[i]! += energy * source.bands[i]!;
      emission.roughness = Math.max(emission.roughness, source.roughness);
    }
  };
  return {
    emit(t) {
      const second = t / 1000;
      const emission = second % 2 === 0 ? even : odd;
      if (emission.second === second) return emission;
      emission.second = second;
      const { track, s } = tracks.at(t);
      const bits = s < 0 ? 0 : track.sounds[s]!;
      emission.spoken = s < 0 ? 0 : track.spoken[s]!;
      emission.sounding = bits !== 0;
      emission.active = emission.sounding || emission.spoken > 0;
      emission.roughness = 0;
      if (!emission.active) return emission;
      dice.throwFor(place, second);
      if (emission.spoken > 0) speak(emission.speech, track.normal[s]!, track.raised[s]!);
      else emission.speech.fill(0);
      if (emission.sounding) sound(emission, bits);
      return emission;
    },
    crowd(t) {
      const { track, s } = tracks.at(t);
      return s < 0 ? NOBODY : { people: track.people[s]!, moving: track.moving[s]! };
    },
  };
}
