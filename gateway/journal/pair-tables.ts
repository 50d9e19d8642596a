/** What was heard of rooms in other rooms, minute by minute, and what a day has shown of a boundary. Runs in the worker. */
import type { DatabaseSync } from "node:sqlite";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { PairDay, PairMinute } from "../detect/leakage/facts.ts";
import type { Decision } from "./journal.ts";
import { isSound } from "./schema.ts";

export function pairTables(db: DatabaseSync, silentRooms: ReadonlySet<RoomId>) {
  const writeMinute = db.prepare(
    `INSERT INTO pair_minute (t, "from", "to", json, sum) VALUES (?1, ?2, ?3, ?4, row_sum('pair_minute', ?1, ?2, ?3, ?4))
     ON CONFLICT DO UPDATE SET json = excluded.json, sum = excluded.sum`,
  );
  const writeDay = db.prepare(
    `INSERT INTO pair_day (day, "from", "to", json, sum) VALUES (?1, ?2, ?3, ?4, row_sum('pair_day', ?1, ?2, ?3, ?4))
     ON CONFLICT DO UPDATE SET json = excluded.json, sum = excluded.sum`,
  );
  const minutes = db.prepare(
    `SELECT json FROM pair_minute WHERE t >= ? AND t < ? AND ${isSound("pair_minute")} ORDER BY t, "from", "to"`,
  );
  const days = db.prepare(
    `SELECT json FROM pair_day WHERE day >= ? AND day < ? AND ${isSound("pair_day")} ORDER BY day, "from", "to"`,
  );
  const read = <T>(row: { json?: unknown }) => JSON.parse(String(row.json)) as T;

  return {
    recordPairs({ pairMinutes = [], pairDays = [] }: Decision): void {
      for (const minute of pairMinutes)
        if (!silentRooms.has(minute.from)) writeMinute.run(minute.t, minute.from, minute.to, JSON.stringify(minute));
      for (const day of pairDays) writeDay.run(day.day, day.from, day.to, JSON.stringify(day));
    },
    pairMinutes: (from: Millis, to: Millis) => minutes.all(from, to).map((row) => read<PairMinute>(row)),
    pairDays: (from: Millis, to: Millis) => days.all(from, to).map((row) => read<PairDay>(row)),
  };
}
