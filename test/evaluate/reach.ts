/** The numbers to reach, each with what was measured. */
import { quantile } from "#gateway/detect/leakage/quantile.ts";
import type { LineTally, RuleTally, Tally } from "./tally.ts";

export interface Reached {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  /** Null when this run has nothing to say of it. */
  readonly pass: boolean | null;
}

export const quantileOf = (values: readonly number[], share: number): number =>
  quantile(Float64Array.from(values), share);
export const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–");
export const number = (value: number, digits: number): string => (Number.isFinite(value) ? value.toFixed(digits) : "–");

/** Share of the errors of SII5 that the uncertainty of 2.5 dB allows (ACOUSTICS §3.9). */
export const within008 = (errors: readonly number[]): number =>
  errors.filter((error) => Math.abs(error) <= 0.08).length / errors.length;

/** Share of what was due that was told within `limitS`. */
function within({ due, found, delays }: RuleTally, limitS: number): number {
  return (found - delays.filter((delay) => delay > limitS).length) / due;
}

export function reach({ rules, lines, ld, sii5, faults }: Tally): Reached[] {
  const talk = rules["conversation-in-shared-office"];
  const line = (name: string) => lines[name];
  return [
    independent(Object.entries(lines).flatMap(([name, tally]) => (name.startsWith("two conversations") ? tally : []))),
    never("R'w 52, NC-30", line("R'w 52, NC-30")),
    never("R'w 40, NC-30, normal voice", line("R'w 40, NC-30")),
    raised(line("R'w 40, NC-30, raised voice")),
    early("R'w 30, NC-25", line("R'w 30, NC-25"), 240, 0.95),
    ...["door ajar, NC-30", "R'w 20, NC-30", "R'w 25, NC-30"].map((name) => early(name, line(name), 180, 0.98)),
    {
      what: "SII5 within ±0.08 of the truth, level difference known",
      goal: "≥ 90 % of minutes",
      measured: `${percent(within008(sii5))} of ${sii5.length}`,
      pass: sii5.length === 0 ? null : within008(sii5) >= 0.9,
    },
    {
      what: "accepted octaves of level difference",
      goal: "median ≤ 0.5 dB, p90 ≤ 1.5 dB",
      measured: `${number(quantileOf(ld, 0.5), 2)} dB, ${number(quantileOf(ld, 0.9), 2)} dB, greatest ${number(Math.max(...ld), 1)} dB of ${ld.length}`,
      pass: ld.length === 0 ? null : quantileOf(ld, 0.5) <= 0.5 && quantileOf(ld, 0.9) <= 1.5,
    },
    ...["keyboard", "printer", "announcements", "ventilation", "radio"].map((name) => noLink(name, line(name))),
    ...(talk && talk.due > 0 ? conversations(talk) : []),
    ...Object.entries(faults).map(([name, { delays, never: untold, privateS }]): Reached => {
      const heard = delays.length + untold > 0;
      return {
        what: `bad input: ${name}`,
        goal: "unknown with the reason within 120 s, never private",
        measured: heard
          ? `${number(Math.max(...delays), 0)} s at most, ${untold} of ${delays.length + untold} pairs never, private ${number(privateS, 0)} s`
          : "–",
        pass: heard ? untold === 0 && Math.max(...delays) <= 120 && privateS === 0 : null,
      };
    }),
  ];
}

function independent(tallies: readonly LineTally[]): Reached {
  const links = tallies.reduce((sum, { falseLinks }) => sum + falseLinks, 0);
  // A line's months count both directions of its pair.
  const months = tallies.reduce((sum, { months }) => sum + months / 2, 0);
  return {
    what: "two conversations in rooms that do not leak to each other",
    goal: "≤ 1 false link per pair-month",
    measured: `${number(links / months, 2)} (${links} in ${number(months, 1)} pair-months)`,
    pass: months === 0 ? null : links / months <= 1,
  };
}

const never = (what: string, tally: LineTally | undefined): Reached => ({
  what,
  goal: "no `overheard`",
  measured: tally ? `${tally.fired} in ${number((tally.months * 30) / 7, 1)} weeks` : "–",
  pass: tally ? tally.fired === 0 : null,
});

const early = (what: string, tally: LineTally | undefined, limitS: number, share: number): Reached => ({
  what: `${what}, dialogue`,
  goal: `\`overheard\` within ${limitS / 60} min in ≥ ${100 * share} %`,
  measured: tally
    ? `${percent(within(tally, limitS))} of ${tally.due}; median ${number(quantileOf(tally.delays, 0.5), 0)} s, p95 ${number(quantileOf(tally.delays, 0.95), 0)} s`
    : "–",
  pass: tally && tally.due > 0 ? within(tally, limitS) >= share : null,
});

const RAISED_SHARE = 0.95;

const raised = (tally: LineTally | undefined): Reached => ({
  what: "R'w 40, NC-30, raised voice",
  goal: `\`overheard\` once the level difference is known (≥ ${100 * RAISED_SHARE} %)`,
  measured: tally ? `${percent(tally.learned.found / tally.learned.due)} of ${tally.learned.due}` : "–",
  pass: tally && tally.learned.due > 0 ? tally.learned.found / tally.learned.due >= RAISED_SHARE : null,
});

const noLink = (what: string, tally: LineTally | undefined): Reached => ({
  what: `${what} in both rooms`,
  goal: "no link",
  measured: tally ? `${tally.falseLinks} in ${number(((tally.months / 2) * 30) / 7, 1)} weeks` : "–",
  pass: tally ? tally.falseLinks === 0 : null,
});

const conversations = (talk: RuleTally): Reached[] => [
  {
    what: "conversations of ≥ 2 min in shared offices",
    goal: "recall ≥ 99 %",
    measured: `${percent(talk.found / talk.due)} of ${talk.due}`,
    pass: talk.found / talk.due >= 0.99,
  },
  {
    what: "false alerts of a conversation",
    goal: "≤ 1 per office-month",
    measured: `${number(talk.falseOnes / talk.months, 2)} (${talk.falseOnes} in ${number(talk.months, 1)} office-months)`,
    pass: talk.falseOnes / talk.months <= 1,
  },
];
