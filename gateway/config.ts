/**
 * Settings: a YAML file, overridden by environment variables, overridden by flags → one frozen object.
 * The only place that reads the environment.
 */
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Site } from "#protocol/site.ts";
import { FileError, parseSite, parseYaml } from "#protocol/site-file.ts";
import { ProviderSettings } from "./access/provider-settings.ts";
import { transportFaults } from "./enrolment/transport.ts";
import { LEAST_EPISODE_DAYS, retentionDays } from "./history/measurements.ts";
import { redactUrl } from "./history/open.ts";
import { isLoopback } from "./loopback.ts";

const DEMO_SITE = fileURLToPath(import.meta.resolve("#protocol/demo-site.yaml"));
const DEFAULT_FILE = "fortrolig.yaml";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, `[v6]:port` or a bare port on 127.0.0.1; port 0 picks a free one. */
const Address = z.string().transform((text, context): Address => {
  const match = /^(?:(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text);
  if (!match || Number(match[3]) > 65_535) {
    context.addIssue({ code: "custom", message: `"${text}" is not host:port, such as 127.0.0.1:8080` });
    return z.NEVER;
  }
  return { host: match[1] ?? match[2] ?? "127.0.0.1", port: Number(match[3]) };
});

const url = (protocols: readonly string[], example: string) =>
  z.string().refine((text) => protocols.some((protocol) => text.startsWith(`${protocol}:`)), {
    error: `must be like ${example}`,
  });

/** Where something is, and nothing of what is asked of it: `https://fortrolig.example.org`; or empty. */
const Origin = z.string().transform((text, context): string => {
  if (text === "") return "";
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url.origin;
  context.addIssue({ code: "custom", message: `"${text}" is no address such as https://fortrolig.example.org` });
  return z.NEVER;
});

/** Addresses and networks, parted by commas. */
const Proxies = z
  .string()
  .refine(
    (text) => text === "" || (networksIn(text).length > 0 && networksIn(text).every(isNetwork)),
    "is no address or network, such as 10.0.0.7 or 10.0.0.0/8",
  );

export const networksIn = (text: string): readonly string[] => text.split(",").flatMap((part) => part.trim() || []);

function isNetwork(text: string): boolean {
  const [address = "", length, ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  // A network of everybody would believe everybody.
  return (
    length === undefined ||
    (/^\d{1,3}$/.test(length) && Number(length) > 0 && Number(length) <= (version === 4 ? 32 : 128))
  );
}

const Flag = z.union([z.boolean(), z.enum(["yes", "no"]).transform((word) => word === "yes")]);

const Webhook = z.strictObject({
  url: url(["http", "https"], "https://example.org/hook"),
  secret: z.string().min(16, "must have at least 16 characters"),
});

const RetentionDays = z.int().min(1).max(3653);
export const RetentionSettings = z.strictObject({
  raw: RetentionDays.default(retentionDays.raw),
  minute: RetentionDays.default(retentionDays.minute),
  hour: RetentionDays.default(retentionDays.hour),
  episodes: RetentionDays.min(LEAST_EPISODE_DAYS).default(retentionDays.episodes),
});

export const Settings = z.strictObject({
  site: z.string().default(DEMO_SITE).describe("site file (YAML)"),
  data: z.string().default("data").describe("folder for the journal and the embedded history"),
  http: Address.prefault("127.0.0.1:8080"),
  httpCert: z.string().optional().describe("file with the HTTP side's certificate and its chain (PEM)"),
  httpKey: z.string().optional().describe("file with its key (PEM)"),
  url: Origin.default("").describe("where browsers reach the gateway, for the links it prints"),
  proxy: Proxies.default("").describe("proxies before the HTTP side that have TLS and say who asks"),
  mqtt: Address.prefault("127.0.0.1:1883").describe("address of the embedded broker"),
  broker: z
    .union([z.literal(""), url(["mqtt", "mqtts"], "mqtt://host:1883")])
    .default("")
    .describe("URL of an outside broker; empty: the embedded one"),
  history: url(
    ["sqlite", "influxdb", "influxdbs", "influxdb2", "influxdb2s"],
    "sqlite:data/history.db, influxdb://host:8086/db or influxdb2://host:8086/org/bucket",
  )
    .optional()
    .describe("where readings are stored"),
  historyToken: z.string().optional().describe("token for influxdb2"),
  memory: z.coerce
    .number()
    .int()
    .min(150)
    .max(1_000_000)
    .optional()
    .describe("resident memory that the gateway may take, MB; near it, it sheds reports and dashboards"),
  deviceAccess: z
    .enum(["open", "enrolled"])
    .optional()
    .describe("whether a device needs a credential; beyond loopback it always does"),
  mqttCert: z.string().optional().describe("certificate of the embedded broker with its chain (PEM file)"),
  mqttKey: z.string().optional().describe("its key (PEM file)"),
  mqttClientCa: z.string().optional().describe("authority whose certificates let devices in (PEM file)"),
  mqttPlain: Flag.default(false).describe("MQTT beyond loopback without TLS"),
  brokerCa: z.string().optional().describe("authority of the outside broker (PEM file)"),
  brokerCert: z.string().optional().describe("the gateway's certificate for the outside broker (PEM file)"),
  brokerKey: z.string().optional().describe("its key (PEM file)"),
  brokerUser: z.string().optional(),
  brokerPassword: z.string().optional(),
  oidc: ProviderSettings.optional().describe("the house's own sign-in (OpenID Connect)"),
  oidcSecret: z.string().optional().describe("client secret for oidc"),
  localAccounts: z
    .boolean()
    .default(true)
    .describe("whether accounts of the gateway's own may sign in with a password"),
  sessionIdle: z.coerce
    .number()
    .min(1)
    .max(1440)
    .default(30)
    .describe("minutes without use after which a session ends"),
  sessionHours: z.coerce.number().min(0.25).max(168).default(12).describe("hours after which it ends in any case"),
  log: z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
  retention: RetentionSettings.prefault({}).describe(
    "how long readings, minutes and hours are kept, and episodes and alerts in the journal, days",
  ),
  webhooks: z.record(z.string().regex(/^[a-z0-9-]{1,32}$/), Webhook).default({}),
});

export interface Config
  extends Readonly<Omit<z.infer<typeof Settings>, "site" | "history" | "deviceAccess" | "memory">> {
  readonly memory: number;
  readonly deviceAccess: "open" | "enrolled";
  readonly siteFile: string;
  readonly site: Site;
  readonly history: string;
}

/** One or more things wrong with the settings, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Environment variable per setting; each may also be given as `…_FILE`, the name of a file that holds the value. */
const variables = {
  site: "FORTROLIG_SITE",
  data: "FORTROLIG_DATA",
  http: "FORTROLIG_HTTP",
  httpCert: "FORTROLIG_HTTP_CERT",
  httpKey: "FORTROLIG_HTTP_KEY",
  url: "FORTROLIG_URL",
  proxy: "FORTROLIG_PROXY",
  mqtt: "FORTROLIG_MQTT",
  broker: "FORTROLIG_BROKER",
  history: "FORTROLIG_HISTORY",
  historyToken: "FORTROLIG_HISTORY_TOKEN",
  oidcSecret: "FORTROLIG_OIDC_SECRET",
  sessionIdle: "FORTROLIG_SESSION_IDLE",
  sessionHours: "FORTROLIG_SESSION_HOURS",
  memory: "FORTROLIG_MEMORY",
  deviceAccess: "FORTROLIG_DEVICES",
  mqttCert: "FORTROLIG_MQTT_CERT",
  mqttKey: "FORTROLIG_MQTT_KEY",
  mqttClientCa: "FORTROLIG_MQTT_CLIENT_CA",
  mqttPlain: "FORTROLIG_MQTT_PLAIN",
  brokerCa: "FORTROLIG_BROKER_CA",
  brokerCert: "FORTROLIG_BROKER_CERT",
  brokerKey: "FORTROLIG_BROKER_KEY",
  brokerUser: "FORTROLIG_BROKER_USER",
  brokerPassword: "FORTROLIG_BROKER_PASSWORD",
  log: "FORTROLIG_LOG",
} as const;

/** What has a flag; the rest is set once for a house, in a file. */
type Flagged =
  | "site"
  | "data"
  | "http"
  | "httpCert"
  | "httpKey"
  | "proxy"
  | "mqtt"
  | "broker"
  | "history"
  | "historyToken"
  | "memory"
  | "log";
export type Overrides = Partial<Record<Flagged, string | undefined>>;

/** Reads the settings. `overrides` are the command line's. Throws ConfigError with every fault found. */
export function readConfig(env: NodeJS.ProcessEnv, overrides: Overrides = {}, file?: string): Config {
  const fromFile = readSettingsFile(file);
  const given = { ...fromFile, ...fromEnvironment(env), ...defined(overrides) };
  const parsed = Settings.safeParse(given);
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map((i) => `${settingName(i.path)}: ${i.message}`).join("\n"));
  const { site: siteFile, history, ...rest } = parsed.data;
  const site = readSite(siteFile);
  const config: Config = {
    ...rest,
    siteFile,
    site,
    memory: rest.memory ?? memoryFor(site.devices.length),
    history: history ?? `sqlite:${rest.data}/history.db`,
    deviceAccess: rest.deviceAccess ?? (isLoopback(rest.mqtt.host) ? "open" : "enrolled"),
  };
  refuseOpenDoors(config);
  const faults = transportFaults(config);
  if (faults.length > 0) throw new ConfigError(faults.join("\n"));
  return Object.freeze(config);
}

/** MB. Of 5,000 connected devices each takes 80 kB (`npm run bench -- --only fleet`), and the first 85 % count as ease. */
const memoryFor = (devices: number): number => 400 + 100 * Math.floor(devices / 1000);

/** Beyond this machine nothing is said in the clear. Sign-in is needed everywhere. */
function refuseOpenDoors(config: Config): void {
  refuseHalfCertificate(config);
  const { http, httpCert, proxy } = config;
  if (!isLoopback(http.host) && httpCert === undefined && proxy === "")
    throw new ConfigError(
      `${variables.http}: ${http.host} is reachable from other machines, and the dashboard has no TLS; give it ${variables.httpCert} and ${variables.httpKey}, name the proxy that has them in ${variables.proxy}, or use 127.0.0.1, localhost or [::1]`,
    );
}

function refuseHalfCertificate({ httpCert, httpKey }: Config): void {
  if ((httpCert === undefined) !== (httpKey === undefined))
    throw new ConfigError(`${variables.httpCert} and ${variables.httpKey} go together`);
}

function readSettingsFile(file: string | undefined): Record<string, unknown> {
  const path = file ?? DEFAULT_FILE;
  if (file === undefined && !existsSync(path)) return {};
  const text = readText(path, "the settings file");
  try {
    return parseYaml(text, path, z.record(z.string(), z.unknown()).nullable()) ?? {};
  } catch (error) {
    throw error instanceof FileError ? new ConfigError(error.message) : error;
  }
}

function readSite(file: string): Site {
  try {
    return parseSite(readText(file, "the site file"), file);
  } catch (error) {
    throw error instanceof FileError ? new ConfigError(error.message) : error;
  }
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`${path}: ${what} cannot be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
}

function fromEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, variable] of Object.entries(variables)) {
    const file = env[`${variable}_FILE`];
    const value = env[variable] ?? (file === undefined ? undefined : readText(file, `${variable}_FILE`).trim());
    if (value !== undefined) found[key] = value;
  }
  return found;
}

const defined = (overrides: Overrides): Record<string, string> =>
  Object.fromEntries(Object.entries(overrides).filter((entry): entry is [string, string] => entry[1] !== undefined));

const settingName = (path: readonly PropertyKey[]): string => {
  const variable = variables[path[0] as keyof typeof variables];
  return variable ? `${path.join(".")} (${variable})` : path.join(".") || "settings";
};

/** The settings as they may be printed: without passwords, tokens and secrets. */
export function redacted(config: Config): Record<string, unknown> {
  const { site, webhooks, historyToken, history, broker, brokerPassword, oidc, oidcSecret, ...rest } = config;
  return {
    ...rest,
    site: `${site.site}: ${site.rooms.length} rooms, ${site.devices.length} devices`,
    history: redactUrl(history),
    broker: redactUrl(broker),
    ...(historyToken === undefined ? {} : { historyToken: "…" }),
    ...(brokerPassword === undefined ? {} : { brokerPassword: "…" }),
    ...(oidc === undefined ? {} : { oidc: { ...oidc, ...(oidc.clientSecret && { clientSecret: "…" }) } }),
    ...(oidcSecret === undefined ? {} : { oidcSecret: "…" }),
    webhooks: Object.fromEntries(
      Object.entries(webhooks).map(([name, hook]) => [name, { url: hook.url, secret: "…" }]),
    ),
  };
}

/** Every secret of the settings, as it is written there. */
export function secretsIn(config: Config): readonly string[] {
  const { webhooks, historyToken, history, broker, brokerPassword, oidc, oidcSecret } = config;
  const passwords = [history, broker].flatMap((address) => {
    const url = URL.parse(address);
    return url === null ? [] : [url.password, decoded(url.password)];
  });
  const hooks = Object.values(webhooks).map(({ secret }) => secret);
  const plain = [historyToken, brokerPassword, oidc?.clientSecret, oidcSecret];
  return [...hooks, ...passwords, ...plain].flatMap((secret) => secret || []);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
