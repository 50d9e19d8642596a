/** With which broker and which database a gateway is tortured, and the servers that this needs. */
import { createServer } from "node:net";
import { join } from "node:path";
import type { Random } from "#firmware/world/random.ts";
import { startInfluxd } from "#test/services/influxd.ts";
import { startMosquitto } from "#test/services/mosquitto.ts";

export const combinations = {
  "sqlite-embedded": { database: "sqlite", broker: "embedded" },
  "influxd-embedded": { database: "influxd", broker: "embedded" },
  "sqlite-mosquitto": { database: "sqlite", broker: "outside" },
  "influxd-mosquitto": { database: "influxd", broker: "outside" },
} as const;
export type CombinationName = keyof typeof combinations;
export const combinationNames = Object.keys(combinations) as CombinationName[];

export interface Ground extends AsyncDisposable {
  /** URL of the history. */
  readonly history: string;
  /** Where devices connect, and where an embedded broker listens. */
  readonly broker: string;
  /** What the gateway is told of both. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Starts the servers of a combination; what is embedded keeps its data in `folder`. */
export async function openGround(name: CombinationName, folder: string, random: Random): Promise<Ground> {
  await using opening = new AsyncDisposableStack();
  const { database, broker } = combinations[name];
  const history =
    database === "sqlite"
      ? `sqlite:${join(folder, "history.db")}`
      : `influxdb://127.0.0.1:${opening.use(await startInfluxd()).port}/fortrolig`;
  const http = { FORTROLIG_HTTP: `127.0.0.1:${await lastingPort(random)}`, FORTROLIG_HISTORY: history };
  const url =
    broker === "outside" ? opening.use(await startMosquitto()).url : `mqtt://127.0.0.1:${await lastingPort(random)}`;
  const mqtt = broker === "outside" ? { FORTROLIG_BROKER: url } : { FORTROLIG_MQTT: new URL(url).host };
  const closing = opening.move();
  return {
    history,
    broker: url,
    settings: { ...http, ...mqtt },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Below those that the system gives to outgoing connections (32768 on): devices that dial in vain would take it. */
const PORTS = [20_000, 32_000] as const;

/** A port of 127.0.0.1 that is still free when the gateway has been away for a while. */
async function lastingPort(random: Random): Promise<number> {
  for (;;) {
    const port = random.integer(...PORTS);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
