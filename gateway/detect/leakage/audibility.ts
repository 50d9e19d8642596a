/** How well the conversation in A is heard at B: what is said in A less what the boundary keeps, in B's noise (ACOUSTICS §3.9). */
import { hearingOf, OVERHEARD_SNR_DB, snrUniOfOctaves } from "#protocol/acoustics/hearing.ts";
import { sii5 } from "#protocol/acoustics/sii.ts";
import { speechPrivacyClassOfOctaves } from "#protocol/acoustics/speech-privacy-class.ts";
import type { Audibility, PairKnowledge, PerOctave } from "./facts.ts";
import { BETWEEN_EPISODES_DB } from "./knowledge.ts";
import { LEAST_SIGMA_DB, type LeakEstimate } from "./leak.ts";

/** Standard uncertainties, dB: each microphone after field calibration, and the sensor's place against a listener's ear. */
const SIGMA_MICROPHONE_DB = 0.7;
const SIGMA_PLACE_DB = 2;
/** Of the background, where nobody says better. */
const SIGMA_NOISE_DB = 1;
/** A live estimate that differs by more is of another state of the boundary: a door. */
const SAME_BOUNDARY_DB = 3;
/** Level at B of speech that may as well not be there, dB. */
const NOTHING_DB = -50;

/** Level difference as it is used; `limited` marks lower bounds. */
export interface Difference {
  readonly ld: PerOctave<number | null>;
  readonly sigma: PerOctave<number | null>;
  readonly limited: PerOctave<boolean>;
}

export interface Heard {
  /** With bounds taken as values: where `atMost`, no more than this is heard. */
  readonly audibility: Audibility;
  readonly atMost: boolean;
  /** As if nothing came through in octaves where only a bound is known: at least this is heard. */
  readonly least: Audibility;
}

/**
 * `source`: A's speech at its microphone, energy mean over speech seconds less background, octave levels, dB. `noise`: B's.
 * Null when no octave is known.
 */
export function audibilityAt({
  source,
  ld,
  sigma,
  limited,
  noise,
  sigmaNoise = SIGMA_NOISE_DB,
}: Difference & {
  readonly source: PerOctave<number>;
  readonly noise: PerOctave<number>;
  readonly sigmaNoise?: number;
}): Heard | null {
  const used = usedDifferences({ ld, sigma, limited });
  if (used === null) return null;
  const most = source.map((level, k) => level - used.ld[k]!);
  const least = most.map((level, k) => (used.limited[k] ? NOTHING_DB : level));
  const uncertainty = sigmaSnr(sigma, sigmaNoise);
  return {
    audibility: audibilityOf(most, noise, uncertainty),
    atMost: used.limited.some(Boolean),
    least: audibilityOf(least, noise, uncertainty),
  };
}

/**
 * A value for each octave: as measured; where it is not, what the nearest measured octaves say (`besides`), or the bound where that is
 * more; where no octave is measured the bounds alone, which remain bounds. Null where nothing is known at all.
 */
function usedDifferences({ ld, limited }: Difference): { ld: number[]; limited: boolean[] } | null {
  const measured = ld.map((value, k) => (limited[k] ? null : value));
  const used = ld.map((value, k) => {
    const besides = measured[k] ?? besidesOf(measured, k);
    if (besides !== null) return { ld: Math.max(besides, value ?? besides), limited: false };
    const bound = nearest(ld, k);
    return bound === null ? null : { ld: ld[bound]!, limited: true };
  });
  if (used.some((one) => one === null)) return null;
  return { ld: used.map((one) => one!.ld), limited: used.map((one) => one!.limited) };
}

/** How the reference curve of ISO 717-1 rises from one octave to the next, 250–4000 Hz, dB; beyond 2000 Hz it is flat. */
const RISES_DB = [7, 3, 1, 0];
/** Partitions differ: so much of the rise is counted on. */
const RISE_SHARE = 0.5;

/**
 * What the measured octaves say of one that is not, dB: the lower of its neighbours; above the highest one that rises by half as
 * much as ISO 717-1's reference curve, below the lowest one that falls by all of it.
 */
function besidesOf(measured: PerOctave<number | null>, k: number): number | null {
  const below = measured.findLastIndex((value, i) => i < k && value !== null);
  const above = measured.findIndex((value, i) => i > k && value !== null);
  const rise = (from: number, to: number) => RISES_DB.slice(from, to).reduce((sum, step) => sum + step, 0);
  if (below >= 0 && above >= 0) return Math.min(measured[below]!, measured[above]!);
  if (below >= 0) return measured[below]! + RISE_SHARE * rise(below, k);
  return above < 0 ? null : measured[above]! - rise(k, above);
}

function audibilityOf(speech: readonly number[], noise: readonly number[], sigma: number): Audibility {
  const snr = snrUniOfOctaves(speech, noise);
  const index = sii5(speech, noise);
  return {
    snr,
    sigma,
    sii5: index,
    probability: normal((snr - OVERHEARD_SNR_DB) / sigma),
    hearing: hearingOf(snr, index),
  };
}

/** Which octave speaks for octave `k`: itself, or of the nearest known ones on either side the one that keeps less in. */
function nearest(ld: PerOctave<number | null>, k: number): number | null {
  if (ld[k] !== null) return k;
  const below = ld.findLastIndex((value, i) => i < k && value !== null);
  const above = ld.findIndex((value, i) => i > k && value !== null);
  if (below < 0 || above < 0) return below < 0 && above < 0 ? null : Math.max(below, above);
  return ld[below]! < ld[above]! ? below : above;
}

function sigmaSnr(sigma: PerOctave<number | null>, sigmaNoise: number): number {
  const known = sigma.filter((value) => value !== null);
  const squares = known.length === 0 ? LEAST_SIGMA_DB ** 2 : known.reduce((sum, s) => sum + s ** 2, 0) / known.length;
  return Math.sqrt(squares + 2 * SIGMA_MICROPHONE_DB ** 2 + SIGMA_PLACE_DB ** 2 + sigmaNoise ** 2);
}

/**
 * What the present conversation shows and what is known from others, together. Where they agree the more precise counts more;
 * where they differ by more than 3 dB a door stands otherwise than it used to, and the present alone counts.
 */
export function combine(live: LeakEstimate | null, known: Difference | null): Difference | null {
  if (live === null || !says(live)) return known;
  const present: Difference = {
    ld: live.ld.map((ld, k) => ld ?? live.bound[k]!),
    sigma: live.sigma,
    limited: live.ld.map((ld, k) => ld === null && live.bound[k] !== null),
  };
  if (known === null || !isSameBoundary(present, known)) return present;
  const octaves = present.ld.map((_, k) => together(octaveOf(present, k), octaveOf(known, k)));
  return {
    ld: octaves.map(({ ld }) => ld),
    sigma: octaves.map(({ sigma }) => sigma),
    limited: octaves.map(({ limited }) => limited),
  };
}

const says = (live: LeakEstimate): boolean => [...live.ld, ...live.bound].some((value) => value !== null);

interface OctaveDifference {
  readonly ld: number | null;
  readonly sigma: number | null;
  readonly limited: boolean;
}

const octaveOf = ({ ld, sigma, limited }: Difference, k: number): OctaveDifference => ({
  ld: ld[k]!,
  sigma: sigma[k]!,
  limited: limited[k]!,
});

/** Mean difference over the octaves in which the two can contradict each other. */
function isSameBoundary(present: Difference, known: Difference): boolean {
  const differences = present.ld.flatMap((ld, k) => {
    const before = known.ld[k]!;
    if (ld === null || before === null) return [];
    if (present.limited[k] && known.limited[k]) return [];
    if (present.limited[k]) return ld > before ? [ld - before] : [];
    if (known.limited[k]) return ld < before ? [ld - before] : [];
    return [ld - before];
  });
  if (differences.length === 0) return true;
  return Math.abs(differences.reduce((sum, one) => sum + one, 0) / differences.length) <= SAME_BOUNDARY_DB;
}

function together(present: OctaveDifference, known: OctaveDifference): OctaveDifference {
  if (present.ld === null) return known;
  if (known.ld === null) return present;
  if (present.limited && known.limited) return present.ld > known.ld ? present : known;
  if (present.limited) return present.ld > known.ld ? present : known;
  if (known.limited) return present;
  const [now, before] = [present.sigma! ** -2, 1 / (known.sigma! ** 2 + BETWEEN_EPISODES_DB ** 2)];
  const total = now + before;
  return { ld: (now * present.ld + before * known.ld) / total, sigma: 1 / Math.sqrt(total), limited: false };
}

/** Standard normal distribution function (Abramowitz & Stegun 26.2.17, error below 1e-7). */
export function normal(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x < 0 ? tail : 1 - tail;
}

/** Speech privacy class of the boundary in this background, octave levels, dB; null where no octave is known. */
export function spcOf(difference: Difference, noise: PerOctave<number>): PairKnowledge["spc"] {
  const used = usedDifferences(difference);
  if (used === null) return null;
  const known = difference.sigma.filter((value) => value !== null);
  const squares = known.reduce((sum, s) => sum + s ** 2, 0) / Math.max(1, known.length);
  return {
    value: speechPrivacyClassOfOctaves(used.ld, noise),
    sigma: Math.sqrt(Math.max(squares, LEAST_SIGMA_DB ** 2) + 2 * SIGMA_MICROPHONE_DB ** 2 + SIGMA_NOISE_DB ** 2),
    limited: used.limited.some(Boolean),
  };
}
