/**
 * From a device's message to what is known of the site, without a network: ingest → journal → history, and the lane of
 * decisions. A gateway puts a broker before it and HTTP behind it; a replay feeds it recorded time.
 */

import type { StatusView } from "#protocol/api.ts";
import { assertBudget, type Budget, informationBudget } from "#protocol/budget.ts";
import type { Millis } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import { type Delivery, delivery, topicFor } from "#protocol/topics.ts";
import type { Transition } from "./alerts/alert.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createLiveViews, type LiveViews } from "./deliver/live-views.ts";
import { statusView } from "./deliver/status-view.ts";
import { startStatusWatch } from "./deliver/status-watch.ts";
import { isInSumsAlone } from "./display/alerts.ts";
import { withheldRooms } from "./display/units.ts";
import { type Archive, openArchive } from "./history/archive.ts";
import { startArchive } from "./history/archive-thread.ts";
import type { History } from "./history/history.ts";
import { openHistory } from "./history/open.ts";
import { whereaboutsIn } from "./history/points.ts";
import { createIngest, type Ingest } from "./ingest/ingest.ts";
import type { Decision, Journal } from "./journal/journal.ts";
import { openJournal } from "./journal/open-journal.ts";
import { type Lane, openLane } from "./lane.ts";
import type { Log } from "./log.ts";

export interface PipelineOptions {
  readonly config: Config;
  /** Of the settings' folder, closed by who opened it; without one the pipeline has one of its own. */
  readonly journal?: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** Says something to a device. */
  readonly publish: (topic: string, payload: string, delivery: Delivery) => void;
  /** `data`: recorded time, in which nothing is told to anybody. */
  readonly time: "clock" | "data";
  /** Whether readings of this time are taken; without it those of any. */
  readonly measures?: ((t: Millis) => boolean) | undefined;
  readonly onRecorded?: (decision: Decision) => void;
}

export interface Pipeline extends AsyncDisposable {
  readonly budget: Budget;
  readonly journal: Journal;
  /** For those who read; writing is the archive's. */
  readonly history: History;
  readonly forwarder: Archive["forwarder"];
  readonly rollups: Archive["rollups"];
  readonly live: LiveViews;
  readonly lane: Lane;
  readonly ingest: Ingest;
  /** How the gateway itself is, now. */
  status(): StatusView;
  /** Resolves when everything taken in so far is decided, stored in history and rolled up. */
  settled(): Promise<void>;
}

export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { config, clock, log, publish, time, measures, onRecorded } = options;
  const { site, retention } = config;
  const budget = informationBudget();
  assertBudget(budget);

  await using opening = new AsyncDisposableStack();
  const journal = options.journal ?? opening.use(await openJournal(config.data));
  await journal.silence(site.rooms.filter(isSilent).map(({ id }) => id));
  for (const damage of journal.damage()) log.damage(damage);
  journal.onHealth((health) => log.journal(health));
  journal.onDamage((damage) => log.damage(damage));
  const history = opening.use(await openHistory(config.history, { token: config.historyToken, retention }));
  const archive = opening.use(
    time === "clock"
      ? await startArchive({ journal, site, url: config.history, token: config.historyToken, retention })
      : await openArchive({ journal, history, clock, site: site.site, whereIs: whereaboutsIn(site), retention }),
  );
  const { forwarder, rollups } = archive;

  const live = createLiveViews({ site, startedAt: clock.now(), devices: () => ingest.fleet.views(clock.now()) });
  const status = () => statusView(forwarder.status(), journal.health());
  const watch = opening.use(startStatusWatch(clock, status, live.status));
  forwarder.onChange((changed) => {
    log.forwarder(changed);
    watch.look();
  });
  journal.onHealth(watch.look);

  const withheld = withheldRooms(site);
  const isToldSingly = ({ alert }: Transition) => !isInSumsAlone(alert, withheld);
  const lane = opening.use(
    await openLane({
      site,
      journal,
      clock,
      // In recorded time nobody watches: who opens the gateway afterwards begins with what is kept.
      ...(time === "clock" && { live }),
      ticks: time,
      channels: time === "clock" ? Object.keys(config.webhooks) : [],
      onLease(device, until) {
        publish(topicFor(site.site, device, "lease"), JSON.stringify({ until }), delivery.lease);
      },
      onRecorded: (decision) => {
        if (time === "clock")
          log.decision({ ...decision, transitions: decision.transitions?.filter(isToldSingly) ?? [] });
        onRecorded?.(decision);
      },
      onTrouble: (error) => log.trouble("a decision could not be recorded; trying again", error),
    }),
  );
  const ingest: Ingest = opening.use(
    createIngest({
      site,
      journal,
      clock,
      publish,
      onStored: lane.take,
      onDevice: lane.notice,
      onDeviceView: live.device,
      onBands: lane.bands,
      ...(measures && { measures }),
      // What was recorded was said under the leases of its time.
      leaseUntil: time === "clock" ? lane.leaseUntil : () => Number.POSITIVE_INFINITY,
    }),
  );

  const closing = opening.move();
  return {
    budget,
    journal,
    history,
    forwarder,
    rollups,
    live,
    lane,
    ingest,
    status,
    async settled() {
      await lane.drained();
      await archive.settle();
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
