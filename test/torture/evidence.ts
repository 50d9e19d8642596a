/** What a gateway that has stopped has left behind: its journal and its history, and what follows from its readings. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Alert, Transition } from "#gateway/alerts/alert.ts";
import type { Decided } from "#gateway/alerts/step.ts";
import type { Point } from "#gateway/history/history.ts";
import { openHistory } from "#gateway/history/open.ts";
import { registryOf } from "#gateway/ingest/registry.ts";
import { storedReading } from "#gateway/ingest/stored-reading.ts";
import type { StoredMessage } from "#gateway/journal/journal.ts";
import { openJournal } from "#gateway/journal/open-journal.ts";
import { initialLane, type LaneInput, laneRules, stepLane } from "#gateway/lane-state.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import type { KeptDelivery, RunHistory } from "./run-history.ts";

type Evidence = Pick<RunHistory, "kept" | "received" | "points" | "alerts" | "transitions" | "expected" | "deliveries">;

/** `from` and `to` enclose every reading of the run. */
export async function gatherEvidence(
  data: string,
  history: string,
  site: Site,
  from: Millis,
  to: Millis,
): Promise<Evidence> {
  await using journal = await openJournal(data, { readOnly: true });
  const messages: StoredMessage[] = [];
  for (let more = await journal.messagesAfter(0, 50_000); more.length > 0; ) {
    messages.push(...more);
    more = await journal.messagesAfter(more.at(-1)!.id, 50_000);
  }
  return {
    kept: messages.map(({ payload, ...row }) => ({ ...row, payload: Buffer.from(payload).toString("utf8") })),
    received: site.devices.flatMap(({ id }) => journal.received(id)),
    points: await pointsIn(history, site, from, to),
    alerts: await journal.alerts({ from: 0, to }),
    transitions: transitionsIn(data),
    expected: decidedWithoutKills(site, messages, from, to),
    deliveries: deliveriesIn(data),
  };
}

const RAW = ["level", "presence", "spectrum", "health"] as const;

async function pointsIn(url: string, site: Site, from: Millis, to: Millis): Promise<Point[]> {
  await using history = await openHistory(url);
  const points: Point[] = [];
  for (const measurement of RAW)
    for (const { id: device } of site.devices)
      points.push(...(await history.select({ measurement, tags: { device }, from, to })));
  return points;
}

/** The journal's port tells only of what is due. */
export const deliveriesIn = (data: string): KeptDelivery[] =>
  rowsOf<KeptDelivery>(data, "SELECT key, body, outcome FROM delivery");

/** Those too whose alert is not there, which the journal's port never shows. */
const transitionsIn = (data: string): Transition[] =>
  rowsOf<{ to: Transition["to"]; at: Millis; json: string }>(
    data,
    `SELECT "to", at, json FROM transition ORDER BY at, instr('pending firing acknowledged resolved', "to")`,
  ).map(({ to, at, json }) => ({ to, at, alert: JSON.parse(json) as Alert }));

function rowsOf<Row>(data: string, question: string): Row[] {
  using db = new DatabaseSync(join(data, "journal.db"), { readOnly: true });
  return db.prepare(question).all() as Row[];
}

function decidedWithoutKills(site: Site, messages: readonly StoredMessage[], from: Millis, to: Millis): Decided[] {
  const rules = laneRules(site);
  const registry = registryOf(site);
  let state = initialLane(rules);
  const decided: Decided[] = [];
  const take = (input: LaneInput) => {
    const step = stepLane(state, input, rules);
    state = step.state;
    decided.push(...step.decided);
  };
  take({ kind: "start", at: from });
  for (const message of messages) {
    const reading = storedReading(message, registry);
    if (reading !== undefined) take({ kind: "reading", reading });
  }
  take({ kind: "tick", at: to });
  return decided;
}
