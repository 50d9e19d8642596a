/** Sound leakage of the recorded job centre, calculated as its walls and doors would have it: every state a pair can be in. */

import { targetRw } from "#protocol/acoustics/danish-targets.ts";
import { differenceThrough } from "#protocol/acoustics/field-insulation.ts";
import { typicalReduction } from "#protocol/acoustics/sound-reduction-index.ts";
import { spcClassOf, speechPrivacyClassOfOctaves } from "#protocol/acoustics/speech-privacy-class.ts";
import type { MinutesByHearing, PairComparison, PairHistoryView, PairReport, PairView } from "#protocol/api.ts";
import type { Boundary, Room } from "#protocol/site.ts";
import { iso, site } from "./recorded-site.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** NC curves at 250–4000 Hz, dB. */
const NC: Readonly<Record<number, readonly number[]>> = {
  25: [37, 31, 27, 24, 22],
  30: [41, 35, 31, 29, 28],
  35: [45, 40, 36, 34, 33],
};

/** Beyond this much nothing is heard through a boundary, and its level difference is a lower bound, dB. */
const HEARD_UP_TO_DB = 44;

const roomOf = (id: string): Room => site.rooms.find((room) => room.id === id)!;
const tenth = (value: number) => Math.round(10 * value) / 10;

interface Ordered {
  readonly from: Room;
  readonly to: Room;
  readonly boundary: Boundary;
}

const ordered: readonly Ordered[] = site.boundaries.flatMap((boundary) => {
  const [a, b] = boundary.between.map(roomOf) as [Room, Room];
  return [
    { from: a, to: b, boundary },
    { from: b, to: a, boundary },
  ];
});
const nameOf = ({ from, to }: Ordered) => `${from.id}>${to.id}`;

/** What the boundary is in truth, where that is not as configured. */
const built: Readonly<Record<string, number>> = { "K5>G1": 45, "S4>G1": 47, "S5>G1": 43, "S2>G1": 19 };
/** Of whom nobody has talked yet. */
const unlearned = new Set(["K3>G1", "G1>K4", "S3>V1", "S3>S2"]);

function knowledge(pair: Ordered, now: number): Partial<PairView> {
  const name = nameOf(pair);
  if (unlearned.has(name)) return {};
  const rw = built[name] ?? pair.boundary.rw;
  const truth = typicalReduction(rw)
    .slice(1, 6)
    .map((reduction, i) => differenceThrough(reduction, pair.boundary.area, pair.to) + Math.sin(rw + i));
  const ldLimited = truth.map((ld) => ld > HEARD_UP_TO_DB);
  const ld = truth.map((value) => tenth(Math.min(value, HEARD_UP_TO_DB)));
  const spc = tenth(speechPrivacyClassOfOctaves(ld, NC[pair.to.noise]!));
  const index = ordered.indexOf(pair);
  return {
    ld,
    ldSigma: ld.map((_, i) => tenth(0.6 + 0.3 * Math.abs(i - 2))),
    ldLimited,
    spc,
    spcSigma: 1.4 + (index % 4) / 2,
    spcLimited: ldLimited.some(Boolean),
    spcClass: spcClassOf(spc),
    episodes: 3 + ((7 * index) % 40),
    learnedAt: iso(now - HOUR * (0.4 + ((index * index) % 90))),
  };
}

const unknownFor = (reason: PairView["reason"], room: string | null = null): Partial<PairView> => ({
  state: "unknown",
  reason,
  reasonRoom: room,
});

/** What is so now, where it is not that nobody talks. */
function present({ from, to }: Ordered): Partial<PairView> {
  const ids = [from.id, to.id];
  if (ids.includes("K6") && from.id === "K6") return unknownFor("silent-room");
  for (const [room, reason] of [
    ["K4", "muted"],
    ["S3", "offline"],
  ] as const)
    if (ids.includes(room)) return unknownFor(reason, room);
  return now[nameOf({ from, to } as Ordered)] ?? {};
}

const now: Readonly<Record<string, Partial<PairView>>> = {
  "K1>G1": {
    state: "overheard",
    reason: null,
    link: true,
    hearing: "partly",
    snr: -4.2,
    sii5: 0.29,
    probability: 0.99,
    confidence: 0.99,
  },
  "K1>K2": {
    state: "private",
    reason: null,
    link: false,
    hearing: "audible",
    snr: -18.4,
    sii5: 0.02,
    probability: 0.01,
    confidence: 0.99,
  },
  "S1>G1": {
    state: "overheard",
    reason: null,
    link: true,
    hearing: "intelligible",
    snr: 0.9,
    sii5: 0.46,
    probability: 1,
    confidence: 1,
  },
  "S1>S2": {
    state: "private",
    reason: null,
    link: false,
    hearing: "inaudible",
    snr: -24,
    sii5: 0,
    probability: 0,
    confidence: 1,
  },
  "K3>G1": unknownFor("learning"),
  "K3>K2": unknownFor("uncertain"),
  "V1>G1": unknownFor("common-source"),
  "S2>G1": { dropDb: 6.3 },
};

/** A normal voice would not be understood from here on, dB. */
const PRIVATE_SPC_DB = 68;

const pairView = (pair: Ordered, nowMs: number): PairView => {
  const known = knowledge(pair, nowMs);
  const tight = known.spc != null && known.spc >= PRIVATE_SPC_DB;
  return {
    from: pair.from.id,
    to: pair.to.id,
    boundary: { kind: pair.boundary.kind, rw: pair.boundary.rw },
    state: tight ? "private" : "unknown",
    reason: tight ? null : "nobody-talks",
    reasonRoom: null,
    link: null,
    hearing: null,
    snr: null,
    sii5: null,
    probability: null,
    ld: null,
    ldSigma: null,
    ldLimited: null,
    spc: null,
    spcSigma: null,
    spcLimited: false,
    spcClass: null,
    confidence: tight ? 0.97 : null,
    episodes: 0,
    learnedAt: null,
    dropDb: null,
    ...known,
    ...present(pair),
  };
};

export const pairViews = (nowMs: number): PairView[] => ordered.map((pair) => pairView(pair, nowMs));

const nothing: MinutesByHearing = {
  inaudible: 0,
  audible: 0,
  words: 0,
  partly: 0,
  intelligible: 0,
  clearly: 0,
  unknown: 0,
};
const heard: MinutesByHearing = {
  inaudible: 12,
  audible: 31,
  words: 46,
  partly: 88,
  intelligible: 25,
  clearly: 3,
  unknown: 41,
};

const isQuiet = ({ from }: Ordered) => from.kind === "private-office" || from.id === "S3";

export function pairHistoryView(from: string, to: string, fromMs: number, toMs: number): PairHistoryView {
  const pair = ordered.find((one) => one.from.id === from && one.to.id === to)!;
  const { ld, ldSigma, ldLimited } = pairView(pair, toMs);
  const noise = NC[pair.to.noise]!;
  const days = Math.min(10, Math.floor((toMs - fromMs) / DAY));
  return {
    from,
    to,
    targetRw: targetRw(pair.from, pair.to, pair.boundary),
    period: { from: iso(fromMs), to: iso(toMs) },
    minutes: { t: [], hearing: [], snr: [], sii5: [] },
    byHearing: isQuiet(pair) ? nothing : heard,
    shares: null,
    suppressed: null,
    noiseByHour: Array.from({ length: 24 }, (_, hour) => hour)
      .filter((hour) => hour >= 7 && hour < 17 && hour !== 12)
      .map((hour) => {
        const busy = 3 * Math.sin(((hour - 6) / 11) * Math.PI);
        return { hour, l90: noise.map((level) => tenth(level + busy)), dba: tenth(noise[2]! + 7 + busy) };
      }),
    days: ld
      ? Array.from({ length: days }, (_, i) => ({
          day: iso(toMs - (days - i) * DAY),
          episodes: 1 + (i % 4),
          ld: ld.map((value, k) => (ldLimited![k] ? null : tenth(value! + Math.sin(i + k)))),
          sigma: ld.map((_value, k) => (ldLimited![k] ? null : ldSigma![k]!)),
          bound: ld.map((value, k) => (ldLimited![k] ? value : null)),
        }))
      : [],
  };
}

const five = <T>(value: T) => Array.from({ length: 5 }, () => value);

export const pairReports = (): PairReport[] =>
  ordered.map((pair) => {
    const view = pairView(pair, 0);
    const { spc, spcSigma, spcLimited } = view;
    return {
      from: view.from,
      to: view.to,
      boundary: view.boundary,
      targetRw: targetRw(pair.from, pair.to, pair.boundary),
      ld: view.ld ?? five(null),
      ldSigma: view.ldSigma ?? five(null),
      ldLimited: view.ldLimited ?? five(false),
      spc,
      spcInterval: spc === null || spcLimited ? null : [tenth(spc - 2 * spcSigma!), tenth(spc + 2 * spcSigma!)],
      spcLimited,
      spcClass: view.spcClass,
      episodes: view.episodes,
      days: Math.ceil(view.episodes / 3),
      minutes: isQuiet(pair) || view.ld === null ? nothing : heard,
      shares: null,
      suppressed: null,
      coverage: isQuiet(pair) || view.ld === null ? null : 0.83,
    };
  });

/** A new door to S1, and a door to S2 that no longer closes. */
const changes: Readonly<Record<string, Omit<PairComparison, "from" | "to">>> = {
  "S1>G1": { changeDb: 7.4, interval: [5.9, 8.9], verdict: "better" },
  "G1>S1": { changeDb: 7.1, interval: [5.2, 9], verdict: "better" },
  "S2>G1": { changeDb: -6.3, interval: [-7.8, -4.8], verdict: "worse" },
  "K1>G1": { changeDb: 0.3, interval: [-0.7, 1.3], verdict: "no-difference" },
  "K1>K2": { changeDb: -0.2, interval: [-1.1, 0.7], verdict: "no-difference" },
};

export const pairComparisons = (): PairComparison[] =>
  ordered.map((pair) => ({
    from: pair.from.id,
    to: pair.to.id,
    ...(changes[nameOf(pair)] ?? { changeDb: null, interval: null, verdict: "inconclusive" as const }),
  }));
