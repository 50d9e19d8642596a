/** One URL says where history is kept. Its maker alone is loaded: a library that is not used costs start and memory. */
import { dirname } from "node:path";
import { makeFolder } from "../folder.ts";
import { type History, HistoryError } from "./history.ts";
import { retentionDays, type TierDays } from "./measurements.ts";
import { purgingAlone } from "./purge-alone.ts";

export interface OpenOptions {
  /** For `influxdb2`; it has no place in a URL, which is logged. */
  readonly token?: string | undefined;
  readonly retention?: TierDays;
  /** The asker has a thread of its own, which the embedded history may block. */
  readonly sameThread?: boolean;
}

export const historyUrlForms = [
  "sqlite:path",
  "influxdb://user:password@host:8086/database",
  "influxdb2://host:8086/organisation/bucket (with a token)",
  "influxdbs:// and influxdb2s:// (the same over TLS)",
] as const;

/** Opens the history behind a URL; nothing is asked of it yet. Rejects with an Error that names the accepted forms. */
export async function openHistory(url: string, options: OpenOptions = {}): Promise<History> {
  const { retention = retentionDays, token, sameThread = false } = options;
  const separator = url.indexOf(":");
  const scheme = url.slice(0, Math.max(0, separator));
  switch (scheme) {
    case "sqlite": {
      const path = url.slice(separator + 1);
      if (!path) throw unusable(url, "names no file");
      makeFolder(dirname(path));
      const { openSqliteHistory } = await import("./sqlite.ts");
      return openSqliteHistory(path, { retention, sameThread });
    }
    case "influxdb":
    case "influxdbs": {
      const { host, port, username, password, path } = parse(url);
      const [database] = path;
      if (!database || path.length !== 1) throw unusable(url, "names no database");
      const protocol = scheme === "influxdbs" ? "https" : "http";
      const { openInflux1History } = await import("./influx1.ts");
      return purgingAlone(openInflux1History({ protocol, host, port, database, username, password, retention }));
    }
    case "influxdb2":
    case "influxdb2s": {
      const { host, port, username, path } = parse(url);
      const [org, bucket] = path;
      if (!org || !bucket || path.length !== 2) throw unusable(url, "names no organisation and bucket");
      if (username) throw unusable(url, "has a user instead of a token");
      if (!token) throw unusable(url, "needs a token");
      const protocol = scheme === "influxdb2s" ? "https" : "http";
      const { openInflux2History } = await import("./influx2.ts");
      return purgingAlone(openInflux2History({ url: `${protocol}://${host}:${port}`, org, bucket, token, retention }));
    }
    default:
      throw unusable(url, "is of no known kind");
  }
}

/** A history URL as it may be logged and shown: without its password. */
export const redactUrl = (url: string): string => url.replace(/^(\w+:\/\/[^/@:]*):.*@/, "$1:***@");

const unusable = (url: string, fault: string): Error =>
  new HistoryError(`history URL ${redactUrl(url)} ${fault}; use ${historyUrlForms.join(", or ")}`, "held");

function parse(text: string) {
  if (!URL.canParse(text)) throw unusable(text, "cannot be read");
  const url = new URL(text);
  if (!url.hostname) throw unusable(text, "names no host");
  return {
    host: url.hostname,
    port: Number(url.port || 8086),
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    path: url.pathname.split("/").filter(Boolean).map(decodeURIComponent),
  };
}
