/**
 * Episodes, alerts, deliveries and snapshots: what follows from the messages. Runs in the worker; its rows, which have no
 * prototype, become ordinary objects on their way to the asker.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Millis } from "#protocol/quantities.ts";
import type { Alert, Transition } from "../alerts/alert.ts";
import { alertOpened } from "../audit/alert-opened.ts";
import type { AuditEntry } from "../audit/entry.ts";
import type { Episode } from "../detect/facts.ts";
import type { Decision, DeliveryOrder, KeptSnapshot, PendingDelivery, Snapshot } from "./journal.ts";
import { rowSum } from "./row-sum.ts";
import { isSound } from "./schema.ts";

export function decisionTable(
  db: DatabaseSync,
  recordPairs: (decision: Decision) => void,
  enter: (entry: AuditEntry) => void,
) {
  const writeEpisode = episodeWriter(db);
  const writeTransition = transitionWriter(db);
  const writeDelivery = db.prepare(
    `INSERT INTO delivery (key, channel, body, created_at, attempts, next_attempt_at, sum)
     VALUES (?1, ?2, ?3, ?4, 0, ?4, row_sum('delivery', ?1, ?2, ?3, ?4, 0, ?4, NULL)) ON CONFLICT DO NOTHING`,
  );
  const { writeSnapshot, snapshot } = snapshots(db);
  const order = ({ key, channel, body, createdAt }: DeliveryOrder) => writeDelivery.run(key, channel, body, createdAt);

  return {
    record(decision: Decision): void {
      const { episodes = [], transitions = [], deliveries = [], enteredAt } = decision;
      for (const episode of episodes) writeEpisode(episode);
      for (const transition of transitions)
        if (writeTransition(transition) && transition.to === "firing" && enteredAt !== undefined)
          enter(alertOpened(transition.alert, enteredAt));
      for (const delivery of deliveries) order(delivery);
      recordPairs(decision);
      if (decision.snapshot) writeSnapshot(decision.snapshot);
    },
    snapshot,
    ...reads(db),
    ...deliveries(db),
  };
}

/** What has ended stays ended, whatever is recorded again; a later end replaces an earlier one. */
function episodeWriter(db: DatabaseSync): (episode: Episode) => void {
  const upsert = db.prepare(
    `INSERT INTO episode (room, start, "end", hint, sum) VALUES (?1, ?2, ?3, ?4, row_sum('episode', ?1, ?2, ?3, ?4))
     ON CONFLICT (room, start) DO UPDATE SET "end" = excluded."end", hint = excluded.hint, sum = excluded.sum
     WHERE episode."end" IS NULL OR excluded."end" > episode."end"`,
  );
  return ({ room, start, end, hint }) => upsert.run(room, start, end, hint);
}

/** Answers whether it was new. The alert follows only transitions that were not there before, so that one recorded again does not turn it back. */
function transitionWriter(db: DatabaseSync): (transition: Transition) => boolean {
  const insert = db.prepare(
    `INSERT INTO transition (alert, "to", at, json, sum) VALUES (?1, ?2, ?3, ?4, row_sum('transition', ?1, ?2, ?3, ?4))
     ON CONFLICT DO NOTHING`,
  );
  const upsertAlert = db.prepare(
    `INSERT INTO alert (id, started_at, resolved_at, json, sum) VALUES (?1, ?2, ?3, ?4, row_sum('alert', ?1, ?2, ?3, ?4))
     ON CONFLICT (id) DO UPDATE SET resolved_at = excluded.resolved_at, json = excluded.json, sum = excluded.sum`,
  );
  return ({ to, at, alert }) => {
    const json = JSON.stringify(alert);
    if (insert.run(alert.id, to, at, json).changes === 0) return false;
    upsertAlert.run(alert.id, alert.startedAt, alert.resolvedAt, json);
    return true;
  };
}

/** A snapshot is a row under its name, and each of its parts one under name/number. */
function snapshots(db: DatabaseSync) {
  const write = db.prepare(
    `INSERT INTO snapshot (name, json, through_id, sum) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET json = excluded.json, through_id = excluded.through_id, sum = excluded.sum`,
  );
  const drop = db.prepare("DELETE FROM snapshot WHERE name = ?");
  // "0" comes after "/".
  const areParts = "name > ?1 || '/' AND name < ?1 || '0'";
  const dropParts = db.prepare(`DELETE FROM snapshot WHERE ${areParts}`);
  const read = db.prepare(
    `SELECT json, through_id AS throughId FROM snapshot WHERE name = ? AND ${isSound("snapshot")}`,
  );
  const readParts = db.prepare(`SELECT name, json FROM snapshot WHERE ${areParts} AND ${isSound("snapshot")}`);
  /** Names of those that were recorded whole through this connection: of no others is it known which parts there are. */
  const whole = new Set<string>();
  // The sum is computed here: a call from SQL would cost more than a part's row.
  const put = (name: string, json: string, throughId: number) =>
    write.run(name, json, throughId, rowSum("snapshot", [name, json, throughId]));

  return {
    writeSnapshot({ name, json, throughId, parts = [], dropped }: Snapshot): void {
      if (dropped === undefined) dropParts.run(name);
      else if (!whole.has(name)) throw new Error(`snapshot ${name}: the parts that it builds on may not all be there`);
      whole.add(name);
      for (const number of dropped ?? []) drop.run(`${name}/${number}`);
      for (const [number, part] of parts) put(`${name}/${number}`, part, throughId);
      put(name, json, throughId);
    },
    snapshot(name: string): KeptSnapshot | undefined {
      const row = read.get(name) as Omit<KeptSnapshot, "parts"> | undefined;
      const partOf = (part: { name?: unknown; json?: unknown }) =>
        [Number(String(part.name).slice(name.length + 1)), String(part.json)] as const;
      return row && { ...row, parts: readParts.all(name).map(partOf) };
    },
  };
}

function reads(db: DatabaseSync) {
  const overlapping = `FROM episode WHERE start < :to AND (start >= :from OR "end" IS NULL OR "end" > :from)`;
  const soundEpisodes = db.prepare(
    `SELECT room, start, "end", hint ${overlapping} AND ${isSound("episode")} ORDER BY start, room`,
  );
  const allEpisodes = db.prepare(`SELECT sum, room, start, "end", hint ${overlapping} ORDER BY start, room`);
  allEpisodes.setReturnArrays(true);
  const openAlerts = db.prepare(
    `SELECT json FROM alert WHERE resolved_at IS NULL AND ${isSound("alert")} ORDER BY started_at, id`,
  );
  const alerts = db.prepare(
    `SELECT json FROM alert WHERE started_at < :to AND (started_at >= :from OR resolved_at IS NULL OR resolved_at > :from)
       AND ${isSound("alert")} ORDER BY started_at, id`,
  );
  // A transition has no number of its own: time orders them, and the order of the states those of one moment.
  const transitions = db.prepare(
    `SELECT "to", at, json FROM transition WHERE alert = ? AND ${isSound("transition")}
     ORDER BY at, instr('pending firing acknowledged resolved', "to")`,
  );
  const alertOf = (row: { json?: unknown }) => JSON.parse(String(row.json)) as Alert;

  return {
    /** Of a year there are 100,000: their sums are compared here, unless one does not fit and is to be told of. */
    episodes(from: Millis, to: Millis): Episode[] {
      const rows = valuesOf(allEpisodes, { from, to });
      if (!rows?.every(([sum, ...values]) => rowSum("episode", values) === sum))
        return soundEpisodes.all({ from, to }) as unknown as Episode[];
      return rows.map(([_sum, room, start, end, hint]) => ({ room, start, end, hint }) as Episode);
    },
    alerts: (range?: { from: Millis; to: Millis }) => (range ? alerts.all(range) : openAlerts.all()).map(alertOf),
    transitions: (alertId: string) =>
      transitions.all(alertId).map((row) => ({ to: row.to, at: row.at, alert: alertOf(row) })) as Transition[],
  };
}

/** Undefined where a damaged number is beyond what a number holds. */
function valuesOf(statement: StatementSync, range: { from: Millis; to: Millis }): SQLInputValue[][] | undefined {
  try {
    return statement.all(range) as unknown as SQLInputValue[][];
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_OUT_OF_RANGE") return undefined;
    throw error;
  }
}

function deliveries(db: DatabaseSync) {
  const due = db.prepare(
    `SELECT key, channel, body, created_at AS createdAt, attempts, next_attempt_at AS nextAttemptAt FROM delivery
     WHERE outcome IS NULL AND next_attempt_at <= ? AND ${isSound("delivery")} ORDER BY next_attempt_at, created_at, key LIMIT ?`,
  );
  const unsettled = `WHERE key = ?1 AND outcome IS NULL AND ${isSound("delivery")}`;
  const finish = db.prepare(
    `UPDATE delivery SET outcome = ?2, attempts = attempts + 1,
       sum = row_sum('delivery', key, channel, body, created_at, attempts + 1, next_attempt_at, ?2) ${unsettled}`,
  );
  const postpone = db.prepare(
    `UPDATE delivery SET next_attempt_at = ?2, attempts = attempts + 1,
       sum = row_sum('delivery', key, channel, body, created_at, attempts + 1, ?2, outcome) ${unsettled}`,
  );
  return {
    dueDeliveries: (now: Millis, limit: number) => due.all(now, limit) as unknown as PendingDelivery[],
    settleDelivery(key: string, outcome: "done" | "given-up" | { readonly nextAttemptAt: Millis }): void {
      if (typeof outcome === "string") finish.run(key, outcome);
      else postpone.run(key, outcome.nextAttemptAt);
    },
  };
}
