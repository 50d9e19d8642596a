/**
 * Which devices have been given a claim code, hold a credential, have had it taken away: `devices.db` in the data folder. The
 * gateway and the administrator's command open it both; what one writes the other sees within a quarter of a second.
 * In memory as a whole, so that a connection asks no disk.
 */
import { randomBytes } from "node:crypto";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AuditAction } from "#protocol/audit.ts";
import { CLAIM_BYTES, claimCodeOf } from "#protocol/enrolment.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { AuditEntry } from "../audit/entry.ts";
import { makeFolder } from "../folder.ts";
import { type Digest, digestOf, matches } from "../secret.ts";

/** How long a claim code is good for. */
export const CLAIM_MS: Millis = 7 * 24 * 3600_000;
const LOOK_MS = 250;
/** Another process that writes is done sooner. */
const BUSY_MS = 2000;

/** What a device holds. `revoked`: it held one, which was taken away. */
export type CredentialKind = "none" | "secret" | "certificate" | "revoked";

export interface Enrolment {
  readonly device: Id;
  readonly credential: CredentialKind;
  /** Since when it is so; null for `none`. */
  readonly since: Millis | null;
  /** Until when a claim code waits to be used. */
  readonly claimUntil: Millis | null;
}

/** Who does something: a person, the machine's command line, the device itself. */
export type Actor = Pick<AuditEntry, "actor" | "role">;

/** Something for the audit log. */
export interface DeviceDeed extends Actor {
  readonly seq: number;
  readonly at: Millis;
  readonly device: Id;
  readonly action: Extract<AuditAction, "device-claim-code" | "device-enrolled" | "device-revoked">;
}

export interface Change {
  readonly device: Id;
  readonly enrolment: Enrolment;
  /** The credential that its connections were let in with is no longer good. */
  readonly ends: boolean;
}

export interface DeviceBook extends Disposable {
  of(device: Id): Enrolment;
  /** A new claim code, which replaces an unused one; what the device holds stays good until the code is used. */
  offer(device: Id, by: Actor): { readonly code: string; readonly until: Millis };
  /** Takes away what the device holds, and its claim code; a certificate also where it was never seen. */
  revoke(device: Id, by: Actor): void;
  /** Uses a code up: from now on the device holds `secret`. */
  claim(device: Id, code: string, secret: string): boolean;
  accepts(device: Id, secret: string): boolean;
  /** A certificate that our authority has signed; one that was made before the device's last revocation is no longer good. */
  acceptsCertificate(device: Id, madeAt: Millis): boolean;
  /** Returns its own undo. */
  onChange(listener: (change: Change) => void): () => void;
  /** Those of any process that are not yet in the audit log, oldest first. */
  deedsToEnter(): DeviceDeed[];
  /** They are in the audit log through number `seq`. */
  entered(seq: number): void;
}

interface Row {
  readonly secret: Digest | null;
  readonly certificate: boolean;
  readonly since: Millis | null;
  readonly revokedAt: Millis | null;
  readonly claim: Digest | null;
  readonly claimUntil: Millis | null;
}

const NOBODY: Row = { secret: null, certificate: false, since: null, revokedAt: null, claim: null, claimUntil: null };

const SCHEMA = `
CREATE TABLE IF NOT EXISTS device (
  id TEXT PRIMARY KEY, secret BLOB, certificate INTEGER NOT NULL, since INTEGER, revokedAt INTEGER,
  claim BLOB, claimUntil INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS deed (
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, device TEXT NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL,
  role TEXT NOT NULL,  entered INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS toEnter ON deed (seq) WHERE entered = 0;`;

export interface DeviceBookOptions {
  readonly now: () => Millis;
  /** Looks for what other processes have written; a command that ends at once does not. */
  readonly watch?: boolean;
}

/** Opens or makes `devices.db` in `folder`. Throws SQLite's error. */
export function openDeviceBook(folder: string, { now, watch = false }: DeviceBookOptions): DeviceBook {
  makeFolder(folder);
  const path = join(folder, "devices.db");
  const db = new DatabaseSync(path, { timeout: BUSY_MS });
  chmodSync(path, 0o600);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${SCHEMA}`);
  const select = db.prepare("SELECT id, secret, certificate, since, revokedAt, claim, claimUntil FROM device");
  const selectOne = db.prepare(
    "SELECT secret, certificate, since, revokedAt, claim, claimUntil FROM device WHERE id = ?",
  );
  const put = db.prepare(
    `INSERT OR REPLACE INTO device (id, secret, certificate, since, revokedAt, claim, claimUntil) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const addDeed = db.prepare("INSERT INTO deed (at, device, action, actor, role) VALUES (?, ?, ?, ?, ?)");
  const selectDeeds = db.prepare(
    "SELECT seq, at, device, action, actor, role FROM deed WHERE entered = 0 ORDER BY seq",
  );
  const enter = db.prepare("UPDATE deed SET entered = 1 WHERE entered = 0 AND seq <= ?");
  const dataVersion = db.prepare("PRAGMA data_version");

  const listeners = new Set<(change: Change) => void>();
  let rows = readAll();
  let version = versionNow();

  function readAll(): Map<Id, Row> {
    return new Map((select.all() as unknown as SqlRow[]).map((row) => [row.id, rowOf(row)]));
  }

  /** Changes when another connection has written. */
  function versionNow(): number {
    return (dataVersion.get() as { data_version: number }).data_version;
  }

  function look(): void {
    const present = versionNow();
    if (present === version) return;
    version = present;
    const before = rows;
    rows = readAll();
    for (const [device, row] of rows) tell(device, before.get(device) ?? NOBODY, row);
  }

  function tell(device: Id, before: Row, after: Row): void {
    if (same(before, after)) return;
    const held = before.secret !== null || before.certificate;
    const ends = held && (!equal(before.secret, after.secret) || before.certificate !== after.certificate);
    const change = { device, enrolment: enrolmentOf(device, after, now()), ends };
    for (const listener of listeners) listener(change);
  }

  /** `next` of the row as it is in the file, where another process may just have changed it; undefined leaves it. */
  function write(
    device: Id,
    next: (row: Row) => Row | undefined,
    deed?: readonly [DeviceDeed["action"], Actor],
  ): boolean {
    db.exec("BEGIN IMMEDIATE");
    let changed: Row | undefined;
    try {
      const found = selectOne.get(device) as SqlRow | undefined;
      changed = next(found ? rowOf(found) : NOBODY);
      if (changed !== undefined) {
        const { secret, certificate, since, revokedAt, claim, claimUntil } = changed;
        put.run(device, secret, certificate ? 1 : 0, since, revokedAt, claim, claimUntil);
        if (deed) addDeed.run(now(), device, deed[0], deed[1].actor, deed[1].role);
      }
      db.exec("COMMIT");
    } catch (error) {
      db.exec("ROLLBACK");
      throw error;
    }
    if (changed === undefined) return false;
    const before = rows.get(device) ?? NOBODY;
    rows.set(device, changed);
    tell(device, before, changed);
    return true;
  }

  const timer = watch ? setInterval(look, LOOK_MS).unref() : undefined;
  const of = (device: Id) => rows.get(device) ?? NOBODY;
  return {
    of: (device) => enrolmentOf(device, of(device), now()),
    offer(device, by) {
      const code = claimCodeOf(randomBytes(CLAIM_BYTES));
      const until = now() + CLAIM_MS;
      write(device, (row) => ({ ...row, claim: digestOf(code), claimUntil: until }), ["device-claim-code", by]);
      return { code, until };
    },
    revoke(device, by) {
      const revokedAt = now();
      write(device, () => ({ ...NOBODY, revokedAt, since: revokedAt }), ["device-revoked", by]);
    },
    claim(device, code, secret) {
      const at = now();
      const fits = ({ claim, claimUntil }: Row) => matches(claim, code) && at < (claimUntil ?? 0);
      if (!fits(of(device))) look();
      // A wrong one takes no lock.
      if (!fits(of(device))) return false;
      // Of what came before, a certificate too is no longer good.
      const held = ({ certificate, secret: former, revokedAt }: Row): Row => ({
        ...NOBODY,
        secret: digestOf(secret),
        since: at,
        revokedAt: certificate || former !== null ? at : revokedAt,
      });
      return write(device, (row) => (fits(row) ? held(row) : undefined), ["device-enrolled", itself(device)]);
    },
    accepts: (device, secret) => matches(of(device).secret, secret),
    acceptsCertificate(device, madeAt) {
      const { certificate, revokedAt, secret } = of(device);
      if (revokedAt !== null && madeAt <= revokedAt) return false;
      // Noted once, so that it is listed, and can be taken away.
      if (!certificate && secret === null)
        write(device, (row) => ({ ...row, certificate: true, since: now() }), ["device-enrolled", itself(device)]);
      return true;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    deedsToEnter: () => selectDeeds.all() as unknown as DeviceDeed[],
    entered: (seq) => void enter.run(seq),
    [Symbol.dispose]() {
      clearInterval(timer);
      if (db.isOpen) db.close();
    },
  };
}

const itself = (device: Id): Actor => ({ actor: device, role: "device" });

type SqlRow = Omit<Row, "certificate"> & { readonly id: Id; readonly certificate: number };

const rowOf = ({ secret, certificate, since, revokedAt, claim, claimUntil }: SqlRow): Row => ({
  secret,
  certificate: certificate === 1,
  since,
  revokedAt,
  claim,
  claimUntil,
});

function enrolmentOf(device: Id, row: Row, now: Millis): Enrolment {
  const { since, claim, claimUntil } = row;
  const open = claim !== null && claimUntil !== null && now < claimUntil;
  return { device, credential: credentialOf(row), since, claimUntil: open ? claimUntil : null };
}

function credentialOf({ secret, certificate, revokedAt }: Row): CredentialKind {
  if (secret !== null) return "secret";
  if (certificate) return "certificate";
  return revokedAt === null ? "none" : "revoked";
}

const equal = (one: Digest | null, other: Digest | null): boolean =>
  one === other || (one !== null && other !== null && Buffer.compare(one, other) === 0);

const same = (one: Row, other: Row): boolean =>
  equal(one.secret, other.secret) &&
  equal(one.claim, other.claim) &&
  one.certificate === other.certificate &&
  one.since === other.since &&
  one.revokedAt === other.revokedAt &&
  one.claimUntil === other.claimUntil;
