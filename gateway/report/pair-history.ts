/** One ordered pair's past: minutes of talk and what was heard of them, what each day has shown of the boundary, the background. */
import { Hearing, type PairHistoryView } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Sight } from "../display/sight.ts";
import type { Measurement } from "../history/measurements.ts";
import { noiseByHour } from "./background.ts";
import { groupedPairHistory, type PairHistorySources } from "./grouped-pair-history.ts";
import { localHours } from "./local-hours.ts";
import { dayIn, minutesOf, type Pair, targetOf } from "./pairs.ts";

/** As `sight` may see it. Throws PeriodError where it sees whole days that are over, and the period touches none. */
export async function pairHistory(
  sources: PairHistorySources,
  pair: Pair,
  period: Interval,
  sight: Sight,
): Promise<PairHistoryView> {
  return sight.reach === "all" ? exactHistory(sources, pair, period) : groupedPairHistory(sources, pair, period, sight);
}

async function exactHistory(
  { site, history }: PairHistorySources,
  pair: Pair,
  period: Interval,
): Promise<PairHistoryView> {
  const { from, to } = pair;
  const select = (measurement: Measurement, tags: Readonly<Record<string, string>>, fields?: readonly string[]) =>
    history.select({
      measurement,
      tags: { site: site.site, ...tags },
      from: period.from,
      to: period.until,
      ...(fields && { fields }),
    });
  const tags = { from: from.id, to: to.id };
  const [minutes, days, hours] = await Promise.all([
    isSilent(from) ? [] : select("leak", tags, ["snr", "sii5"]),
    select("boundary", tags),
    select("background_1h", { room: to.id }),
  ]);
  return {
    from: from.id,
    to: to.id,
    targetRw: targetOf(pair),
    period: { from: iso(period.from), to: iso(period.until) },
    minutes: {
      t: minutes.map(({ t }) => t),
      hearing: minutes.map(({ fields }) => Hearing.safeParse(fields.hearing).data ?? null),
      snr: minutes.map(({ fields }) => numberOf(fields.snr)),
      sii5: minutes.map(({ fields }) => numberOf(fields.sii5)),
    },
    byHearing: minutesOf(pair, minutes),
    shares: null,
    suppressed: isSilent(from) ? "one-person" : null,
    noiseByHour: noiseByHour(hours, localHours(site.timeZone)),
    days: days.map((point) => {
      const { episodes, ld, sigma, bound } = dayIn(point);
      return { day: iso(point.t), episodes, ld: [...ld], sigma: [...sigma], bound: [...bound] };
    }),
  };
}

const iso = (ms: number): string => new Date(ms).toISOString();
const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);
