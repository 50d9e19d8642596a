/** A pair of rooms as everybody sees it: what is heard now, and what is known of the boundary whoever talks. */
import { spcClassOf } from "#protocol/acoustics/speech-privacy-class.ts";
import type { PairView } from "#protocol/api.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Boundary, Room } from "#protocol/site.ts";
import type { Audibility, PairKnowledge, PairSituation, PerOctave } from "../detect/leakage/facts.ts";

/** An ordered pair of rooms that a boundary joins. */
export interface SitePair {
  readonly from: Room;
  readonly to: Room;
  readonly boundary: Boundary;
}

/** Of what a room's talk sounds like elsewhere nothing is told where one person works alone (PRIVACY §1.3, §2). */
const isWithheld = (from: Room): boolean => isSilent(from) || from.kind === "private-office";

export function pairView(pair: SitePair, said: PairSituation, knowledge: PairKnowledge | undefined): PairView {
  const { from, to, boundary } = pair;
  const situation = isWithheld(from) ? withheld(said) : said;
  return {
    from: from.id,
    to: to.id,
    boundary: { kind: boundary.kind, rw: boundary.rw },
    state: situation.state,
    reason: situation.reason,
    reasonRoom: situation.reasonRoom,
    link: situation.link,
    ...heardNow(situation.audibility),
    ...known(knowledge),
    confidence: confidenceOf(situation),
  };
}

const withheld = ({ from, to }: PairSituation): PairSituation => ({
  from,
  to,
  state: "unknown",
  reason: "silent-room",
  reasonRoom: from,
  link: null,
  audibility: null,
});

const heardNow = (audibility: Audibility | null) => ({
  hearing: audibility?.hearing ?? null,
  snr: tenths(audibility?.snr ?? null),
  sii5: hundredths(audibility?.sii5 ?? null),
  probability: hundredths(audibility?.probability ?? null),
});

function known(knowledge: PairKnowledge | undefined) {
  const spc = knowledge?.spc ?? null;
  const learnedAt = knowledge?.learnedAt ?? null;
  return {
    ld: octaves(knowledge?.ld),
    ldSigma: octaves(knowledge?.sigma),
    ldLimited: knowledge === undefined ? null : [...knowledge.limited],
    spc: tenths(spc?.value ?? null),
    spcSigma: tenths(spc?.sigma ?? null),
    spcLimited: spc?.limited ?? false,
    spcClass: spc === null ? null : spcClassOf(spc.value),
    episodes: knowledge?.episodes ?? 0,
    learnedAt: learnedAt === null ? null : new Date(learnedAt).toISOString(),
    dropDb: tenths(knowledge?.dropDb ?? null),
  };
}

/** The probability says how sure it is that talk is understood; of a state that is unknown nothing is sure. */
function confidenceOf({ state, audibility }: PairSituation): number | null {
  if (state === "unknown" || audibility === null) return null;
  return hundredths(state === "overheard" ? audibility.probability : 1 - audibility.probability);
}

const octaves = (values: PerOctave<number | null> | undefined) => (values === undefined ? null : values.map(tenths));

const rounded =
  (parts: number) =>
  (value: number | null): number | null =>
    value === null ? null : Math.round(value * parts) / parts;
const tenths = rounded(10);
const hundredths = rounded(100);
