/**
 * The one lane from stored readings to decisions: detect → alerts → journal → live views and deliveries.
 *
 * Every decision is recorded in one transaction with the state it was made from, so that a restart goes on from there
 * with the messages that came after: none is decided twice and none is lost. Nobody hears of a decision before it is
 * recorded.
 */
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import type { Site } from "#protocol/site.ts";
import type { Alert } from "./alerts/alert.ts";
import { type Decided, openAlerts } from "./alerts/step.ts";
import type { Clock } from "./clock.ts";
import type { LiveViews } from "./deliver/live-views.ts";
import { ordersFor } from "./deliver/orders.ts";
import { situations } from "./detect/conversation.ts";
import type { Episode, RoomFact } from "./detect/facts.ts";
import type { PairFact } from "./detect/leakage/facts.ts";
import { type KeptLeakage, keptLeakage, leaseUntil, pairsOf } from "./detect/leakage/state.ts";
import { HISTORICAL_AFTER_MS } from "./detect/rules.ts";
import { isInSumsAlone } from "./display/alerts.ts";
import { withheldRooms } from "./display/units.ts";
import type { DeviceNotice } from "./ingest/ingest.ts";
import { registryOf } from "./ingest/registry.ts";
import { type OnStored, storedReading } from "./ingest/stored-reading.ts";
import type { Decision, DeliveryOrder, Journal, Snapshot } from "./journal/journal.ts";
import { keepInParts, putTogether } from "./kept-parts.ts";
import {
  freeRooms,
  initialLane,
  type KeptLane,
  keptLane,
  type LaneInput,
  type LaneState,
  laneDue,
  laneRules,
  restoreLane,
  stepLane,
} from "./lane-state.ts";

export interface LaneOptions {
  readonly site: Site;
  readonly journal: Pick<Journal, "record" | "snapshot" | "messagesAfter">;
  readonly clock: Clock;
  /** `clock`: looks at the clock for what falls due. `data`: time passes with the readings alone, as in a replay. */
  readonly ticks?: "clock" | "data";
  readonly live?: LiveViews;
  /** Everything told is ordered for each of these; without any, as in a replay, nothing is. */
  readonly channels?: readonly string[];
  /** A device may publish `bands` until then. */
  readonly onLease?: (device: Id, until: Millis) => void;
  /** After each record: for the log, and to wake the outbox when there are `deliveries`. */
  readonly onRecorded?: (decision: Decision) => void;
  /** The journal did not take a decision; it is tried again, and nothing behind it passes. */
  readonly onTrouble?: (error: unknown) => void;
}

export interface Lane extends AsyncDisposable {
  readonly take: OnStored;
  /** A device's word on its connection; others are let pass. */
  notice(notice: DeviceNotice): void;
  /** One-second levels: used in memory, never recorded. */
  bands(device: Id, reading: Readings["bands"], at: Millis): void;
  /** Until when the device may publish `bands`. */
  leaseUntil(device: Id): Millis | undefined;
  acknowledge(alertId: string): void;
  /** Inputs taken and not yet decided and recorded. */
  pending(): number;
  /** Resolves when at most `most` are pending. */
  drained(most?: number): Promise<void>;
  /** The lane never asks for messages up to this id again: the journal may forget them. */
  keptThrough(): number;
}

export const SNAPSHOT = "lane";
/** What is known of the pairs: kept apart from the lane's state, since it is large and changes seldom. */
export const KNOWLEDGE = "leakage";
const KNOWLEDGE_EVERY_MS = 60_000;
/** Without a decision the state is kept this often, so that a restart has little to hear again. */
const SNAPSHOT_EVERY_MS = 5000;
const SNAPSHOT_EVERY_READINGS = 20_000;
/** Decided in one go, between two looks at the event loop. */
const RUN = 5000;
const TICK_MS = 1000;
const RETRY_MS = 1000;

export async function openLane(options: LaneOptions): Promise<Lane> {
  const { site, journal, clock, ticks = "clock", live, channels = [], onLease, onRecorded, onTrouble } = options;
  const rules = laneRules(site);
  const withheld = withheldRooms(site);
  const stop = new AbortController();
  let state: LaneState = initialLane(rules);
  let keeper = keepInParts();
  let through = 0;
  let kept = { through: 0, at: clock.now() };
  /** What is kept is not the state: something was decided that it does not hold, or it was kept by another process. */
  let isBehind = false;
  let knowledge = { changes: 0, at: clock.now() };
  let queue: LaneInput[] = [];
  let pending = 0;
  let working: Promise<void> | undefined;
  /** Closed with a journal that takes nothing: what is decided from now on is not recorded, and nobody hears of it. */
  let gaveUp = false;
  let watchers: { most: number; resolve: () => void }[] = [];

  /** Steps through a run of inputs and records what follows. */
  async function decide(inputs: readonly LaneInput[], before: readonly Decided[] = []): Promise<void> {
    const outcome: Outcome = { facts: [], pairFacts: [], decided: [...before], raised: [] };
    for (const input of inputs) {
      if (input.kind === "reading") through = input.reading.id;
      const { state: next, facts, pairFacts, decided, raised } = stepLane(state, input, rules);
      state = next;
      if (facts.length > 0) outcome.facts.push(...facts);
      if (pairFacts.length > 0) outcome.pairFacts.push(...pairFacts);
      if (decided.length > 0) outcome.decided.push(...decided);
      if (raised.length > 0) outcome.raised.push(...raised);
    }
    for (const fact of outcome.pairFacts) if (fact.kind === "lease") onLease?.(fact.device, fact.until);
    if (isToRecord(outcome) || isSnapshotDue()) await record(outcome);
    else tell(outcome);
    if (isKnowledgeDue()) await keepKnowledge();
  }

  const isSnapshotDue = () =>
    through - kept.through >= SNAPSHOT_EVERY_READINGS ||
    (ticks === "clock" && (isBehind || through > kept.through) && clock.now() - kept.at >= SNAPSHOT_EVERY_MS);

  async function record(outcome: Outcome): Promise<void> {
    const { facts, pairFacts, decided } = outcome;
    const deliveries = announce(decided);
    const throughId = through;
    // In recorded time seldom, and at the end: a replay that is broken off begins anew.
    const keeps = ticks === "clock" || stop.signal.aborted || isSnapshotDue();
    const decision: Decision = {
      episodes: episodesOf(facts),
      pairMinutes: pairFacts.flatMap((fact) => (fact.kind === "pair-minute" ? [fact.minute] : [])),
      pairDays: pairFacts.flatMap((fact) => (fact.kind === "pair-day" ? [fact.day] : [])),
      transitions: decided.map(({ transition }) => transition),
      deliveries,
      ...(ticks === "clock" && { enteredAt: clock.now() }),
    };
    const snapshot = () => ({ name: SNAPSHOT, throughId, ...keeper.keep(keptLane(state)) });
    if (!(await untilRecorded(decision, keeps ? snapshot : undefined))) return;
    if (keeps) kept = { through: throughId, at: clock.now() };
    isBehind = !keeps;
    tell(outcome);
    onRecorded?.(decision);
  }

  function tell({ facts, pairFacts, decided, raised }: Outcome): void {
    for (const fact of facts) if (fact.kind === "situation") live?.situation(fact.situation);
    for (const fact of pairFacts) {
      if (fact.kind === "pair") live?.pair(fact.situation);
      if (fact.kind === "pair-knowledge") live?.knowledge(fact.knowledge);
    }
    for (const { transition, notify } of decided) if (notify !== "historical") live?.alert(transition.alert);
    for (const alert of raised) live?.alert(alert);
  }

  /** In recorded time at the end alone: a replay that is broken off begins anew. */
  const isKnowledgeDue = () =>
    ticks === "clock" &&
    state.leakage.changes !== knowledge.changes &&
    clock.now() - knowledge.at >= KNOWLEDGE_EVERY_MS;

  async function keepKnowledge(): Promise<void> {
    knowledge = { changes: state.leakage.changes, at: clock.now() };
    const json = JSON.stringify(keptLeakage(state.leakage));
    await untilRecorded({ snapshot: { name: KNOWLEDGE, json, throughId: through } });
  }

  /** Orders for what is told singly: a firing while it is news, and the end of what was announced. */
  function announce(decided: readonly Decided[]): readonly DeliveryOrder[] {
    if (channels.length === 0 || decided.length === 0) return [];
    const now = clock.now();
    const announced = new Set(state.announced);
    const told = decided.filter(({ notify, transition: { at, alert } }) => {
      if (isInSumsAlone(alert, withheld)) return false;
      if (notify === "raised" && now - at <= HISTORICAL_AFTER_MS) return announced.add(alert.id);
      return notify === "resolved" && announced.delete(alert.id);
    });
    if (told.length === 0) return [];
    state = { ...state, announced: [...announced] };
    return ordersFor(told, channels, site, freeRooms(state, rules), now);
  }

  /**
   * False when the lane is closed before the journal takes it: then the next start decides it again. The snapshot is made
   * for each try: after one that has failed it is not known what the journal holds.
   */
  async function untilRecorded(decision: Decision, snapshot?: () => Snapshot): Promise<boolean> {
    while (!gaveUp) {
      try {
        await journal.record(snapshot ? { ...decision, snapshot: snapshot() } : decision);
        return true;
      } catch (error) {
        keeper.distrust();
        onTrouble?.(error);
        gaveUp = stop.signal.aborted;
        await clock.wait(RETRY_MS, stop.signal).catch(() => {});
      }
    }
    return false;
  }

  function put(input: LaneInput): void {
    queue.push(input);
    pending++;
    working ??= work();
  }

  async function work(): Promise<void> {
    // What arrives together is decided together.
    await Promise.resolve();
    while (queue.length > 0) {
      const inputs = queue;
      queue = [];
      for (let from = 0; from < inputs.length; from += RUN) {
        const run = inputs.slice(from, from + RUN);
        await decide(run);
        pending -= run.length;
        wakeWatchers();
        if (from + RUN < inputs.length) await new Promise(setImmediate);
      }
    }
    working = undefined;
  }

  function wakeWatchers(): void {
    const due = watchers.filter(({ most }) => pending <= most);
    if (due.length === 0) return;
    watchers = watchers.filter(({ most }) => pending > most);
    for (const { resolve } of due) resolve();
  }

  /** Readings in the queue bring the time themselves, so that the clock never passes them. */
  async function watchTheClock(): Promise<void> {
    while (!stop.signal.aborted) {
      const until = Math.min(TICK_MS, Math.max(50, laneDue(state) - clock.now()));
      await clock.wait(until, stop.signal).catch(() => {});
      const at = clock.now();
      if (pending === 0 && !stop.signal.aborted && (laneDue(state) <= at || isSnapshotDue())) put({ kind: "tick", at });
    }
  }

  /** What was stored after the last record is decided now as it would have been then. */
  async function resume(): Promise<void> {
    const snapshot = await journal.snapshot(SNAPSHOT);
    let restored: readonly Decided[] = [];
    if (snapshot !== undefined) {
      const known = await journal.snapshot(KNOWLEDGE);
      const { state: before, last } = putTogether(snapshot);
      const step = restoreLane(before as KeptLane, known && (JSON.parse(known.json) as KeptLeakage), rules);
      state = step.state;
      restored = step.decided;
      keeper = keepInParts(last);
      isBehind = true;
      through = snapshot.throughId;
      kept = { through, at: clock.now() };
      knowledge = { changes: state.leakage.changes, at: clock.now() };
    }
    if (restored.length > 0) await decide([], restored);
    const registry = registryOf(site);
    for (;;) {
      const messages = await journal.messagesAfter(through, RUN);
      if (messages.length === 0) break;
      const readings = messages.flatMap((message) => storedReading(message, registry) ?? []);
      await decide(readings.map((reading) => ({ kind: "reading", reading })));
      through = messages.at(-1)!.id;
    }
    await decide([{ kind: "start", at: clock.now() }]);
  }

  await resume();
  live?.begin(situations(state.detect), openAlerts(state.alerts), pairsOf(state.leakage, rules.leakage));
  const watching = ticks === "clock" ? watchTheClock() : undefined;

  return {
    take(messages) {
      for (const reading of messages) if (reading.id > through) put({ kind: "reading", reading });
    },
    notice({ kind, device, at, reading }) {
      if (kind === "status") put({ kind, device, at, boot: reading.boot, status: reading.status });
    },
    bands: (device, reading, at) => put({ kind: "bands", at, device, reading }),
    leaseUntil: (device) => leaseUntil(state.leakage, device, rules.leakage),
    acknowledge: (alert) => put({ kind: "acknowledge", at: clock.now(), alert }),
    pending: () => pending,
    drained: (most = 0) =>
      pending <= most ? Promise.resolve() : new Promise((resolve) => watchers.push({ most, resolve })),
    keptThrough: () => kept.through,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await watching;
      await working;
      if (through > kept.through || isBehind) await record({ facts: [], pairFacts: [], decided: [], raised: [] });
      if (state.leakage.changes !== knowledge.changes) await keepKnowledge();
    },
  };
}

/** What a run of inputs has led to. */
interface Outcome {
  readonly facts: RoomFact[];
  readonly pairFacts: PairFact[];
  readonly decided: Decided[];
  readonly raised: Alert[];
}

const isToRecord = ({ facts, pairFacts, decided }: Outcome): boolean =>
  facts.length > 0 || decided.length > 0 || pairFacts.some(({ kind }) => kind === "pair-minute" || kind === "pair-day");

/** The last word on each episode. */
function episodesOf(facts: readonly RoomFact[]): Episode[] {
  const episodes = new Map<string, Episode>();
  for (const fact of facts)
    if (fact.kind !== "situation") episodes.set(`${fact.episode.room} ${fact.episode.start}`, fact.episode);
  return [...episodes.values()];
}
