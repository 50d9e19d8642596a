/**
 * The peer on the same work: Mosquitto → Node-RED (mqtt in with QoS 1, json, function, influxdb out) → the same influxd. Both
 * packages are installed when this is asked for, into the cache of the tests; Fortrolig does not depend on them.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Folder, temporaryFolder } from "#test/journeys/folder.ts";
import { type Program, startProgram } from "#test/journeys/program.ts";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import { type Mosquitto, startMosquitto } from "#test/services/mosquitto.ts";
import { freePort } from "#test/services/service.ts";
import { SITE } from "../bench-gateway.ts";
import type { Bench, Beside } from "../figure.ts";
import { loadPlan, startLoad } from "../load/run-load.ts";
import { round } from "../load-figures.ts";

const CACHE = "test/.cache/node-red";
const ROOT = join(import.meta.dirname, "../../..");
const PACKAGES = { "node-red": "5.0.7", "node-red-contrib-influxdb": "0.7.0" };
const DATABASE = "nodered";
/** Offered for a while: what it can carry, and what the gateway is measured with. */
const OFFERED_PER_S = [4000, 40_000];
const OFFERED_S = 20;
/** It has stored all it will when so long nothing was added. */
const QUIET_MS = 3000;
const LIMIT_MS = 120_000;

export async function besideNodeRed(bench: Bench): Promise<Beside[]> {
  install(bench);
  const found: Beside[] = [];
  for (const offered of bench.quick ? [OFFERED_PER_S[0]!] : OFFERED_PER_S) found.push(await offer(offered, bench));
  return found;
}

/** Once; throws with npm's words when it fails. */
function install({ say }: Bench): void {
  const folder = join(ROOT, CACHE);
  const manifest = JSON.stringify({ private: true, dependencies: PACKAGES });
  const file = join(folder, "package.json");
  if (existsSync(join(folder, "node_modules/node-red/red.js")) && readFileSync(file, "utf8") === manifest) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, manifest);
  say("node-red: installing into the cache");
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  const { status, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm could not install Node-RED: ${stderr}`);
}

async function offer(ratePerS: number, { quick }: Bench): Promise<Beside> {
  await using influxd = await startInfluxd();
  await influxd.query(`CREATE DATABASE ${DATABASE}`);
  await using broker = await startMosquitto(["set_tcp_nodelay true"]);
  await using folder = await temporaryFolder();
  await using nodeRed = await startNodeRed(folder, broker, influxd);
  await nodeRed.says(/Connected to broker/);
  const seconds = quick ? 5 : OFFERED_S;
  const start = performance.now();
  const { total } = await startLoad(loadPlan({ port: broker.port, site: SITE, ratePerS, seconds })).result;
  const { stored, at } = await settled(influxd);
  const lost = (100 * (total - stored)) / total;
  return {
    name: `Mosquitto → Node-RED → the same InfluxDB, ${ratePerS.toLocaleString("en")} readings/s offered for ${seconds} s`,
    value: stored / ((at - start) / 1000),
    unit: "readings/s",
    conditions: `${round(lost)} % of what Mosquitto acknowledged is not in InfluxDB; the last came ${round((at - start) / 1000)} s after the first`,
  };
}

/** How many points there are when no more come, and when the last was seen to come. */
async function settled(influxd: Influxd): Promise<{ stored: number; at: number }> {
  let stored = await count(influxd);
  let at = performance.now();
  for (const limit = at + LIMIT_MS; performance.now() - at < QUIET_MS && performance.now() < limit; await sleep(200)) {
    const now = await count(influxd);
    if (now === stored) continue;
    stored = now;
    at = performance.now();
  }
  return { stored, at };
}

const FIELDS = { level: "laeq", state: "confidence", stats: "laeq", health: "uptime" } as const;

async function count(influxd: Influxd): Promise<number> {
  const statements = Object.entries(FIELDS).map(([channel, field]) => `SELECT count("${field}") FROM "${channel}"`);
  const { results } = (await influxd.query(statements.join(";"), DATABASE)) as {
    results: { series?: { values: number[][] }[] }[];
  };
  return results.reduce((sum, { series }) => sum + (series?.[0]?.values[0]?.[1] ?? 0), 0);
}

async function startNodeRed(folder: Folder, broker: Mosquitto, influxd: Influxd): Promise<Program> {
  const settings = {
    uiPort: await freePort(),
    uiHost: "127.0.0.1",
    userDir: folder.path,
    nodesDir: join(ROOT, CACHE, "node_modules/node-red-contrib-influxdb"),
    httpAdminRoot: false,
    httpNodeRoot: false,
    credentialSecret: false,
    telemetry: { enabled: false },
    logging: { console: { level: "info", metrics: false, audit: false } },
  };
  await writeFile(join(folder.path, "settings.js"), `module.exports = ${JSON.stringify(settings)};`);
  await writeFile(join(folder.path, "flows.json"), JSON.stringify(flow(broker.port, influxd.port)));
  const args = ["--settings", join(folder.path, "settings.js"), "--userDir", folder.path, "flows.json"];
  return startProgram(`${CACHE}/node_modules/node-red/red.js`, args, { cwd: folder.path });
}

/** One point per message, dated by the device, as somebody who knows both would draw it. */
const TO_POINT = `
  const [, , site, device, channel] = msg.topic.split("/");
  const { boot, seq, t, ...said } = msg.payload;
  const fields = { time: t };
  for (const [name, value] of Object.entries(said))
    if (Array.isArray(value)) value.forEach((one, i) => { fields[name + i] = one; });
    else if (value !== null) fields[name] = value;
  msg.measurement = channel;
  msg.payload = [fields, { site, device }];
  return msg;`;

/** What stands on the drawing; what has no place there is a setting of others. */
const drawn = (id: string, type: string, next: string | null, how: object) => ({
  id,
  type,
  z: "drawing",
  x: 100,
  y: 100,
  ...how,
  wires: next === null ? [] : [[next]],
});

const flow = (brokerPort: number, influxPort: number) => [
  { id: "drawing", type: "tab", label: "bench" },
  {
    id: "mosquitto",
    type: "mqtt-broker",
    broker: "127.0.0.1",
    port: String(brokerPort),
    autoConnect: true,
    protocolVersion: "4",
    keepalive: "60",
    cleansession: true,
  },
  {
    id: "influxd",
    type: "influxdb",
    hostname: "127.0.0.1",
    port: String(influxPort),
    protocol: "http",
    database: DATABASE,
    influxdbVersion: "1.x",
  },
  drawn("heard", "mqtt in", "parsed", {
    topic: `fortrolig/v1/${SITE}/#`,
    qos: "1",
    datatype: "utf8",
    broker: "mosquitto",
  }),
  drawn("parsed", "json", "point", { property: "payload", action: "obj" }),
  drawn("point", "function", "stored", { func: TO_POINT, outputs: 1, libs: [] }),
  drawn("stored", "influxdb out", null, { influxdb: "influxd", precision: "ms" }),
];
