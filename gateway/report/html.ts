/** The report as one self-contained page, Danish or English, that also prints well. */
import type { Figure, ReportView, SuppressReason } from "#protocol/api.ts";
import { addedUp, amountText, countText } from "./figures.ts";
import { leakageSections } from "./html-pairs.ts";
import { day, html, minutes, percent } from "./html-values.ts";
import { type Language, type ReportTexts, reportTexts } from "./texts.ts";

export function reportHtml(report: ReportView, language: Language): string {
  const text = reportTexts[language];
  const title = `${text.title}: ${report.siteName[language]}`;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<p class="brand">Fortrolig</p>
<h1>${html(title)}</h1>
<p>${html(text.period)}: ${day(report.from, report.timeZone, language)} – ${day(lastMoment(report.to), report.timeZone, language)} (${html(report.timeZone)})</p>
</header>
${coverageNote(report, text, language)}
${rulesNote(report, text)}
${leakageSections(report, language)}
${keyFigures(report, text, language)}
${hoursTable(report, text, language)}
${roomsTable(report, text, language)}
${groupsTable(report, text, language)}
${alertsTable(report, text, language)}
<footer><p>${html(text.method)}</p><p>${html(report.software)}</p></footer>
</main>
</body>
</html>
`;
}

const lastMoment = (to: string): string => new Date(Date.parse(to) - 1).toISOString();

function coverageNote({ coverage }: ReportView, text: ReportTexts, language: Language): string {
  const share = coverage.overall === null ? text.none : percent(coverage.overall, language);
  const verdict = coverage.conclusive ? text.conclusive : text.notConclusive;
  return `<p class="${coverage.conclusive ? "note" : "note warn"}"><strong>${html(text.coverage)}: ${share}.</strong> ${html(verdict)}</p>`;
}

/** Why figures are missing or not exact, where they are. */
const rulesNote = ({ reach }: ReportView, text: ReportTexts): string =>
  reach === "all" ? "" : `<p class="note">${html(text.displayRules)}</p>`;

const figureOf = (value: Figure, language: Language, write: typeof countText): string =>
  html(write(value, (one) => minutes(one, language)));
const countOf = (value: Figure, language: Language): string => figureOf(value, language, countText);
const amountOf = (value: Figure, language: Language): string => figureOf(value, language, amountText);

function keyFigures({ sharedOffices, alerts }: ReportView, text: ReportTexts, language: Language): string {
  const { conversations, longestMinutes } = sharedOffices;
  const figures: [string, string][] = [
    [text.sharedConversations, countOf(conversations, language)],
    [text.sharedMinutes, amountOf(sharedOffices.minutes, language)],
    [text.longest, longestMinutes === null ? notTold("single-events", text) : minutes(longestMinutes, language)],
    [text.alertsFired, countOf(addedUp(alerts.map(({ fired }) => fired)), language)],
  ];
  return `<section><h2>${html(text.sharedOffices)}</h2><dl class="figures">${figures
    .map(([name, value]) => `<div><dt>${html(name)}</dt><dd>${value}</dd></div>`)
    .join("")}</dl></section>`;
}

const notTold = (reason: SuppressReason, text: ReportTexts): string =>
  `<span class="none">${html(text.suppressed[reason])}</span>`;

/** Minutes by kind of room and hour: a table whose cells are also bars. */
function hoursTable(report: ReportView, text: ReportTexts, language: Language): string {
  if (report.hoursSuppressed !== null)
    return `<section><h2>${html(text.byHour)}</h2><p>${notTold(report.hoursSuppressed, text)}</p></section>`;
  if (report.byKindAndHour.length === 0)
    return `<section><h2>${html(text.byHour)}</h2><p>${html(text.noConversations)}</p></section>`;
  const kinds = [...new Set(report.byKindAndHour.map((cell) => cell.kind))];
  // Of shares only from the first hour to the last that is not "<5".
  const hours = report.byKindAndHour
    .filter((cell) => cell.share === null || lengthOf(cell) > 0)
    .map(({ hour }) => hour);
  const first = Math.min(...hours);
  const most = Math.max(...report.byKindAndHour.map(lengthOf));
  const lines = Array.from({ length: Math.max(...hours) - first + 1 }, (_, i) => first + i).map((hour) => {
    const cells = kinds.map((kind) => {
      const found = report.byKindAndHour.find((cell) => cell.kind === kind && cell.hour === hour);
      return `<td>${bar(found ? lengthOf(found) : 0, most)}${found ? hourText(found, language) : minutes(0, language)}</td>`;
    });
    return `<tr><th scope="row">${String(hour).padStart(2, "0")}–${String((hour + 1) % 24).padStart(2, "0")}</th>${cells.join("")}</tr>`;
  });
  return `<section><h2>${html(text.byHour)}</h2><table>
<caption>${hoursCaption(report, text, language)}</caption>
<thead><tr><th scope="col">${html(text.hour)}</th>${kinds.map((kind) => `<th scope="col">${html(text.kinds[kind])}</th>`).join("")}</tr></thead>
<tbody>${lines.join("\n")}</tbody></table></section>`;
}

type HourCell = ReportView["byKindAndHour"][number];
/** Minutes, or percents where these are told. */
const lengthOf = ({ minutes, share }: HourCell): number => minutes ?? (typeof share === "number" ? share : 0);
const hourText = ({ minutes: told, share }: HourCell, language: Language): string =>
  share === null ? minutes(told ?? 0, language) : `${amountOf(share, language)} %`;

function hoursCaption({ hoursOf, timeZone }: ReportView, text: ReportTexts, language: Language): string {
  if (hoursOf === null) return html(text.byHourCaption);
  const span = `${day(hoursOf.from, timeZone, language)} – ${day(lastMoment(hoursOf.to), timeZone, language)}`;
  return `${html(text.byHourShares)} ${span}.`;
}

const bar = (value: number, most: number): string =>
  `<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="${most > 0 ? ((100 * value) / most).toFixed(1) : 0}" height="8"/></svg>`;

function roomsTable(report: ReportView, text: ReportTexts, language: Language): string {
  const lines = report.rooms.map((room) => {
    const covered =
      room.coverage === null ? `<span class="none">${html(text.none)}</span>` : percent(room.coverage, language);
    return `<tr><th scope="row">${html(room.name[language])}</th><td class="text">${html(text.kinds[room.kind])}</td>${figureCells(room, text, language)}<td>${covered}</td></tr>`;
  });
  return `<section><h2>${html(text.rooms)}</h2><table>
<thead><tr><th scope="col">${html(text.room)}</th><th scope="col" class="text">${html(text.kind)}</th>${figureHeads(text)}<th scope="col">${html(text.coverage)}</th></tr></thead>
<tbody>${lines.join("\n")}</tbody></table></section>`;
}

type Figures = Pick<ReportView["rooms"][number], "conversations" | "minutes" | "alerts" | "suppressed">;

const figureHeads = (text: ReportTexts): string =>
  [text.conversations, text.minutes, text.alerts].map((head) => `<th scope="col">${html(head)}</th>`).join("");

/** Three cells, or one over all three that says why there is nothing in them. */
function figureCells({ conversations, minutes, alerts, suppressed }: Figures, text: ReportTexts, language: Language) {
  if (suppressed !== null) return `<td colspan="3" class="text">${notTold(suppressed, text)}</td>`;
  return `<td>${countOf(conversations ?? 0, language)}</td><td>${amountOf(minutes ?? 0, language)}</td><td>${countOf(alerts ?? 0, language)}</td>`;
}

function groupsTable({ groups }: ReportView, text: ReportTexts, language: Language): string {
  if (groups.length === 0) return "";
  const lines = groups.map(
    (group) =>
      `<tr><th scope="row">${html(group.name[language])}</th><td class="text">${html(group.rooms.join(", "))}</td>${figureCells({ ...group, suppressed: null }, text, language)}</tr>`,
  );
  return `<section><h2>${html(text.groups)}</h2><table>
<caption>${html(text.groupsCaption)}</caption>
<thead><tr><th scope="col">${html(text.group)}</th><th scope="col" class="text">${html(text.rooms)}</th>${figureHeads(text)}</tr></thead>
<tbody>${lines.join("\n")}</tbody></table></section>`;
}

function alertsTable(report: ReportView, text: ReportTexts, language: Language): string {
  if (report.alerts.length === 0)
    return `<section><h2>${html(text.alerts)}</h2><p>${html(text.noAlerts)}</p></section>`;
  const lines = report.alerts.map(
    (alert) =>
      `<tr><th scope="row">${html(text.rules[alert.rule])}</th><td>${countOf(alert.fired, language)}</td><td>${amountOf(alert.minutes, language)}</td>${[
        alert.medianMinutes,
        alert.longestMinutes,
      ]
        .map((figure) => `<td>${figure === null ? notTold("single-events", text) : minutes(figure, language)}</td>`)
        .join("")}</tr>`,
  );
  return `<section><h2>${html(text.alerts)}</h2><table>
<thead><tr><th scope="col">${html(text.rule)}</th><th scope="col">${html(text.fired)}</th><th scope="col">${html(text.lasted)}</th><th scope="col">${html(text.median)}</th><th scope="col">${html(text.longest)}</th></tr></thead>
<tbody>${lines.join("\n")}</tbody></table></section>`;
}

/** Served with a Content-Security-Policy that allows this one style by its hash (see http/report.ts). */
export const STYLE = `:root{color-scheme:light dark;--ink:light-dark(#1a1a1a,#eee);--soft:light-dark(#5f6b7a,#a8b3c0);--line:light-dark(#dce1e6,#3a424c);--accent:light-dark(#0059b3,#6db3f2);--warn:light-dark(#fff3cd,#4a3b00)}
body{margin:0;background:light-dark(#fff,#14181d);color:var(--ink);font:16px/1.5 "IBM Plex Sans",system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem}
.brand{margin:0;color:var(--accent);font-weight:600;letter-spacing:.04em}
h1{margin:.1em 0 .3em;font-size:1.9rem;line-height:1.2}
h2{margin:2rem 0 .6rem;font-size:1.25rem}
.note{padding:.75rem 1rem;border-left:4px solid var(--accent);background:light-dark(#f2f6fa,#1c232b)}
.note.warn{border-color:light-dark(#b38600,#ffcc33);background:var(--warn)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:1rem;margin:0}
.figures div{padding:.9rem 1rem;border:1px solid var(--line);border-radius:6px}
dt{color:var(--soft);font-size:.9rem}dd{margin:0;font-size:1.7rem;font-weight:600;font-variant-numeric:tabular-nums}
section{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);padding-bottom:.4rem}
th,td{padding:.4rem .6rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
thead th{white-space:normal}
th:first-child,.text{text-align:left}thead th{border-bottom-width:2px;font-weight:600}tbody th{font-weight:400}
td svg{float:left;width:45%;height:.6rem;margin-top:.45rem;fill:var(--accent)}
.none{color:var(--soft)}
.matrix td{padding:.35rem .5rem;text-align:center;border:2px solid light-dark(#fff,#14181d)}.matrix th{border:0}.matrix small,.target{display:block;color:var(--soft)}.matrix td small{color:inherit}
.leaks{background:light-dark(#f6c6bd,#6b241a)}.weak{background:light-dark(#fbe3b3,#5c4300)}.sound{background:light-dark(#cfe8d5,#17472a)}.unknown{background:light-dark(#eceff2,#262d35)}
.pair{break-inside:avoid;margin:1.5rem 0;padding-top:.75rem;border-top:1px solid var(--line);overflow-x:auto}.pair p{margin:.2rem 0}h3{margin:0 0 .3rem;font-size:1.05rem}
footer{margin-top:2.5rem;color:var(--soft);font-size:.9rem}
@media print{body{background:#fff;color:#000}section{break-inside:avoid}}`;
