/** Sound leakage on the page: the matrix of who is heard where, each pair, the comparison of two periods. */
import { OCTAVES_HZ } from "#protocol/acoustics/bands.ts";
import { OVERHEARD_SNR_DB } from "#protocol/acoustics/hearing.ts";
import type { PairReport, ReportView } from "#protocol/api.ts";
import type { RoomId } from "#protocol/quantities.ts";
import { amountText } from "./figures.ts";
import { day, html, minutes, number, percent } from "./html-values.ts";
import { type Language, type ReportTexts, reportTexts } from "./texts.ts";

interface Page {
  readonly report: ReportView;
  readonly text: ReportTexts;
  readonly language: Language;
  /** A room's name, escaped. */
  readonly name: (room: RoomId) => string;
}

/** Nothing for a site without boundaries. */
export function leakageSections(report: ReportView, language: Language): string {
  if (report.pairs.length === 0) return "";
  const names = new Map(report.rooms.map(({ id, name }) => [id, html(name[language])]));
  const page: Page = { report, text: reportTexts[language], language, name: (room) => names.get(room) ?? html(room) };
  const known = report.pairs.filter(isKnown);
  return `<section><h2>${html(page.text.leakage)}</h2>${matrix(page)}</section>
${comparison(page)}${known.map((pair) => pairArticle(pair, page)).join("\n")}
${unknownPairs(page)}
<p>${html(page.text.leakageMethod)}</p>`;
}

const isKnown = (pair: PairReport): boolean => isLearned(pair) || pair.shares !== null || hasMinutes(pair);
const isLearned = ({ ld }: PairReport): boolean => ld.some((octave) => octave !== null);
const hasMinutes = ({ minutes }: PairReport): boolean => Object.values(minutes ?? {}).some((count) => count > 0);

/** Only rooms that a boundary joins to another. */
function matrix({ report, text, language, name }: Page): string {
  const rooms = report.rooms.map(({ id }) => id).filter((id) => report.pairs.some(({ from }) => from === id));
  const cells = new Map(report.pairs.map((pair) => [`${pair.from} ${pair.to}`, pair]));
  const lines = rooms.map((from) => {
    const row = rooms.map((to) => cell(cells.get(`${from} ${to}`), text, language));
    return `<tr><th scope="row">${name(from)}</th>${row.join("")}</tr>`;
  });
  const columns = rooms.map((to) => `<th scope="col">${html(to)}</th>`);
  return `<table class="matrix">
<caption>${html(text.matrixCaption)}</caption>
<thead><tr><th scope="col">${html(text.talkIn)} ↓ ${html(text.heardIn)} →</th>${columns.join("")}</tr></thead>
<tbody>${lines.join("\n")}</tbody></table>`;
}

function cell(pair: PairReport | undefined, text: ReportTexts, language: Language): string {
  if (pair === undefined) return "<td></td>";
  if (pair.spc === null || pair.spcClass === null) return `<td class="unknown" title="${html(text.notKnown)}">?</td>`;
  const label = `${pair.spcLimited ? `${text.atLeast} ` : ""}${text.classLabels[pair.spcClass]}`;
  return `<td class="${shadeOf(pair.spc, pair.spcLimited)}" title="${html(label)}">${spcOf(pair, language)}${intervalOf(pair.spcInterval, language)}</td>`;
}

/** Mean third-octave level of a normal voice in a small furnished room, dB (ACOUSTICS §3.3). */
const NORMAL_VOICE_DB = 51.7;
/** Below this a normal voice is overheard; from the class `standard-privacy` on not even a raised one is understood. */
const OVERHEARD_BELOW_SPC = NORMAL_VOICE_DB - OVERHEARD_SNR_DB;
const SOUND_FROM_SPC = 75;

/**
 * Three shades; the value stands in every cell, so that nothing is told by colour alone. A lower bound says that a boundary
 * is good, never that it is bad.
 */
function shadeOf(spc: number, limited: boolean): "leaks" | "weak" | "sound" | "unknown" {
  if (spc >= SOUND_FROM_SPC) return "sound";
  if (limited) return "unknown";
  return spc < OVERHEARD_BELOW_SPC ? "leaks" : "weak";
}

const whole = (value: number, language: Language): string => number(Math.round(value), language);
const spcOf = ({ spc, spcLimited }: PairReport, language: Language): string =>
  `${spcLimited ? "≥ " : ""}${whole(spc!, language)}`;
const intervalOf = (interval: PairReport["spcInterval"], language: Language): string =>
  interval === null ? "" : `<small>${whole(interval[0], language)}–${whole(interval[1], language)}</small>`;

function pairArticle(pair: PairReport, page: Page): string {
  const { text, name } = page;
  return `<article class="pair"><h3>${name(pair.from)} → ${name(pair.to)}</h3>
<p>${privacy(pair, page)}</p>
<p class="target">${target(pair, page)}</p>
${isLearned(pair) ? differences(pair, page) : `<p>${html(text.notKnown)}</p>`}
${heard(pair, page)}</article>`;
}

function privacy(pair: PairReport, { text, language }: Page): string {
  if (pair.spc === null || pair.spcClass === null) return `SPC ${html(text.notKnown)}.`;
  if (pair.spcLimited)
    return `<strong>SPC ${html(text.atLeast)} ${number(pair.spc, language)} dB:</strong> ${html(text.onlyBounded)}.`;
  const interval = pair.spcInterval?.map((value) => number(value, language)).join("–");
  const label = html(text.classLabels[pair.spcClass]);
  return `<strong>SPC ${number(pair.spc, language)} dB (${interval}), ${label}:</strong> ${html(text.classes[pair.spcClass])}.`;
}

function target({ boundary, targetRw }: PairReport, { text, language }: Page): string {
  const own = `${html(text.boundaries[boundary.kind])}, R'w ${number(boundary.rw, language)} dB ${html(text.configured)}`;
  if (targetRw === null) return `${own}. ${html(text.noTarget)}.`;
  const short = targetRw - boundary.rw;
  const verdict = short <= 0 ? html(text.meetsTarget) : `${html(text.shortOfTarget)} ${number(short, language)} dB`;
  return `${own}. ${html(text.target)} ≥ ${targetRw} dB: ${verdict}.`;
}

function differences(pair: PairReport, { text, language }: Page): string {
  const value = (ld: number | null, limited: boolean | undefined) =>
    ld === null ? "–" : `${limited ? "≥ " : ""}${number(ld, language)}`;
  const row = (title: string, cells: readonly string[]) =>
    `<tr><th scope="row">${html(title)}</th>${cells.map((one) => `<td>${one}</td>`).join("")}</tr>`;
  return `<table>
${restsOn(pair, text, language)}
<thead><tr><th scope="col">${html(text.octave)}</th>${OCTAVES_HZ.map((hz) => `<th scope="col">${hz}</th>`).join("")}</tr></thead>
<tbody>${row(
    text.levelDifference,
    pair.ld.map((ld, k) => value(ld, pair.ldLimited[k])),
  )}
${row(
  text.uncertainty,
  pair.ldSigma.map((sigma) => value(sigma, false)),
)}</tbody></table>`;
}

/** How much the differences rest on, where that is told. */
const restsOn = ({ episodes, days }: PairReport, text: ReportTexts, language: Language): string =>
  episodes === null || days === null
    ? ""
    : `<caption>${html(text.conversations)}: ${number(episodes, language)} · ${html(text.days)}: ${number(days, language)}</caption>`;

function heard(pair: PairReport, { text, language }: Page): string {
  if (pair.suppressed !== null)
    return `<p class="none">${html(text.minutesNotTold)} ${html(text.suppressed[pair.suppressed])}.</p>`;
  if (pair.coverage === null) return "";
  const kinds = Object.keys(text.hearings) as (keyof typeof text.hearings)[];
  const cells = kinds.map((kind) => {
    const share = pair.shares?.[kind];
    if (share !== undefined) return `${html(amountText(share, (value) => number(value, language)))} %`;
    return minutes(pair.minutes?.[kind] ?? 0, language);
  });
  return `<table>
<caption>${html(text.knownShare)} ${percent(pair.coverage, language)}</caption>
<thead><tr><th scope="col">${html(text.heardMinutes)}</th>${kinds.map((kind) => `<th scope="col">${html(text.hearings[kind])}</th>`).join("")}</tr></thead>
<tbody><tr><th scope="row">${html(pair.shares ? text.shareOfTalk : text.minutes)}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr></tbody></table>`;
}

function unknownPairs({ report, text, name }: Page): string {
  const unknown = report.pairs.filter((pair) => !isKnown(pair)).map(({ from, to }) => `${name(from)} → ${name(to)}`);
  return unknown.length === 0 ? "" : `<p class="none">${html(text.nothingKnown)}: ${unknown.join(", ")}.</p>`;
}

function comparison({ report, text, language, name }: Page): string {
  if (report.comparison === null) return "";
  const { from, to, pairs } = report.comparison;
  const date = (time: string) => day(time, report.timeZone, language);
  const until = new Date(Date.parse(to) - 1).toISOString();
  const told = pairs.filter(({ changeDb, verdict }) => changeDb !== null || verdict !== "inconclusive");
  const others = told.length < pairs.length ? `<p class="none">${html(text.othersInconclusive)}</p>` : "";
  const lines = told.map(({ from, to, changeDb, interval, verdict }) => {
    const change = changeDb === null ? "–" : signed(changeDb, language);
    const range = interval === null ? "–" : interval.map((value) => signed(value, language)).join(" … ");
    return `<tr><th scope="row">${name(from)} → ${name(to)}</th><td>${change}</td><td>${range}</td><td class="text">${html(text.verdicts[verdict])}</td></tr>`;
  });
  const table = `<table>
<caption>${html(text.comparisonCaption)}</caption>
<thead><tr><th scope="col">${html(text.talkIn)} → ${html(text.heardIn)}</th><th scope="col">${html(text.change)}</th><th scope="col">${html(text.interval)}</th><th scope="col" class="text">${html(text.verdict)}</th></tr></thead>
<tbody>${lines.join("\n")}</tbody></table>`;
  return `<section><h2>${html(text.comparison)}</h2><p>${html(text.comparedWith)}: ${date(from)} – ${date(until)}</p>${lines.length > 0 ? table : ""}${others}</section>
`;
}

const signed = (value: number, language: Language): string =>
  `${value > 0 ? "+" : value < 0 ? "−" : ""}${number(Math.abs(value), language)}`;
