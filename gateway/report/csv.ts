/** The report as one tidy table: a row per figure, RFC 4180. */
import { OCTAVES_HZ } from "#protocol/acoustics/bands.ts";
import type { Figure, PairReport, ReportView } from "#protocol/api.ts";
import { amountText, countText } from "./figures.ts";

/** Of a pair, `room` is where somebody talks and `to` where it is heard. */
const HEADER = ["table", "room", "to", "kind", "hour", "measure", "unit", "value"] as const;
type Row = Partial<Record<(typeof HEADER)[number], string | number | null>>;

export function reportCsv(report: ReportView): string {
  return [HEADER.join(","), ...rows(report).map((row) => HEADER.map((key) => cell(row[key])).join(","))]
    .join("\r\n")
    .concat("\r\n");
}

function rows(report: ReportView): Row[] {
  const about: Row[] = [
    { table: "report", measure: "site", value: report.site },
    { table: "report", measure: "reach", value: report.reach },
    { table: "report", measure: "from", value: report.from },
    { table: "report", measure: "to", value: report.to },
    { table: "report", measure: "time zone", value: report.timeZone },
    { table: "report", measure: "software", value: report.software },
    { table: "report", measure: "coverage", unit: "share", value: report.coverage.overall },
    { table: "report", measure: "conclusive", value: report.coverage.conclusive ? "yes" : "no" },
  ];
  const shared: Row[] = [
    {
      table: "shared offices",
      measure: "conversations",
      unit: "count",
      value: count(report.sharedOffices.conversations),
    },
    { table: "shared offices", measure: "in conversation", unit: "min", value: amount(report.sharedOffices.minutes) },
    {
      table: "shared offices",
      measure: "longest conversation",
      unit: "min",
      value: single(report.sharedOffices.longestMinutes, report),
    },
  ];
  const rooms = report.rooms.flatMap(({ id: room, kind, ...figures }): Row[] => [
    ...figureRows({ table: "rooms", room, kind }, figures),
    { table: "rooms", room, kind, measure: "coverage", unit: "share", value: figures.coverage },
  ]);
  const groups = report.groups.flatMap(({ id, rooms, ...figures }): Row[] => [
    { table: "groups", room: id, measure: "rooms", value: rooms.join(" ") },
    ...figureRows({ table: "groups", room: id }, { ...figures, suppressed: null }),
  ]);
  const hours = report.byKindAndHour.flatMap(({ kind, hour, conversations, minutes, share }): Row[] =>
    share === null
      ? [
          { table: "hours", kind, hour, measure: "conversations", unit: "count", value: conversations },
          { table: "hours", kind, hour, measure: "in conversation", unit: "min", value: minutes },
        ]
      : [{ table: "hours", kind, hour, measure: "part of the conversation", unit: "%", value: amount(share) }],
  );
  const alerts = report.alerts.flatMap(({ rule, fired, minutes, medianMinutes, longestMinutes }): Row[] => [
    { table: `alerts ${rule}`, measure: "fired", unit: "count", value: count(fired) },
    { table: `alerts ${rule}`, measure: "lasted in all", unit: "min", value: amount(minutes) },
    { table: `alerts ${rule}`, measure: "lasted, median", unit: "min", value: single(medianMinutes, report) },
    { table: `alerts ${rule}`, measure: "lasted, longest", unit: "min", value: single(longestMinutes, report) },
  ]);
  const whyNot = new Map(report.rooms.map(({ id, suppressed }) => [id, suppressed]));
  const pairs = report.pairs.flatMap((pair) => pairRows(pair, whyNot.get(pair.from) ?? null));
  return [
    ...about,
    ...shared,
    ...rooms,
    ...groups,
    ...hoursOf(report),
    ...hours,
    ...alerts,
    ...pairs,
    ...comparisonRows(report),
  ];
}

const count = (figure: Figure, reason: string | null = null) => notTold(reason) ?? countText(figure);
const amount = (figure: Figure, reason: string | null = null) => notTold(reason) ?? amountText(figure);

/** Of single conversations and alerts. */
const single = (figure: number | null, { reach }: ReportView) =>
  figure ?? (reach === "all" ? null : notTold("single-events"));

/** In the place of a figure: an empty value would look like one that is not known. */
const notTold = (reason: string | null): string | null => (reason === null ? null : `suppressed: ${reason}`);

/** What there is of a room or a group. */
function figureRows(
  about: Row,
  {
    conversations,
    minutes,
    alerts,
    suppressed: why,
  }: Omit<ReportView["rooms"][number], "id" | "name" | "kind" | "coverage">,
): Row[] {
  return [
    { ...about, measure: "conversations", unit: "count", value: count(conversations ?? 0, why) },
    { ...about, measure: "in conversation", unit: "min", value: amount(minutes ?? 0, why) },
    { ...about, measure: "alerts", unit: "count", value: count(alerts ?? 0, why) },
  ];
}

function hoursOf({ hoursOf, hoursSuppressed }: ReportView): Row[] {
  const span = hoursOf && `${hoursOf.from}/${hoursOf.to}`;
  return [
    ...(span ? [{ table: "hours", measure: "of", value: span }] : []),
    ...(hoursSuppressed ? [{ table: "hours", measure: "in conversation", value: notTold(hoursSuppressed) }] : []),
  ];
}

/** `why`: for what reason the room in which somebody talks is not told singly. */
function pairRows(pair: PairReport, why: string | null): Row[] {
  const about = { table: "pairs", room: pair.from, to: pair.to, kind: pair.boundary.kind };
  const low = (limited: boolean | undefined) => (limited ? ", at least" : "");
  return [
    { ...about, measure: "R'w, as configured", unit: "dB", value: pair.boundary.rw },
    { ...about, measure: "R'w, BR18's guidance", unit: "dB", value: pair.targetRw },
    { ...about, measure: `SPC${low(pair.spcLimited)}`, unit: "dB", value: pair.spc },
    { ...about, measure: "SPC, 95 % from", unit: "dB", value: pair.spcInterval?.[0] ?? null },
    { ...about, measure: "SPC, 95 % to", unit: "dB", value: pair.spcInterval?.[1] ?? null },
    { ...about, measure: "SPC class", value: pair.spcClass },
    ...OCTAVES_HZ.flatMap((hz, k): Row[] => [
      { ...about, measure: `LD ${hz} Hz${low(pair.ldLimited[k])}`, unit: "dB", value: pair.ld[k] ?? null },
      { ...about, measure: `LD ${hz} Hz, uncertainty`, unit: "dB", value: pair.ldSigma[k] ?? null },
    ]),
    { ...about, measure: "conversations behind LD", unit: "count", value: pair.episodes ?? notTold(why) },
    { ...about, measure: "days behind LD", unit: "count", value: pair.days ?? notTold(why) },
    ...Object.entries(pair.minutes ?? {}).map(
      ([hearing, minutes]): Row => ({ ...about, measure: `talk heard: ${hearing}`, unit: "min", value: minutes }),
    ),
    ...Object.entries(pair.shares ?? {}).map(
      ([hearing, share]): Row => ({ ...about, measure: `talk heard: ${hearing}`, unit: "%", value: amount(share) }),
    ),
    ...(pair.suppressed ? [{ ...about, measure: "talk heard", value: notTold(pair.suppressed) }] : []),
    { ...about, measure: "coverage", unit: "share", value: pair.coverage },
  ];
}

function comparisonRows({ comparison }: ReportView): Row[] {
  if (comparison === null) return [];
  const pairs = comparison.pairs.flatMap(({ from, to, changeDb, interval, verdict }): Row[] => {
    const about = { table: "comparison", room: from, to };
    return [
      { ...about, measure: "change of LD, earlier to later", unit: "dB", value: changeDb },
      { ...about, measure: "change, 95 % from", unit: "dB", value: interval?.[0] ?? null },
      { ...about, measure: "change, 95 % to", unit: "dB", value: interval?.[1] ?? null },
      { ...about, measure: "verdict", value: verdict },
    ];
  });
  return [
    { table: "comparison", measure: "from", value: comparison.from },
    { table: "comparison", measure: "to", value: comparison.to },
    ...pairs,
  ];
}

const cell = (value: string | number | null | undefined): string => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
