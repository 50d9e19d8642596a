/**
 * What a period says of a boundary, from what each of its days has shown (`boundary`), and what has changed from one period
 * to another. Pure.
 *
 * A day's level difference of an octave has its own uncertainty, and the days differ by more than that: doors, seats, turned
 * heads. So the days are a random-effects sample (DerSimonian & Laird 1986): weights 1/(σ² + τ²), where τ² is what the spread
 * of the days exceeds their own uncertainties by; the mean's variance is 1/Σ weights.
 */
import { mean } from "#protocol/acoustics/bands.ts";
import type { PairComparison } from "#protocol/api.ts";
import type { PairDay, PerOctave } from "../detect/leakage/facts.ts";

const OCTAVES = 5;
/** No mean is known better than this, dB. */
const LEAST_SIGMA_DB = 0.1;
/** Below this nobody hears a difference; an interval that lies within says that there is none, dB. */
const NEGLIGIBLE_DB = 1;

/** One octave over some days. */
interface OctaveEstimate {
  readonly ld: number;
  readonly sigma: number;
  readonly days: number;
}

export interface PeriodDifference {
  readonly ld: PerOctave<number | null>;
  /** null also for a lower bound. */
  readonly sigma: PerOctave<number | null>;
  /** Nothing was heard in the octave on any day: `ld` is the greatest lower bound. */
  readonly limited: PerOctave<boolean>;
  readonly episodes: number;
  readonly days: number;
}

type DayEvidence = Pick<PairDay, "episodes" | "ld" | "sigma" | "bound">;

export function differenceOf(days: readonly DayEvidence[]): PeriodDifference {
  const octaves = octavesOf(days);
  return {
    ld: octaves.map(({ known, bound }) => known?.ld ?? bound),
    sigma: octaves.map(({ known }) => known?.sigma ?? null),
    limited: octaves.map(({ known, bound }) => known === null && bound !== null),
    episodes: days.reduce((sum, day) => sum + day.episodes, 0),
    days: days.filter((day) => day.episodes > 0).length,
  };
}

/** What an octave is known to be, or, where it is not known, at least is. */
interface OctaveEvidence {
  readonly known: OctaveEstimate | null;
  readonly bound: number | null;
}

const octavesOf = (days: readonly DayEvidence[]): OctaveEvidence[] =>
  Array.from({ length: OCTAVES }, (_, k) => {
    const known = combine(
      days.flatMap(({ ld, sigma }) => (ld[k] == null || sigma[k] == null ? [] : [{ ld: ld[k], sigma: sigma[k] }])),
    );
    const bounds = days.flatMap(({ ld, bound }) => (ld[k] == null && bound[k] != null ? [bound[k]] : []));
    return { known, bound: known === null && bounds.length > 0 ? Math.max(...bounds) : null };
  });

/** The random-effects mean of some days. */
function combine(days: readonly { readonly ld: number; readonly sigma: number }[]): OctaveEstimate | null {
  if (days.length === 0) return null;
  const within = days.map(({ sigma }) => 1 / sigma ** 2);
  const fixed = weightedMean(days, within);
  const spread = days.reduce((total, { ld }, i) => total + within[i]! * (ld - fixed) ** 2, 0);
  const scale = sum(within) - sum(within.map((weight) => weight ** 2)) / sum(within);
  const between = scale > 0 ? Math.max(0, (spread - (days.length - 1)) / scale) : 0;
  const weights = days.map(({ sigma }) => 1 / (sigma ** 2 + between));
  const sigma = Math.max(LEAST_SIGMA_DB, 1 / Math.sqrt(sum(weights)));
  return { ld: weightedMean(days, weights), sigma, days: days.length };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const weightedMean = (days: readonly { readonly ld: number }[], weights: readonly number[]): number =>
  days.reduce((total, { ld }, i) => total + weights[i]! * ld, 0) / sum(weights);

/**
 * From the earlier period to the later one, mean over the octaves known in both. The octaves of a day go up and down
 * together (it is the same door), so that their uncertainties are averaged and not divided by their number; the interval is
 * Student's, with the degrees of freedom of Welch and Satterthwaite. The sensors stand where they stood, so that their own
 * errors cancel. Where no octave is known in both, a lower bound in one that lies above what is known in the other says
 * which is better, not by how much.
 */
export function changeOf(
  earlier: readonly DayEvidence[],
  later: readonly DayEvidence[],
): Pick<PairComparison, "changeDb" | "interval" | "verdict"> {
  const [before, after] = [octavesOf(earlier), octavesOf(later)];
  const both = before.flatMap(({ known }, k) => {
    const then = after[k]!.known;
    return known && then ? [{ before: known, after: then }] : [];
  });
  if (both.length === 0) return { changeDb: null, interval: null, verdict: verdictOfBounds(before, after) };
  const changeDb = mean(both.map((octave) => octave.after.ld - octave.before.ld));
  const [sampleBefore, sampleAfter] = [both.map((octave) => octave.before), both.map((octave) => octave.after)].map(
    (octaves): Sample => ({
      variance: mean(octaves.map(({ sigma }) => sigma)) ** 2,
      days: Math.min(...octaves.map(({ days }) => days)),
    }),
  ) as [Sample, Sample];
  if (Math.min(sampleBefore.days, sampleAfter.days) < 2) return { changeDb, interval: null, verdict: "inconclusive" };
  const half =
    student975(degreesOfFreedom(sampleBefore, sampleAfter)) * Math.sqrt(sampleBefore.variance + sampleAfter.variance);
  const interval: [number, number] = [changeDb - half, changeDb + half];
  return { changeDb, interval, verdict: verdictOf(interval) };
}

function verdictOf([low, high]: readonly [number, number]): PairComparison["verdict"] {
  if (low > -NEGLIGIBLE_DB && high < NEGLIGIBLE_DB) return "no-difference";
  if (low > 0) return "better";
  return high < 0 ? "worse" : "inconclusive";
}

/** Octaves known in one period and only bounded in the other: by how much the bound lies above, with what is sure of it. */
function verdictOfBounds(
  before: readonly OctaveEvidence[],
  after: readonly OctaveEvidence[],
): PairComparison["verdict"] {
  const exceeds = (bounded: readonly OctaveEvidence[], known: readonly OctaveEvidence[]): boolean => {
    const margins = bounded.flatMap(({ bound }, k) => {
      const other = known[k]!.known;
      return bound !== null && other && other.days > 1
        ? [bound - other.ld - student975(other.days - 1) * other.sigma]
        : [];
    });
    return margins.length > 0 && mean(margins) > NEGLIGIBLE_DB;
  };
  if (exceeds(after, before)) return "better";
  return exceeds(before, after) ? "worse" : "inconclusive";
}

interface Sample {
  readonly variance: number;
  readonly days: number;
}

const degreesOfFreedom = (a: Sample, b: Sample): number =>
  (a.variance + b.variance) ** 2 / (a.variance ** 2 / (a.days - 1) + b.variance ** 2 / (b.days - 1));

/** 97.5 % points of Student's t for 1 to 10 degrees of freedom. */
const STUDENT_975 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
const NORMAL_975 = 1.95996;

/** For more, Abramowitz & Stegun 26.7.5 (off by less than 0.001); between whole numbers the lower one. */
export function student975(freedom: number): number {
  const known = STUDENT_975[Math.max(1, Math.floor(freedom + 1e-9)) - 1];
  if (known !== undefined) return known;
  const z = NORMAL_975;
  return z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
}
