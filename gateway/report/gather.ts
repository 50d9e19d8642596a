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
const HOUR = 3_600_000;

export interface ReportSources {
  readonly site: Site;
  readonly journal: Pick<Journal, "episodes" | "alerts">;
  readonly history: Pick<History, "select">;
}

export async function gatherReport({ site, journal, history }: ReportSources, period: Interval): Promise<ReportView> {
  const [episodes, alerts, rollups] = await Promise.all([
    journal.episodes(period.from, period.until),
    journal.alerts({ from: period.from, to: period.until }),
    Promise.all(
      spans(period).map(({ measurement, from, until }) =>
        history.select({ measurement, tags: { site: site.site }, from, to: until }),
      ),
    ),
  ]);
  const measured = rollups.flat().map((point) => ({
    room: point.tags.room ?? "",
    seconds: Number(point.fields.n) * SECONDS_PER_LEVEL,
  }));
  return composeReport({ site, period, episodes, alerts, measured, software: softwareVersion });
}

/** Whole hours from the hourly rollups; what lies beside them, and the last hour, which may be incomplete, by minutes. */
function spans({ from, until }: Interval): (Interval & { measurement: "level_1m" | "level_1h" })[] {
  const first = Math.min(until, Math.ceil(from / HOUR) * HOUR);
  const last = Math.max(first, Math.floor(until / HOUR) * HOUR - HOUR);
  return [
    { measurement: "level_1m" as const, from, until: first },
    { measurement: "level_1h" as const, from: first, until: last },
    { measurement: "level_1m" as const, from: last, until },
  ].filter((span) => span.from < span.until);
}
