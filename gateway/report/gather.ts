/** Reads what a report is made of from the journal and the history. */
import type { ReportView } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Site } from "#protocol/site.ts";
import type { History } from "../history/history.ts";
import type { Journal } from "../journal/journal.ts";
import { composeReport } from "./compose.ts";
import { softwareVersion } from "./version.ts";

/** Seconds that one `level` reading stands for. */
const SECONDS_PER_LEVEL = 10;

export interface ReportSources {
  readonly site: Site;
  readonly journal: Pick<Journal, "episodes" | "alerts">;
  readonly history: Pick<History, "select">;
}

export async function gatherReport({ site, journal, history }: ReportSources, period: Interval): Promise<ReportView> {
  const range = { from: period.from, to: period.until };
  const [episodes, alerts, hours] = await Promise.all([
    journal.episodes(range.from, range.to),
    journal.alerts(range),
    history.select({ measurement: "level_1h", tags: { site: site.site }, ...range }),
  ]);
  const measured = hours.map((point) => ({
    room: point.tags.room ?? "",
    t: point.t,
    seconds: Number(point.fields.n) * SECONDS_PER_LEVEL,
  }));
  return composeReport({ site, period, episodes, alerts, measured, software: softwareVersion });
}
