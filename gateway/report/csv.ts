/** The report as one tidy table: a row per figure, RFC 4180. */
import { OCTAVES_HZ } from "#protocol/acoustics/bands.ts";
import type { PairReport, ReportView } from "#protocol/api.ts";

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
    { table: "report", measure: "from", value: report.from },
    { table: "report", measure: "to", value: report.to },
    { table: "report", measure: "time zone", value: report.timeZone },
    { table: "report", measure: "software", value: report.software },
    { table: "report", measure: "coverage", unit: "share", value: report.coverage.overall },
    { table: "report", measure: "conclusive", value: report.coverage.conclusive ? "yes" : "no" },
  ];
  const shared: Row[] = [
    { table: "shared offices", measure: "conversations", unit: "count", value: report.sharedOffices.conversations },
    { table: "shared offices", measure: "in conversation", unit: "min", value: report.sharedOffices.minutes },
    {
      table: "shared offices",
      measure: "longest conversation",
      unit: "min",
      value: report.sharedOffices.longestMinutes,
    },
  ];
  const rooms = report.rooms.flatMap(({ id: room, kind, ...figures }): Row[] => [
    { table: "rooms", room, kind, measure: "conversations", unit: "count", value: figures.conversations },
    { table: "rooms", room, kind, measure: "in conversation", unit: "min", value: figures.minutes },
    { table: "rooms", room, kind, measure: "alerts", unit: "count", value: figures.alerts },
    { table: "rooms", room, kind, measure: "coverage", unit: "share", value: figures.coverage },
  ]);
  const hours = report.byKindAndHour.flatMap(({ kind, hour, conversations, minutes }): Row[] => [
    { table: "hours", kind, hour, measure: "conversations", unit: "count", value: conversations },
    { table: "hours", kind, hour, measure: "in conversation", unit: "min", value: minutes },
  ]);
  const alerts = report.alerts.flatMap(({ rule, fired, minutes, medianMinutes, longestMinutes }): Row[] => [
    { table: `alerts ${rule}`, measure: "fired", unit: "count", value: fired },
    { table: `alerts ${rule}`, measure: "lasted in all", unit: "min", value: minutes },
    { table: `alerts ${rule}`, measure: "lasted, median", unit: "min", value: medianMinutes },
    { table: `alerts ${rule}`, measure: "lasted, longest", unit: "min", value: longestMinutes },
  ]);
  const pairs = report.pairs.flatMap(pairRows);
  return [...about, ...shared, ...rooms, ...hours, ...alerts, ...pairs, ...comparisonRows(report)];
}

function pairRows(pair: PairReport): Row[] {
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
    { ...about, measure: "conversations behind LD", unit: "count", value: pair.episodes },
    { ...about, measure: "days behind LD", unit: "count", value: pair.days },
    ...Object.entries(pair.minutes).map(
      ([hearing, minutes]): Row => ({ ...about, measure: `talk heard: ${hearing}`, unit: "min", value: minutes }),
    ),
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
