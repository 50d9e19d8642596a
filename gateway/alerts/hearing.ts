/** How bad it is that a room hears another: hearing and severity in their order, and the one from the other. */
import { Hearing, Severity } from "#protocol/api.ts";

export interface Heard {
  readonly hearing: Hearing;
  readonly severity: Severity;
}

const hearingRank = (hearing: Hearing): number => Hearing.options.indexOf(hearing);
const severityRank = (severity: Severity): number => Severity.options.indexOf(severity);

/** Where confidential privacy is lost parts are understood, whatever the index says (ACOUSTICS §3.2). */
const LEAST: Hearing = "partly";

/** By what is heard, one step up where somebody is there to hear it (ACOUSTICS §9.3 A2). */
export function heardAs(hearing: Hearing | null, occupied: boolean): Heard {
  const rank = Math.max(hearingRank(LEAST), hearing === null ? 0 : hearingRank(hearing));
  const step = rank - hearingRank(LEAST) + (occupied ? 1 : 0);
  return { hearing: Hearing.options[rank]!, severity: Severity.options[Math.min(step, Severity.options.length - 1)]! };
}

export const isGraver = (a: Severity, b: Severity): boolean => severityRank(a) > severityRank(b);

export const graver = (a: Severity | null, b: Severity | null): Severity | null =>
  a === null || (b !== null && isGraver(b, a)) ? b : a;

/** Graver, or more is heard. */
export const isWorse = (a: Heard, b: Heard): boolean =>
  isGraver(a.severity, b.severity) || hearingRank(a.hearing) > hearingRank(b.hearing);

export const worst = (a: Heard, b: Heard): Heard => pick(Math.max, a, b);
export const least = (a: Heard, b: Heard): Heard => pick(Math.min, a, b);

const pick = (which: (a: number, b: number) => number, a: Heard, b: Heard): Heard => ({
  hearing: Hearing.options[which(hearingRank(a.hearing), hearingRank(b.hearing))]!,
  severity: Severity.options[which(severityRank(a.severity), severityRank(b.severity))]!,
});
