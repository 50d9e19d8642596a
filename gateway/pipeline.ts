/**
 * From a device's message to what is known of the site, without a network: ingest → journal → history, and the lane of
 * decisions. A gateway puts a broker before it and HTTP behind it; a replay feeds it recorded time.
 */
import type { StatusView } from "#protocol/api.ts";
import { assertBudget, type Budget, informationBudget } from "#protocol/budget.ts";
import { isSilent } from "#protocol/site.ts";
import { type Delivery, delivery, topicFor } from "#protocol/topics.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createLiveViews, type LiveViews } from "./deliver/live-views.ts";
import { statusView } from "./deliver/status-view.ts";
import { startStatusWatch } from "./deliver/status-watch.ts";
import { type Forwarder, startForwarder } from "./history/forwarder.ts";
import { type History, HistoryError, TypeConflict } from "./history/history.ts";
import { openHistory } from "./history/open.ts";
import { whereaboutsIn } from "./history/points.ts";
import { type RetentionKeeper, startRetention } from "./history/retention.ts";
import { type Rollups, startRollups } from "./history/rollups.ts";
import { createIngest, type Ingest } from "./ingest/ingest.ts";
import type { Decision, Journal } from "./journal/journal.ts";
import { openJournal } from "./journal/open-journal.ts";
import { type Lane, openLane } from "./lane.ts";
import type { Log } from "./log.ts";

export interface PipelineOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** Says something to a device. */
  readonly publish: (topic: string, payload: string, delivery: Delivery) => void;
  /** `data`: recorded time, in which nothing is told to anybody. */
  readonly time: "clock" | "data";
  readonly onRecorded?: (decision: Decision) => void;
}

export interface Pipeline extends AsyncDisposable {
  readonly budget: Budget;
  readonly journal: Journal;
  readonly history: History;
  readonly forwarder: Forwarder;
  readonly rollups: Rollups;
  readonly retention: RetentionKeeper;
  readonly live: LiveViews;
  readonly lane: Lane;
  readonly ingest: Ingest;
  /** How the gateway itself is, now. */
  status(): StatusView;
  /** Resolves when everything taken in so far is decided, stored in history and rolled up. */
  settled(): Promise<void>;
}

export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { config, clock, log, publish, time, onRecorded } = options;
  const { site } = config;
  const budget = informationBudget();
  assertBudget(budget);

  await using opening = new AsyncDisposableStack();
  const journal = opening.use(
    await openJournal(config.data, { silentRooms: site.rooms.filter(isSilent).map(({ id }) => id) }),
  );
  const history = opening.use(openHistory(config.history, { token: config.historyToken }));
  await prepare(history);
  const rollups = opening.use(await startRollups({ journal, history, clock }));
  const forwarder = opening.use(
    await startForwarder({ journal, history, clock, site: site.site, whereIs: whereaboutsIn(site), follower: rollups }),
  );
  const retention = opening.use(await startRetention({ journal, history, clock, rollups, forwarder }));
  const live = createLiveViews({ site, startedAt: clock.now(), devices: () => ingest.fleet.views(clock.now()) });
  const status = () => statusView(forwarder.status(), journal.health());
  const watch = opening.use(startStatusWatch(clock, status, live.status));
  forwarder.onChange((changed) => {
    log.forwarder(changed);
    watch.look();
  });

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
        if (time === "clock") log.decision(decision);
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
    retention,
    live,
    lane,
    ingest,
    status,
    async settled() {
      await lane.drained();
      await forwarder.drain();
      await rollups.settle();
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** A database that is away is prepared by the forwarder when it is back; one of other types would never take a point. */
async function prepare(history: History): Promise<void> {
  try {
    await history.prepare();
  } catch (error) {
    if (error instanceof TypeConflict || !(error instanceof HistoryError)) throw error;
  }
}
