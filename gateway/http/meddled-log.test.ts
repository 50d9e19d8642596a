/**
 * Somebody who may write the gateway's database, and knows how its rows and hashes are made, meddles with the audit log. What
 * the gateway exports afterwards is found out by a checkpoint that was kept elsewhere, or by the chain alone.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ChainedEntry, hashOf } from "../audit/chain.ts";
import { type Checkpoint, checkpointOf, publicKeyOf } from "../audit/checkpoint.ts";
import { deed, key, person, T } from "../audit/log.fixture.ts";
import { verifier } from "../audit/verify.ts";
import { handClock } from "../clock.ts";
import { readConfig } from "../config.ts";
import { openJournal } from "../journal/open-journal.ts";
import { registerSums } from "../journal/row-sum.ts";
import { auditExport } from "./audit-log.ts";

let folder: string;
let kept: Checkpoint;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-meddled-"));
  await using journal = await openJournal(folder);
  await Promise.all(Array.from({ length: 20 }, (_, n) => journal.audit(deed(n))));
  kept = checkpointOf(await journal.auditHead(), "jobcentre", T, key);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const columns = ["seq", "at", "actor", "role", "action", "object", "scope", "reason", "count", "previous", "hash"];
const all = columns.map((column) => `"${column}"`).join(", ");

function meddle(change: (db: DatabaseSync) => void): void {
  using db = new DatabaseSync(join(folder, "journal.db"));
  registerSums(db, () => {});
  change(db);
  db.exec(`UPDATE audit SET sum = row_sum('audit', ${all})`);
}

/** Every hash from the first entry on. */
function rehash(db: DatabaseSync): void {
  let previous = "0".repeat(64);
  for (const row of db.prepare(`SELECT ${all} FROM audit ORDER BY seq`).all()) {
    const { at, reason, hash: _, ...said } = row as Record<string, string | number | null>;
    const entry = { ...said, time: new Date(Number(at)).toISOString(), previous, ...(reason !== null && { reason }) };
    previous = hashOf(entry as unknown as ChainedEntry);
    db.prepare("UPDATE audit SET previous = ?, hash = ? WHERE seq = ?").run(entry.previous, previous, row.seq!);
  }
}

async function verdict(checkpoints: readonly Checkpoint[]) {
  await using journal = await openJournal(folder);
  const { site } = readConfig({});
  const parts = { journal, site, clock: handClock(T), audit: { publicKey: publicKeyOf(key), latest: () => null } };
  const verifying = verifier(checkpoints, [publicKeyOf(key)]);
  let text = "";
  for await (const lines of await auditExport(parts, person("dpo", ["dpo"]))) text += lines;
  for (const line of text.trimEnd().split("\n")) verifying.line(line);
  const { sound, faults } = verifying.finish();
  return [sound, ...faults.map(({ kind, entry }) => `${kind} ${entry}`)];
}

it("untouched it is sound", async () => expect(await verdict([kept])).toEqual([true]));

it.each<[string, (db: DatabaseSync) => void, string]>([
  ["changed", (db) => db.exec("UPDATE audit SET actor = 'p-0000' WHERE seq = 7"), "changed 7"],
  ["deleted", (db) => db.exec("DELETE FROM audit WHERE seq = 7"), "missing 7"],
  [
    "exchanged with another",
    (db) => db.exec("UPDATE audit SET seq = -seq WHERE seq IN (7, 8); UPDATE audit SET seq = 15 + seq WHERE seq < 0"),
    "changed 7",
  ],
])("an entry that was %s is named, also without a checkpoint", async (_what, change, fault) => {
  meddle(change);
  expect(await verdict([])).toEqual([false, fault]);
});

it.each<[string, (db: DatabaseSync) => void, string]>([
  // Gone on with by the two exports.
  ["cut off and gone on with", (db) => db.exec("DELETE FROM audit WHERE seq > 12"), "truncated 15"],
  [
    "written anew with one entry less",
    (db) => {
      db.exec("DELETE FROM audit WHERE seq = 7");
      db.exec("UPDATE audit SET seq = -seq WHERE seq > 7; UPDATE audit SET seq = -seq - 1 WHERE seq < 0");
      rehash(db);
    },
    "rewritten 1",
  ],
  [
    "written anew with another entry",
    (db) => {
      db.exec("UPDATE audit SET actor = 'p-0000' WHERE seq = 7");
      rehash(db);
    },
    "rewritten 1",
  ],
])("%s, the log looks sound by itself, and not to who has kept a checkpoint", async (_what, change, fault) => {
  meddle(change);
  expect(await verdict([])).toEqual([true]);
  expect(await verdict([kept])).toEqual([false, fault]);
});
