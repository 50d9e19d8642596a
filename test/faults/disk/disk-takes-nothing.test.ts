/**
 * The disk of a running gateway takes nothing more: full, read-only, failing to sync. Nothing is acknowledged that is not
 * safe, everybody is told, and when the disk is well again the same gateway goes on by itself.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "vitest";
import { openJournal } from "#gateway/journal/open-journal.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { type GatewayProcess, get, metric, startGatewayProcess } from "#test/journeys/running-gateway.ts";
import { injectFault, limitFiles, mayMount, mayTrace, mountSmallDisk } from "./sick-disk.ts";
import { BOOT, stubbornDevice } from "./stubborn-device.ts";

/** Real processes on a machine that may be busy with others. */
const LIMIT_MS = 120_000;

const DEVICE = "k1";
const PORTION = 100;
/** Messages that certainly no longer fit. */
const TRIES = 400;

interface Illness {
  readonly name: string;
  readonly possible: boolean;
  /** What `/readyz` calls it; what the disk itself says is in the log. */
  readonly reason: RegExp;
  /** Where the data lie, and what makes the disk of a running gateway ill; answers what makes it well. */
  readonly prepare: (cleanup: AsyncDisposableStack) => Promise<{
    readonly folder: string;
    readonly fallIll: (gateway: GatewayProcess, data: string) => Promise<() => Promise<void>>;
  }>;
}

const injected =
  (fault: string): Illness["prepare"] =>
  async (cleanup) => ({
    folder: cleanup.use(await temporaryFolder()).path,
    fallIll: async (gateway) => {
      const strace = await injectFault(gateway.pid, fault);
      return async () => strace[Symbol.asyncDispose]();
    },
  });

const illnesses: readonly Illness[] = [
  mayMount
    ? {
        name: "full (a small file system of its own)",
        possible: true,
        reason: /^full$/,
        prepare: async (cleanup) => {
          const disk = cleanup.use(mountSmallDisk(24));
          return {
            folder: disk.path,
            fallIll: async () => {
              await disk.fill();
              return async () => disk.makeRoom();
            },
          };
        },
      }
    : {
        name: "full (no file may grow: nothing may be mounted here)",
        possible: true,
        reason: /^(full|other)$/,
        prepare: async (cleanup) => ({
          folder: cleanup.use(await temporaryFolder()).path,
          fallIll: async ({ pid }, data) => {
            limitFiles(pid, statSync(join(data, "journal.db-wal")).size);
            return async () => limitFiles(pid, "unlimited");
          },
        }),
      },
  {
    name: "read-only (writes fail with EROFS)",
    possible: mayTrace,
    reason: /^other$/,
    prepare: injected("pwrite64:error=EROFS"),
  },
  {
    name: "failing to sync (EIO)",
    possible: mayTrace,
    reason: /^other$/,
    prepare: injected("fdatasync,fsync:error=EIO"),
  },
];

interface Readiness {
  readonly status: string;
  readonly checks: Record<string, { readonly state: string; readonly detail: string }>;
}
const readiness = async (url: string) => (await (await fetch(`${url}/readyz`)).json()) as Readiness;

describe.concurrent("a gateway whose disk is", { timeout: LIMIT_MS }, () => {
  it.for(illnesses)("$name acknowledges nothing, says so, and goes on by itself", async (illness, { expect, skip }) => {
    skip(!illness.possible, "this user may trace no process");
    await using cleanup = new AsyncDisposableStack();
    const { folder, fallIll } = await illness.prepare(cleanup);
    const data = join(folder, "data");
    await using gateway = await startGatewayProcess({ data, log: "info" });
    await using device = stubbornDevice(gateway.broker, DEVICE);
    expect(await device.say(PORTION)).toBe(true);

    const recover = await fallIll(gateway, data);
    for (let tries = 0; (await device.say(PORTION)) && tries < TRIES / 10; tries++);
    const safe = new Set(device.acknowledged);
    expect(safe.size).toBeLessThan(device.said());
    await gateway.says(/journal: the disk takes nothing; no reading is acknowledged/);
    const ill = await readiness(gateway.url);
    expect(ill).toMatchObject({ status: "unready", checks: { journal: { state: "failed" } } });
    expect(ill.checks.journal!.detail).toMatch(illness.reason);
    expect(await metric(gateway.url, "fortrolig_journal_failing")).toEqual({ "": 1 });
    expect((await metric(gateway.url, "fortrolig_messages_failed_total"))[""]).toBeGreaterThan(0);
    expect(await device.say(), "it is no better").toBe(false);
    expect(device.acknowledged).toEqual(safe);

    await recover();
    await expect.poll(() => device.say(), { timeout: 20_000 }).toBe(true);
    await gateway.says(/journal: the disk takes readings again/);
    expect(await device.say(PORTION)).toBe(true);
    await expect.poll(async () => (await readiness(gateway.url)).status, { timeout: 20_000 }).toBe("ready");
    expect(await get(gateway.url, "/livez")).toEqual({ status: "alive" });
    gateway.kill("SIGTERM");
    expect(await gateway.ended).toEqual({ code: 0, signal: null });

    await using journal = await openJournal(data);
    const all = Array.from({ length: device.said() }, (_, seq) => seq);
    const stored = (await journal.messagesAfter(0, 1_000_000)).map(({ seq }) => seq);
    expect(stored.sort((a, b) => a - b)).toEqual(all);
    expect(journal.received(DEVICE)).toEqual([{ device: DEVICE, boot: BOOT, runs: [[0, all.length - 1]] }]);
    expect(journal.damage()).toEqual([]);
  });
});
