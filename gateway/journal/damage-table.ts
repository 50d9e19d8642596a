/** What was found damaged, with its raw bytes or the file that was set aside, for as long as quarantine keeps. Runs in the worker. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "#protocol/quantities.ts";
import type { Damage } from "./journal.ts";
import { isSound, tables } from "./schema.ts";

export function damageTable(db: DatabaseSync, folder: string) {
  const marks = tables.damage.columns.map((_, i) =>
    i === 0 ? "(SELECT coalesce(max(id), 0) + 1 FROM damage)" : `?${i}`,
  );
  const insert = db.prepare(
    `INSERT INTO damage (id, at, what, messages, records, file, raw, sum)
     VALUES (${marks.join(", ")}, row_sum('damage', ${marks.join(", ")}))`,
  );
  const list = db.prepare(
    `SELECT at, what, messages, records, file FROM damage WHERE ${isSound("damage")} ORDER BY id`,
  );
  const purge = db.prepare("DELETE FROM damage WHERE at < ? RETURNING file");
  let changed = true;
  return {
    /** All of it, when it is not what it was at the call before. */
    damageNews(): Damage[] | undefined {
      if (!changed) return undefined;
      changed = false;
      return list.all().map((row) => ({ ...row })) as unknown as Damage[];
    },
    noteDamage({ at, what, messages, records, file }: Damage, raw: Uint8Array | null): void {
      changed = true;
      insert.run(at, what, messages, records, file, raw);
    },
    purgeDamage(before: Millis): void {
      for (const { file } of purge.all(before)) {
        changed = true;
        if (typeof file !== "string") continue;
        for (const end of ["", "-wal"]) rmSync(join(folder, file + end), { force: true });
      }
    },
  };
}
