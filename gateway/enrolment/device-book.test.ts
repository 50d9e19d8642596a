import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Actor, type Change, CLAIM_MS, type DeviceBook, openDeviceBook } from "./device-book.ts";

const T = 1_780_000_000_000;
const SECRET = "s".repeat(43);
const SOMEBODY: Actor = { actor: "somebody", role: "it-admin" };
const ANOTHER: Actor = { actor: "another", role: "it-admin" };
const OTHER = "o".repeat(43);

let folder: string;
let book: DeviceBook;
let now = T;
const open = (watch = false) => openDeviceBook(folder, { now: () => now, watch });
beforeEach(() => {
  now = T;
  folder = mkdtempSync(join(tmpdir(), "fortrolig-devices-"));
  book = open();
});
afterEach(() => {
  book[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

describe("a claim code", () => {
  it("gives its device, once, the secret that comes with it", () => {
    const { code, until } = book.offer("k1", SOMEBODY);
    expect(book.of("k1")).toEqual({ device: "k1", credential: "none", since: null, claimUntil: until });
    expect([book.claim("k2", code, SECRET), book.claim("k1", "0000-0000-0000-0000", SECRET)]).toEqual([false, false]);
    now += 5;
    expect([book.claim("k1", code, SECRET), book.claim("k1", code, OTHER)]).toEqual([true, false]);
    expect(book.of("k1")).toEqual({ device: "k1", credential: "secret", since: T + 5, claimUntil: null });
    expect([book.accepts("k1", SECRET), book.accepts("k1", OTHER), book.accepts("k2", SECRET)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("replaces a certificate that was made before, and none that is made later", () => {
    expect(book.acceptsCertificate("k1", T - 1)).toBe(true);
    now += 5;
    book.claim("k1", book.offer("k1", SOMEBODY).code, SECRET);
    expect([book.acceptsCertificate("k1", T - 1), book.acceptsCertificate("k1", now + 1)]).toEqual([false, true]);
    expect([book.accepts("k1", SECRET), book.of("k1").credential]).toEqual([true, "secret"]);
  });

  it("is good for a week", () => {
    const { code, until } = book.offer("k1", SOMEBODY);
    expect(until).toBe(T + CLAIM_MS);
    now = until;
    expect([book.claim("k1", code, SECRET), book.of("k1").claimUntil]).toEqual([false, null]);
  });

  it("replaces the one before, while the credential goes on until it is used", () => {
    const first = book.offer("k1", SOMEBODY);
    book.claim("k1", first.code, SECRET);
    const [second, third] = [book.offer("k1", SOMEBODY), book.offer("k1", SOMEBODY)];
    expect([book.claim("k1", second.code, OTHER), book.accepts("k1", SECRET)]).toEqual([false, true]);
    expect([book.claim("k1", third.code, OTHER), book.accepts("k1", SECRET), book.accepts("k1", OTHER)]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

it("neither code nor secret is in the file, which only its user may read", () => {
  const { code } = book.offer("k1", SOMEBODY);
  book.claim("k1", code, SECRET);
  const path = join(folder, "devices.db");
  const all = Buffer.concat([readFileSync(path), readFileSync(`${path}-wal`)]).toString("latin1");
  expect([all.includes(code), all.includes(SECRET), all.includes("k1")]).toEqual([false, false, true]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("revoked, a device has nothing more: no secret, no code, no certificate that was made before", () => {
  const { code } = book.offer("k1", SOMEBODY);
  book.claim("k1", code, SECRET);
  const next = book.offer("k1", SOMEBODY);
  now += 1000;
  book.revoke("k1", SOMEBODY);
  expect(book.of("k1")).toEqual({ device: "k1", credential: "revoked", since: now, claimUntil: null });
  expect([book.accepts("k1", SECRET), book.claim("k1", next.code, OTHER)]).toEqual([false, false]);
  expect([book.acceptsCertificate("k1", now), book.acceptsCertificate("k1", now + 1)]).toEqual([false, true]);
  expect(book.of("k1").credential).toBe("certificate");
});

it("what another process writes is seen by itself, and ends what was let in", async () => {
  using watching = open(true);
  const changes: Change[] = [];
  watching.onChange((change) => changes.push(change));
  const { code } = book.offer("k1", SOMEBODY);
  await expect.poll(() => changes.length).toBe(1);
  expect(watching.claim("k1", code, SECRET)).toBe(true);
  book.revoke("k1", SOMEBODY);
  await expect.poll(() => changes.length).toBe(3);
  expect(changes.map(({ enrolment: { credential }, ends }) => [credential, ends])).toEqual([
    ["none", false],
    ["secret", false],
    ["revoked", true],
  ]);
  expect(watching.accepts("k1", SECRET)).toBe(false);
});

it("every deed waits for the audit log, whoever has done it, also through a restart", () => {
  const { code } = book.offer("k1", SOMEBODY);
  book.claim("k1", code, SECRET);
  book.entered(book.deedsToEnter()[0]!.seq);
  book.revoke("k1", ANOTHER);
  book[Symbol.dispose]();
  book = open();
  expect(book.deedsToEnter().map(({ device, action, actor }) => [device, action, actor])).toEqual([
    ["k1", "device-enrolled", "k1"],
    ["k1", "device-revoked", "another"],
  ]);
});
