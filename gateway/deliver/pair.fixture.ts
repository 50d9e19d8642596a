/** Words for what detection says of pairs, in the tests of what is told of them. */
import type { PairReason } from "#protocol/api.ts";
import type { Audibility, PairKnowledge, PairSituation } from "../detect/leakage/facts.ts";

const audibility: Audibility = { snr: -3.2499, sigma: 2.5, sii5: 0.3549, probability: 0.9951, hearing: "intelligible" };

export const overheard = (from: string, to: string, more: Partial<Audibility> = {}): PairSituation => ({
  from,
  to,
  state: "overheard",
  reason: null,
  reasonRoom: null,
  link: true,
  audibility: { ...audibility, ...more },
});

export const isPrivate = (from: string, to: string): PairSituation => ({
  ...overheard(from, to, { snr: -21, sii5: 0, probability: 0.004, hearing: "audible" }),
  state: "private",
  link: null,
});

export const unknown = (from: string, to: string, reason: PairReason, reasonRoom = to): PairSituation => ({
  from,
  to,
  state: "unknown",
  reason,
  reasonRoom,
  link: null,
  audibility: null,
});

export const knowledge = (from: string, to: string, more: Partial<PairKnowledge> = {}): PairKnowledge => ({
  from,
  to,
  ld: [22.14, 25.46, 28, 31.02, null],
  sigma: [0.51, 0.5, 0.62, 1.04, null],
  limited: [false, false, false, true, false],
  episodes: 12,
  learnedAt: Date.UTC(2026, 2, 1, 14),
  dropDb: null,
  spc: { value: 76.37, sigma: 1.26, limited: true },
  ...more,
});
