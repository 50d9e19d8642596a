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
  active: boolean;
  /** Sound power of speech and of everything else, Pa²·m². */
  readonly speech: Bands;
  readonly sounds: Bands;
  /** Share of the second in which somebody speaks, 0–1. */
  spoken: number;
  /** How the other sounds swing within the second, dB. */
  roughness: number;
}

export interface Emitter {
  /** The emission of the second that starts at `t`; reused by the next. */
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

export function createEmitter(room: RoomId, seed: string | number, tracks: TrackReader): Emitter {
  const place = hashText(`${seed}/emitter/${room}`)[0]!;
  const dice = createDice();
  const emission: Emission = {
    active: false,
    speech: new Float64Array(BANDS),
    sounds: new Float64Array(BANDS),
    spoken: 0,
    roughness: 0,
  };
  let made = Number.NaN;

  const speak = (normal: number, raised: number) => {
    for (let i = 0; i < BANDS; i++) {
      const colour = COLOURS[Math.floor(dice.uniform() * COLOURS.length)]!;
      emission.speech[i] = (normal * NORMAL[i]! + raised * RAISED[i]!) * colour;
    }
  };
  const sound = (bits: number) => {
    emission.sounds.fill(0);
    if (bits === 0) return;
    for (const source of SOUND_SOURCES) {
      if ((bits & source.bit) === 0) continue;
      const energy = energyOf(source.variation * dice.gaussian());
      for (let i = 0; i < BANDS; i++) emission.sounds[i]! += energy * source.bands[i]!;
      emission.roughness = Math.max(emission.roughness, source.roughness);
    }
  };
  return {
    emit(t) {
      if (t === made) return emission;
      made = t;
      const { track, s } = tracks.at(t);
      const bits = s < 0 ? 0 : track.sounds[s]!;
      emission.spoken = s < 0 ? 0 : track.spoken[s]!;
      emission.active = bits !== 0 || emission.spoken > 0;
      emission.roughness = 0;
      if (!emission.active) return emission;
      dice.throwFor(place, t / 1000);
      if (emission.spoken > 0) speak(track.normal[s]!, track.raised[s]!);
      else emission.speech.fill(0);
      sound(bits);
      return emission;
    },
    crowd(t) {
      const { track, s } = tracks.at(t);
      return s < 0 ? NOBODY : { people: track.people[s]!, moving: track.moving[s]! };
    },
  };
}
