/** Reads the gateway's API. Bodies are trusted: they come from the gateway that served this page. */

import type {
  AlertView,
  DeviceView,
  FreeRoomView,
  HistoryView,
  PairHistoryView,
  PairView,
  Problem,
  ReportView,
  Resolution,
  RoomView,
  StatusView,
} from "#protocol/api.ts";
import type { AuditHeadView, AuditPageView } from "#protocol/audit.ts";
import { withSigns } from "./door-sign.ts";
import type { Language } from "./settings.ts";

export interface SiteView {
  readonly site: string;
  readonly name: RoomView["name"];
  readonly timeZone: string;
  /** Offices are told in sums alone. */
  readonly privacy?: "strict";
  readonly rooms: readonly Pick<RoomView, "id" | "name" | "kind">[];
}

/** The gateway answered, but not with what was asked for. `status` 0: it did not answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** What kind of refusal it is; "about:blank" for those that their status says. */
  readonly kind: string;
  /** The gateway is busy and says when to ask again. */
  readonly retryAfterMs: number | undefined;
  constructor(
    status: number,
    message: string,
    options: ErrorOptions & { retryAfterMs?: number | undefined; kind?: string | undefined } = {},
  ) {
    super(message, options);
    this.status = status;
    this.kind = options.kind ?? "about:blank";
    this.retryAfterMs = options.retryAfterMs;
  }
}

const BASE = "/api/v1";

let signedOut: () => unknown = () => {};
/** Called when the gateway says that nobody is signed in, or nobody any more. */
export const onSignedOut = (listener: () => unknown): void => {
  signedOut = listener;
};

/** Sessions that this page has had. */
let sessions = 0;
/** Another session has begun: an answer to what was asked before says nothing about it, however late it comes. */
export const beginSession = (): void => {
  sessions++;
};

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const session = sessions;
  const response = await fetch(BASE + path, init).catch((cause: unknown) => {
    throw new ApiError(0, "no answer", { cause });
  });
  if (response.status === 204) return null as T;
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  const retryAfterMs = 1000 * Number(response.headers.get("retry-after")) || undefined;
  const words = problem?.detail ?? problem?.title ?? response.statusText;
  // A wrong password is answered 401 as well, and says so.
  if (response.status === 401 && problem?.type === "about:blank" && session === sessions) signedOut();
  throw new ApiError(response.status, words, { retryAfterMs, kind: problem?.type });
}

const JSON_ONLY = { accept: "application/json" };

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  request<T>(path, { headers: JSON_ONLY, signal: signal ?? null });

/** Asks for something to be done. */
export const send = <T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> =>
  request<T>(path, {
    method,
    headers: body === undefined ? JSON_ONLY : { ...JSON_ONLY, "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });

export const streamUrl = `${BASE}/stream`;

/** Answered also while nothing else can be, because the disk is full. */
export const getStatus = () => get<StatusView>("/status");

export const getSite = () => get<SiteView>("/site");

export interface Snapshot {
  readonly rooms: readonly RoomView[];
  readonly alerts: readonly AlertView[];
  readonly devices: readonly DeviceView[];
  readonly pairs: readonly PairView[];
}

/** What of it is for whoever looks; the rest is nothing to them, and not asked for. */
export interface Permitted {
  readonly rooms: boolean;
  readonly signs: boolean;
  readonly alerts: boolean;
  readonly pairs: boolean;
}
const among = <T>(permitted: boolean, path: string): Promise<readonly T[]> =>
  permitted ? get<readonly T[]>(path) : Promise.resolve([]);

export async function getSnapshot(permitted: Permitted): Promise<Snapshot> {
  const [rooms, signs, alerts, devices, pairs] = await Promise.all([
    among<RoomView>(permitted.rooms, "/rooms"),
    among<FreeRoomView>(permitted.signs, "/free-rooms"),
    among<AlertView>(permitted.alerts, "/alerts"),
    get<readonly DeviceView[]>("/devices"),
    among<PairView>(permitted.pairs, "/pairs"),
  ]);
  return { rooms: withSigns(rooms, signs), alerts, devices, pairs };
}

/** Times in ms UTC. */
export const getHistory = (room: string, from: number, to: number, resolution: Resolution, signal?: AbortSignal) =>
  get<HistoryView>(
    `/history/${encodeURIComponent(room)}?${new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), resolution })}`,
    signal,
  );

/** Times in ms UTC. */
export const getPairHistory = (from: string, to: string, fromMs: number, toMs: number, signal?: AbortSignal) =>
  get<PairHistoryView>(
    `/pairs/${encodeURIComponent(from)}/${encodeURIComponent(to)}?${new URLSearchParams({ from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() })}`,
    signal,
  );

/** Local dates of the site, both included: 2026-11-01. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

const reportPath = (period: Period, compared: Period | null, format: "json" | "html" | "csv", language: Language) =>
  `/report?${new URLSearchParams({
    ...period,
    ...(compared && { compareFrom: compared.from, compareTo: compared.to }),
    format,
    language,
  })}`;

/** Address of a report, with what it is compared to where that is asked for. */
export const reportUrl = (period: Period, compared: Period | null, format: "html" | "csv", language: Language) =>
  BASE + reportPath(period, compared, format, language);

export const getReport = (period: Period, compared: Period | null, signal?: AbortSignal) =>
  get<ReportView>(reportPath(period, compared, "json", "en"), signal);

export interface AuditFilter {
  /** ms UTC. */
  readonly from: number;
  /** Of the whole house where it is empty. */
  readonly room: string;
}

/** `to`: entries before this time, as `next` of another page has said; null: the newest. */
export const getAuditPage = ({ from, room }: AuditFilter, to: string | null, signal?: AbortSignal) =>
  get<AuditPageView>(
    `/audit?${new URLSearchParams({
      from: new Date(from).toISOString(),
      ...(room !== "" && { room }),
      ...(to !== null && { to }),
    })}`,
    signal,
  );

export const getAuditHead = (signal?: AbortSignal) => get<AuditHeadView>("/audit/head", signal);

export const auditExportUrl = `${BASE}/audit/export`;
export const auditCheckpointsUrl = `${BASE}/audit/checkpoints`;
