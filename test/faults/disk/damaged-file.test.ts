/** What lies on the disk is damaged while the gateway is away: it starts by itself, says what is missing, and goes on. */
import { open, readdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openHistory } from "#gateway/history/open.ts";
import { openJournal } from "#gateway/journal/open-journal.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { startProgram } from "#test/journeys/program.ts";
import { get, metric, startGatewayProcess } from "#test/journeys/running-gateway.ts";
import { mayMount, mountSmallDisk } from "./sick-disk.ts";
import { stubbornDevice } from "./stubborn-device.ts";

/** Real processes on a machine that may be busy with others. */
const LIMIT_MS = 120_000;

const DEVICE = "k1";
const READINGS = 300;

interface Readiness {
  readonly status: string;
  readonly checks: Record<string, { readonly state: string; readonly detail: string }>;
}

/** Overwrites `bytes` from `at` on. */
async function garble(path: string, at: number, bytes: number): Promise<void> {
  const file = await open(path, "r+");
  await file.write(Buffer.alloc(bytes, 0xa5), 0, bytes, at);
  await file.close();
}

/** Where one of the device's readings lies in the file: the same number is in nothing else. */
async function placeOf(path: string, seq: number): Promise<number> {
  const at = (await readFile(path)).indexOf(`"seq":${seq},`);
  expect(at).toBeGreaterThan(0);
  return at;
}

it(
  "a journal without its first sector and with a garbled reading: started by itself, told everywhere, everything else is there",
  async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    const file = join(data, "journal.db");
    let said = 0;
    {
      await using gateway = await startGatewayProcess({ data });
      await using device = stubbornDevice(gateway.broker, DEVICE);
      for (let i = 0; i < READINGS; i += 50) expect(await device.say(50)).toBe(true);
      said = device.said();
      gateway.kill("SIGTERM");
      expect(await gateway.ended).toEqual({ code: 0, signal: null });
    }
    await garble(file, await placeOf(file, 123), 1);
    await garble(file, 0, 512);

    await using gateway = await startGatewayProcess({ data, log: "info" });
    const [, missing] = await gateway.says(/"messages":(\d+).*journal: damaged on the disk: file is not a database/);
    const [aside, ...more] = (await readdir(data)).filter((name) => name.startsWith("journal.damaged-"));
    expect([aside, more]).toEqual([expect.stringMatching(/^journal\.damaged-\d{8}T\d{6}Z\.db$/), []]);
    const { status, checks } = await get<Readiness>(gateway.url, "/readyz");
    expect([status, checks.records!.state]).toEqual(["degraded", "degraded"]);
    expect(checks.records!.detail).toMatch(
      /^damaged on the disk, found .*; saved: \d+ messages, \d+ records; missing: \d+ messages/,
    );
    expect(await metric(gateway.url, "fortrolig_journal_missing_messages")).toEqual({ "": Number(missing) });
    await using device = stubbornDevice(gateway.broker, "k2");
    expect(await device.say(10)).toBe(true);
    gateway.kill("SIGTERM");
    expect(await gateway.ended).toEqual({ code: 0, signal: null });

    await using journal = await openJournal(data);
    const kept = (await journal.messagesAfter(0, 1_000_000)).filter(({ device: name }) => name === DEVICE);
    const seqs = kept.map(({ seq }) => seq).sort((a, b) => a - b);
    expect(seqs).not.toContain(123);
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(said - seqs.length, "what is missing is what was told").toBe(Number(missing));
    expect(said - seqs.length).toBeLessThanOrEqual(50);
    for (const { seq, payload } of kept) expect(JSON.parse(Buffer.from(payload).toString())).toMatchObject({ seq });
  },
  LIMIT_MS,
);

it(
  "a damaged history is told, holds up no reading, and once it is moved away has all that the journal still has",
  async () => {
    await using folder = await temporaryFolder();
    const data = join(folder.path, "data");
    const file = join(data, "history.db");
    {
      await using gateway = await startGatewayProcess({ data });
      await using device = stubbornDevice(gateway.broker, DEVICE);
      expect(await device.say(20)).toBe(true);
      const written = () => metric(gateway.url, "fortrolig_history_points_written_total");
      await expect.poll(written, { timeout: 20_000 }).toEqual({ "": 20 });
      gateway.kill("SIGTERM");
      expect(await gateway.ended).toEqual({ code: 0, signal: null });
    }
    await garble(file, 0, 512);

    await using gateway = await startGatewayProcess({ data, log: "info" });
    await using device = stubbornDevice(gateway.broker, "k2");
    expect(await device.say(10)).toBe(true);
    await gateway.says(/history.db: file is not a database.*history: readings are kept, somebody must act/);
    const { status, checks } = await get<Readiness>(gateway.url, "/readyz");
    expect([status, checks.history!.state, checks.journal!.state]).toEqual(["degraded", "degraded", "ok"]);
    expect(checks.history!.detail).toMatch(/^held: other; \d+ messages are kept/);
    await rename(file, `${file}.damaged`);
    await expect
      .poll(async () => (await get<Readiness>(gateway.url, "/readyz")).status, { timeout: 30_000 })
      .toBe("ready");
    const behind = () => metric(gateway.url, "fortrolig_history_behind_messages");
    await expect.poll(behind, { timeout: 30_000 }).toEqual({ "": 0 });
    gateway.kill("SIGTERM");
    expect(await gateway.ended).toEqual({ code: 0, signal: null });

    await using history = await openHistory(`sqlite:${file}`);
    const range = { measurement: "level", from: 0, to: Number.MAX_SAFE_INTEGER } as const;
    expect(await history.count(range)).toBe(30);
  },
  LIMIT_MS,
);

it.skipIf(!mayMount)(
  "a data folder on a disk that is read-only, or full, is refused in one line that says what to do",
  async () => {
    await using disk = mountSmallDisk(8);
    const data = join(disk.path, "data");
    await (await openJournal(data))[Symbol.asyncDispose]();
    const refused = async () => {
      await using gateway = startProgram("gateway/main.ts", [
        `--data=${data}`,
        "--http=127.0.0.1:0",
        "--mqtt=127.0.0.1:0",
      ]);
      expect(await gateway.ended).toEqual({ code: 1, signal: null });
      expect(gateway.err).toMatch(
        /^gateway: \S+\/journal\.db: .*(see that the disk has room and may be written|make room).*\n$/,
      );
    };
    disk.remount("ro");
    await refused();
    disk.remount("rw");
    await disk.fill();
    await refused();
    disk.makeRoom();
    await using gateway = await startGatewayProcess({ data });
    expect(await get(gateway.url, "/readyz")).toMatchObject({ status: "ready" });
  },
  LIMIT_MS,
);
