/** A gateway process on a site of any size, with default settings, and the count of what its history holds. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { BY_GATEWAY } from "#gateway/audit/entry.ts";
import { openDeviceBook } from "#gateway/enrolment/device-book.ts";
import { SECRET_BYTES } from "#protocol/enrolment.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { type GatewayProcess, metric, startGatewayProcess } from "#test/journeys/running-gateway.ts";
import { makeAuthority } from "#test/services/certificates.ts";
import type { Influxd } from "#test/services/influxd.ts";
import { deviceName } from "./load/phrases.ts";
import type { Enrolled, LoadResult } from "./load/plan.ts";

export const SITE = "bench";
const DATABASE = "bench";

/** Two devices to a room; shared offices and conversation rooms by turns, each next to the other behind a wall. */
export const benchSite = (devices: number, offices = 0) => ({
  site: SITE,
  name: "Bench",
  timeZone: "Europe/Copenhagen",
  rooms: [
    ...numbered(Math.ceil(devices / 2), (i) => ({
      id: `R${i}`,
      name: `R${i}`,
      kind: i % 2 === 0 ? "shared-office" : "conversation-room",
      assigned: i % 2 === 0 ? 3 : 0,
    })),
    ...numbered(offices, (i) => ({ id: officeRoom(i), name: officeRoom(i), kind: "shared-office", assigned: 3 })),
  ],
  boundaries: numbered(Math.floor(devices / 4), (i) => ({
    between: [`R${2 * i}`, `R${2 * i + 1}`],
    kind: "wall",
    rw: 40,
  })),
  devices: [
    ...numbered(devices, (i) => ({ id: deviceName(i), room: `R${i >> 1}` })),
    ...numbered(offices, (i) => ({ id: officeDevice(i), room: officeRoom(i) })),
  ],
});

const numbered = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
/** Offices of which the load generator does not speak, with a device each. */
export const officeRoom = (i: number): string => `A${i}`;
export const officeDevice = (i: number): string => `a${i}`;

export interface BenchGateway extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  /** Its data folder. */
  readonly data: string;
  /** Of the embedded broker. */
  readonly port: number;
  /** How devices come in, where they need a credential. */
  readonly enrolled: Enrolled | null;
  /** One of the numbers without labels at `/metrics`. */
  metric(name: string): Promise<number>;
  /** Resolves when history has confirmed everything and every decision is made; rejects after `limitMs`. */
  settled(limitMs: number): Promise<void>;
  /** Readings in history, counted by the database. */
  stored(): Promise<number>;
  /** Acknowledged and not in history, or in history and never said. */
  lostOf(...loads: readonly LoadResult[]): Promise<number>;
}

export interface BenchGatewayOptions {
  readonly devices: number;
  readonly offices?: number;
  /** Its history; embedded SQLite without. */
  readonly influxd?: Influxd;
  /** TLS, and a credential for each device. */
  readonly enrolled?: boolean;
}

export async function startBenchGateway({
  devices,
  offices,
  influxd,
  enrolled = false,
}: BenchGatewayOptions): Promise<BenchGateway> {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await temporaryFolder());
  const site = join(folder.path, "site.yaml");
  await writeFile(site, JSON.stringify(benchSite(devices, offices)));
  const data = join(folder.path, "data");
  const history = influxd && `influxdb://127.0.0.1:${influxd.port}/${DATABASE}`;
  const door = enrolled ? await enrol(folder.path, data, devices) : undefined;
  const settings = { data, site, ...(history && { history }), ...(door && { config: door.config }) };
  const gateway: GatewayProcess = starting.use(await startGatewayProcess(settings));
  const one = async (name: string) => (await metric(gateway.url, name))[""] ?? Number.NaN;
  const stored = async () => (influxd ? countInInfluxd(influxd) : countInSqlite(join(data, "history.db")));
  const running = starting.move();
  return {
    pid: gateway.pid,
    url: gateway.url,
    data,
    port: Number(new URL(gateway.broker).port),
    enrolled: door?.devices ?? null,
    metric: one,
    async settled(limitMs) {
      for (const limit = performance.now() + limitMs; ; await sleep(100)) {
        const behind =
          (await one("fortrolig_history_behind_messages")) + (await one("fortrolig_lane_pending_messages"));
        if (behind === 0) return;
        if (performance.now() > limit) throw new Error(`the gateway is ${behind} messages behind after ${limitMs} ms`);
      }
    },
    stored,
    async lostOf(...loads) {
      const there = await stored();
      const sum = (of: (load: LoadResult) => number) => loads.reduce((all, load) => all + of(load), 0);
      return Math.max(0, sum(({ total }) => total) - there, there - sum(({ published }) => published));
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A certificate for the broker, a secret for each device, and the settings that go with them. */
async function enrol(folder: string, data: string, devices: number): Promise<{ config: string; devices: Enrolled }> {
  const authority = await makeAuthority(folder);
  const { cert, key } = await authority.sign("broker");
  const config = join(folder, "fortrolig.yaml");
  await writeFile(config, JSON.stringify({ deviceAccess: "enrolled", mqttCert: cert, mqttKey: key }));
  using book = openDeviceBook(data, { now: Date.now });
  const secrets = numbered(devices, (i): [string, string] => {
    const secret = randomBytes(SECRET_BYTES).toString("base64url");
    book.claim(deviceName(i), book.offer(deviceName(i), BY_GATEWAY).code, secret);
    return [deviceName(i), secret];
  });
  const file = join(folder, "secrets.json");
  await writeFile(file, JSON.stringify(Object.fromEntries(secrets)));
  return { config, devices: { ca: authority.ca, secrets: file } };
}

/** Each measurement of a device's readings, with a field that every point has. */
const READINGS = { level: "laeq", presence: "occupied", spectrum: "laeq", health: "uptime" } as const;

async function countInInfluxd(influxd: Influxd): Promise<number> {
  let all = 0;
  for (const [measurement, field] of Object.entries(READINGS)) {
    const answer = (await influxd.query(`SELECT count("${field}") FROM raw."${measurement}"`, DATABASE)) as {
      results: { error?: string; series?: { values: number[][] }[] }[];
    };
    if (answer.results[0]!.error) throw new Error(answer.results[0]!.error);
    all += answer.results[0]!.series?.[0]?.values[0]?.[1] ?? 0;
  }
  return all;
}

function countInSqlite(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return Object.keys(READINGS).reduce(
      (sum, table) => sum + (db.prepare(`SELECT count(*) AS n FROM "${table}"`).get()!.n as number),
      0,
    );
  } finally {
    db.close();
  }
}
