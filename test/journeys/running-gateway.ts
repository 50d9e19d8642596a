/** A gateway on free ports and a data folder of its own: in this process, or as the process that `npm run gateway` starts. */
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readConfig } from "#gateway/config.ts";
import { type Gateway, openGateway } from "#gateway/gateway.ts";
import type { Role } from "#protocol/roles.ts";
import { asking, holdTokens, makeTokens, makeTokensIn } from "./asking.ts";
import { type Program, startProgram } from "./program.ts";

export interface Settings {
  readonly data: string;
  readonly http?: string;
  readonly mqtt?: string;
  readonly site?: string;
  readonly broker?: string;
  readonly history?: string;
  /** Settings file, for what has no flag; only of a process. */
  readonly config?: string;
  /** Silent, unless a journey wants to hear it. */
  readonly log?: string;
}

const FREE = "127.0.0.1:0";
const complete = (settings: Settings) => ({ http: FREE, mqtt: FREE, log: "silent", ...settings });

/** In this process; no setting comes from the environment. `file` is a settings file for what has no flag. */
export async function runGateway(settings: Settings, file?: string): Promise<Gateway> {
  const config = readConfig({}, complete(settings), file);
  const gateway = await openGateway(config);
  holdTokens(gateway.url, makeTokens(gateway.access, config.site));
  return gateway;
}

export interface GatewayProcess extends Program {
  /** `http://host:port` */
  readonly url: string;
  /** Where devices connect: `mqtt://host:port`. */
  readonly broker: string;
}

/** `gateway/main.ts`; resolves when it has said where it listens. */
export async function startGatewayProcess(settings: Settings, node: readonly string[] = []): Promise<GatewayProcess> {
  const { config: file, ...overrides } = complete(settings);
  const tokens = await makeTokensIn(settings.data, readConfig({}, overrides, file).site);
  const flags = Object.entries(complete(settings)).map(([name, value]) => `--${name}=${value}`);
  const program = startProgram("gateway/main.ts", flags, { cwd: dirname(settings.data), node });
  const [, url, broker] = await program.says(/gateway: (http:\S+), devices at (mqtts?:\S+)\. /);
  holdTokens(url!, tokens);
  return Object.defineProperties(program as GatewayProcess, { url: { value: url }, broker: { value: broker } });
}

/** `GET url/path`. A gateway that is hard pressed says when to ask again (gateway/http/shed.ts): then it is asked again. */
export async function ask(url: string, path: string, role?: Role): Promise<Response> {
  for (;;) {
    const response = await fetch(url + path, { headers: asking(url, path, role) });
    const later = response.status === 503 ? response.headers.get("retry-after") : null;
    if (later === null) return response;
    await response.body?.cancel();
    await sleep(Number(later) * 1000);
  }
}

/** The body of `GET url/path`, parsed; throws what the gateway answered when it is no success. */
export async function get<T>(url: string, path: string): Promise<T> {
  const response = await ask(url, path);
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Values of one metric by its only label's value; by "" for a metric without labels. */
export async function metric(url: string, name: string): Promise<Record<string, number>> {
  const response = await fetch(`${url}/metrics`, { headers: asking(url, "/metrics") });
  if (!response.ok) throw new Error(`GET /metrics: ${response.status}`);
  const text = await response.text();
  const line = new RegExp(`^${name}(?:\\{\\w+="([^"]*)"\\})? (\\S+)$`, "gm");
  return Object.fromEntries([...text.matchAll(line)].map(([, label = "", value]) => [label, Number(value)]));
}
