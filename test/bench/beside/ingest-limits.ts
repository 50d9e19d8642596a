/**
 * What a user would otherwise pick to take readings in, and the limits: brokers that store nothing under the same load,
 * and SQLite that stores the same bytes without a network.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startProgram } from "#test/journeys/program.ts";
import { startMosquitto } from "#test/services/mosquitto.ts";
import { SITE } from "../bench-gateway.ts";
import type { Bench, Beside } from "../figure.ts";
import { makeSlots, Voice } from "../load/phrases.ts";
import { loadPlan, startLoad } from "../load/run-load.ts";

const rateOf = async (port: number, { quick }: Bench): Promise<number> => {
  const { total, seconds } = await startLoad(loadPlan({ port, site: SITE, seconds: quick ? 2 : 5 })).result;
  return total / seconds;
};

/** In memory only, nothing queued, nobody subscribed. */
export async function besideMosquitto(bench: Bench): Promise<Beside[]> {
  await using broker = await startMosquitto(["persistence false", "max_inflight_messages 0", "set_tcp_nodelay true"]);
  return [{ name: "Mosquitto alone, storing nothing", value: await rateOf(broker.port, bench), unit: "messages/s" }];
}

/** The library that the gateway uses, in a process of its own. */
export async function besideAedes(bench: Bench): Promise<Beside[]> {
  await using broker = startProgram("test/bench/beside/bare-aedes.ts", []);
  const [, port] = await broker.says(/port (\d+)/);
  const value = await rateOf(Number(port), bench);
  return [{ name: "aedes alone: no validation, no disk", value, unit: "messages/s" }];
}

const BATCH = 1000;
const MESSAGES = 200_000;
/** Each of these waits for the disk. */
const SINGLE = 1000;

/** WAL, synchronous FULL; the payloads that the load generator sends. */
export function besideSqlite({ quick }: Bench): Beside[] {
  const folder = mkdtempSync(join(tmpdir(), "fortrolig-bench-"));
  try {
    const part = quick ? 10 : 1;
    return [
      {
        name: `SQLite alone, ${BATCH} payloads per commit`,
        value: insertRate(join(folder, "batches.db"), MESSAGES / part, BATCH),
        unit: "messages/s",
      },
      {
        name: "SQLite alone, a commit per payload",
        value: insertRate(join(folder, "single.db"), SINGLE / part, 1),
        unit: "messages/s",
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function insertRate(path: string, messages: number, perCommit: number): number {
  const payloads = examplePayloads();
  const db = new DatabaseSync(path);
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE message (id INTEGER PRIMARY KEY, payload BLOB)",
  );
  const insert = db.prepare("INSERT INTO message (payload) VALUES (?)");
  const start = performance.now();
  for (let n = 0; n < messages; n += perCommit) {
    db.exec("BEGIN");
    for (let i = 0; i < perCommit; i++) insert.run(payloads[(n + i) % payloads.length]!);
    db.exec("COMMIT");
  }
  const seconds = (performance.now() - start) / 1000;
  db.close();
  return messages / seconds;
}

/** What one device says in 300 s. */
export function examplePayloads(): Buffer[] {
  const slots = makeSlots(SITE);
  const voice = new Voice(slots, 0, 1);
  return slots.map(() => {
    const { packet, payloadBytes } = voice.next(Date.now(), 1);
    return Buffer.from(packet.subarray(packet.length - payloadBytes));
  });
}
