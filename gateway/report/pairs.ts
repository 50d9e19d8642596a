/** What a period has shown of every ordered pair of rooms that a boundary joins. Pure. */
import { mean, thirdsFromOctaves } from "#protocol/acoustics/bands.ts";
import { targetRw } from "#protocol/acoustics/danish-targets.ts";
import { spcClassOf } from "#protocol/acoustics/speech-privacy-class.ts";
import type { MinutesByHearing, PairComparison, PairReport } from "#protocol/api.ts";
import type { RoomId } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Boundary, Room, Site } from "#protocol/site.ts";
import type { PairDay } from "../detect/leakage/facts.ts";
import { leakageRules } from "../detect/leakage/rules.ts";
import type { Point } from "../history/history.ts";
import { countHearings } from "../history/leak-rollup.ts";
import { octavesIn } from "../history/points.ts";
import { changeOf, differenceOf, type PeriodDifference } from "./level-difference.ts";

/** Of SPC beside that of the level difference: two microphones in the field, and the background, dB (ACOUSTICS §3.9). */
const SIGMA_MICROPHONE_DB = 0.7;
const SIGMA_NOISE_DB = 1;
const Z95 = 1.96;

export interface Pair {
  readonly from: Room;
  readonly to: Room;
  readonly boundary: Boundary;
}

/** In the order in which the site file names the boundaries, there and back. */
export function pairsOf(site: Site): Pair[] {
  return leakageRules(site).pairs.map(({ from, to, boundary }) => ({
    from: site.rooms[from]!,
    to: site.rooms[to]!,
    boundary,
  }));
}

export const targetOf = ({ from, to, boundary }: Pair): number | null => targetRw(from, to, boundary);

/** The pair with these rooms, whatever the case their ids are written in. */
export const findPair = (site: Site, from: RoomId, to: RoomId): Pair | undefined =>
  pairsOf(site).find((pair) => isId(pair.from, from) && isId(pair.to, to));
const isId = (room: Room, id: RoomId): boolean => room.id.toLowerCase() === id.toLowerCase();

/** Points of one pair, by `keyOf`. */
export type ByPair = ReadonlyMap<string, readonly Point[]>;
export const byPair = (points: readonly Point[]): ByPair =>
  Map.groupBy(points, ({ tags }) => keyOf(tags.from!, tags.to!));
const keyOf = (from: RoomId, to: RoomId): string => `${from} ${to}`;
const of = (points: ByPair, { from, to }: Pair): readonly Point[] => points.get(keyOf(from.id, to.id)) ?? [];

/** What a day has shown, back from its point. A bound is said only where nothing better is known. */
export function dayIn(point: Point): Omit<PairDay, "from" | "to" | "day"> {
  const ld = octavesIn(point, "ld");
  return {
    episodes: Number(point.fields.episodes),
    ld,
    sigma: octavesIn(point, "sigma"),
    bound: octavesIn(point, "bound").map((bound, k) => (ld[k] === null ? bound : null)),
  };
}

export interface PairEvidence {
  /** `boundary` points. */
  readonly days: ByPair;
  /** `leak` points and their rollups, of different times. */
  readonly minutes: ByPair;
  /** Per room the mean of the 16 background thirds in a quiet hour, dB. */
  readonly background: ReadonlyMap<RoomId, number>;
}

export function pairReport(pair: Pair, { days, minutes, background }: PairEvidence): PairReport {
  const { from, to, boundary } = pair;
  const difference = differenceOf(of(days, pair).map(dayIn));
  const heard = minutesOf(pair, of(minutes, pair));
  const total = Object.values(heard).reduce((sum, count) => sum + count, 0);
  return {
    from: from.id,
    to: to.id,
    boundary: { kind: boundary.kind, rw: boundary.rw },
    targetRw: targetOf(pair),
    ld: difference.ld.map(rounded),
    ldSigma: difference.sigma.map(rounded),
    ldLimited: [...difference.limited],
    ...privacyClass(difference, background.get(to.id)),
    episodes: difference.episodes,
    days: difference.days,
    minutes: heard,
    shares: null,
    suppressed: isSilent(from) ? "one-person" : null,
    coverage: total > 0 ? Math.round((1000 * (total - heard.unknown)) / total) / 1000 : null,
  };
}

/** Of talk in a room with one assigned person nothing is told, whatever is stored. */
export const minutesOf = ({ from }: Pair, points: readonly Point[]): MinutesByHearing =>
  countHearings(isSilent(from) ? [] : points);

/** LD_avg + Ln_avg over the 16 thirds (ACOUSTICS §3.3), once every octave is known or bounded. */
function privacyClass(
  { ld, sigma, limited }: PeriodDifference,
  background: number | undefined,
): Pick<PairReport, "spc" | "spcInterval" | "spcLimited" | "spcClass"> {
  const octaves = ld.filter((value) => value !== null);
  if (background === undefined || octaves.length < ld.length)
    return { spc: null, spcInterval: null, spcLimited: false, spcClass: null };
  const spc = rounded(mean(thirdsFromOctaves(octaves)) + background);
  const spcLimited = limited.includes(true);
  const variances = sigma.map((value) => (value ?? 0) ** 2);
  const half = Z95 * Math.sqrt(mean(variances) + 2 * SIGMA_MICROPHONE_DB ** 2 + SIGMA_NOISE_DB ** 2);
  return {
    spc,
    spcInterval: spcLimited ? null : [rounded(spc - half), rounded(spc + half)],
    spcLimited,
    spcClass: spcClassOf(spc),
  };
}

/** From the earlier to the later of two periods. */
export function pairComparison(pair: Pair, earlier: ByPair, later: ByPair): PairComparison {
  const change = changeOf(of(earlier, pair).map(dayIn), of(later, pair).map(dayIn));
  return {
    from: pair.from.id,
    to: pair.to.id,
    changeDb: rounded(change.changeDb),
    interval: change.interval && [rounded(change.interval[0]), rounded(change.interval[1])],
    verdict: change.verdict,
  };
}

/** To tenths; no estimate is better than that. */
const rounded = <V extends number | null>(value: V): V =>
  (value === null ? null : Math.round((value as number) * 10) / 10) as V;
