/** The report as one tidy table: a row per figure, RFC 4180. */
import type { ReportView } from "#protocol/api.ts";

const HEADER = ["table", "room", "kind", "hour", "measure", "unit", "value"] as const;
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
  return [...about, ...shared, ...rooms, ...hours, ...alerts];
}

const cell = (value: string | number | null | undefined): string => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
