/**
 * The voice that privacy is judged by when nobody talks, or before anybody has: somebody talking normally, and the same
 * person raising the voice. Five octaves, 250–4000 Hz.
 */

import { OCTAVES_HZ } from "./bands.ts";
import { absorptionArea, type ReceivingRoom } from "./field-insulation.ts";
import { SII_OCTAVES } from "./sii.ts";

/** Sound power of a normal voice at `WIDE_OCTAVES_HZ`, dB: the source of ISO 3382-3 at 1 m plus 11 dB, 68.4 dBA. */
export const NORMAL_VOICE_POWER_DB: readonly number[] = [60.9, 65.3, 69.0, 63.0, 55.8, 49.8, 44.5];
const AT_FIVE_OCTAVES = NORMAL_VOICE_POWER_DB.slice(1, 1 + OCTAVES_HZ.length);

/** What raising the voice adds, dB (ANSI S3.5-1997, table 4). */
const RAISING_DB = OCTAVES_HZ.map((_, i) => SII_OCTAVES.raised[i]! - SII_OCTAVES.normal[i]!);

/**
 * Octave levels of a normal voice in a furnished room, dB: the diffuse field, which is what there is more than half a metre
 * from the talker (ACOUSTICS §7.1). 64.4 dBA at 10 m² of absorption.
 */
export const normalVoiceIn = (room: ReceivingRoom): number[] =>
  AT_FIVE_OCTAVES.map((power) => power + 10 * Math.log10(4 / absorptionArea(room)));

/** The same raised. */
export const raisedVoiceIn = (room: ReceivingRoom): number[] =>
  normalVoiceIn(room).map((level, i) => level + RAISING_DB[i]!);
