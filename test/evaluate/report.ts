/** What an evaluation prints: for people a table, for programs an object. */
import { number, percent, quantileOf, type Reached, reach, within008 } from "./reach.ts";
import type { SiteName } from "./run.ts";
import { addTallies, emptyTally, type RuleTally, type Tally } from "./tally.ts";

export interface Evaluation {
  readonly weeks: number;
  readonly seeds: readonly string[];
  /** Merged over the weeks. */
  readonly sites: Readonly<Partial<Record<SiteName, Tally>>>;
  /** How long it took, s. */
  readonly seconds: number;
}

/** Of everything that ran; the rules are those of whole houses where there are any, not of the bench. */
export function overall({ sites }: Evaluation): Tally {
  const all = Object.values(sites).reduce(addTallies, emptyTally);
  const houses = [sites.demo, sites.good].filter((tally) => tally !== undefined);
  return houses.length === 0 ? all : { ...all, rules: houses.reduce(addTallies, emptyTally).rules };
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const ruleView = ({ due, found, delays, fired, falseOnes, months }: RuleTally) => ({
  recall: finite(found / due),
  precision: finite((fired - falseOnes) / fired),
  falsePerMonth: finite(falseOnes / months),
  delayMedianS: finite(quantileOf(delays, 0.5)),
  delayP95S: finite(quantileOf(delays, 0.95)),
  due,
  fired,
});

const tallyView = ({ rules, link, ld, sii5 }: Tally) => ({
  rules: Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, ruleView(rule)])),
  link: {
    falsePerPairMonth: finite(link.falseOnes / link.months),
    pairMonths: link.months,
    inaudibleHours: link.hours,
  },
  ld: {
    medianErrorDb: finite(quantileOf(ld, 0.5)),
    p90ErrorDb: finite(quantileOf(ld, 0.9)),
    maxErrorDb: finite(Math.max(...ld)),
    octaves: ld.length,
  },
  sii5: {
    within008: finite(within008(sii5)),
    p90Error: finite(quantileOf(sii5.map(Math.abs), 0.9)),
    minutes: sii5.length,
  },
});

export function asJson(evaluation: Evaluation): string {
  const { weeks, seeds, sites, seconds } = evaluation;
  const all = overall(evaluation);
  const bySite = Object.fromEntries(Object.entries(sites).map(([name, tally]) => [name, tallyView(tally)]));
  return JSON.stringify({ weeks, seeds, ...tallyView(all), reach: reach(all), sites: bySite, seconds }, null, 2);
}

export function asTable(evaluation: Evaluation): string {
  const { weeks, seeds, sites, seconds } = evaluation;
  const all = overall(evaluation);
  return [
    `${weeks} weeks of each site, seeds ${seeds[0]}–${seeds.at(-1)}, ${number(seconds, 0)} s`,
    "",
    row(["rule", "site", "due", "recall", "fired", "precision", "false/month", "delay s: median", "p95"]),
    ...Object.entries(sites).flatMap(([site, { rules }]) =>
      Object.entries(rules)
        .filter(([, { due, fired }]) => due + fired > 0)
        .map(([name, rule]) => row([name, site, ...ruleCells(rule)])),
    ),
    "",
    ...Object.entries(sites)
      .filter(([, { link }]) => link.months > 0)
      .map(([site, tally]) => `${site.padEnd(8)}${soundLine(tally)}`),
    "",
    ...reach(all).map(reachLine),
  ].join("\n");
}

const WIDTHS = [31, 8, 7, 9, 8, 11, 13, 17, 6];
const row = (cells: readonly string[]): string =>
  cells.map((cell, i) => (i < 2 ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!))).join("");

const ruleCells = ({ due, found, delays, fired, falseOnes, months }: RuleTally): string[] => [
  String(due),
  percent(found / due),
  String(fired),
  percent((fired - falseOnes) / fired),
  number(falseOnes / months, 2),
  number(quantileOf(delays, 0.5), 0),
  number(quantileOf(delays, 0.95), 0),
];

const soundLine = ({ link, ld, sii5 }: Tally): string =>
  [
    `false links ${number(link.falseOnes / link.months, 2)} per pair-month (${link.falseOnes})`,
    `LD error median ${number(quantileOf(ld, 0.5), 2)}, p90 ${number(quantileOf(ld, 0.9), 2)}, max ${number(Math.max(...ld), 1)} dB`,
    `SII5 within ±0.08 in ${percent(within008(sii5))} of ${sii5.length} min, median error ${number(quantileOf(sii5, 0.5), 3)}`,
  ].join(" · ");

const reachLine = ({ what, goal, measured, pass }: Reached): string =>
  `${pass === null ? "  –   " : pass ? "  ok  " : "FAILED"}  ${what}: ${measured} (${goal})`;

/** Where and when something was missed or said falsely, for whoever looks into it. */
export function casesOf({ sites }: Evaluation): string[] {
  return Object.entries(sites).flatMap(([site, { rules, link }]) => [
    ...Object.entries(rules).flatMap(([rule, { missedCases, falseCases }]) => [
      ...missedCases.map((one) => `${site} missed ${rule} ${one}`),
      ...falseCases.map((one) => `${site} false ${rule} ${one}`),
    ]),
    ...link.falseCases.map((one) => `${site} false link ${one}`),
  ]);
}
