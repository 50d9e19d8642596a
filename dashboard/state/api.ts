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
import type { ChangeDeed, ChangesView } from "#protocol/changes.ts";
import { withSigns } from "./door-sign.ts";
import type { Language } from "./settings.ts";

export interface SiteView {
  readonly site: string;
  readonly name: RoomView["name"];
  readonly timeZone: string;
}

/** The gateway answered, but not with what was asked for. `status` 0: it did not answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** The gateway is busy and says when to ask again. */
  readonly retryAfterMs: number | undefined;
  constructor(status: number, message: string, options: ErrorOptions & { retryAfterMs?: number | undefined } = {}) {
    super(message, options);
    this.status = status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const BASE = "/api/v1";

const get = <T>(path: string, signal?: AbortSignal): Promise<T> => ask(path, { signal: signal ?? null });

/** With a body, what is asked for is told as JSON. */
const send = <T>(method: "POST" | "PUT", path: string, body?: object): Promise<T> =>
  ask(path, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { ...ACCEPT, "content-type": "application/json" } }),
  });

const ACCEPT = { accept: "application/json" };

async function ask<T>(path: string, how: RequestInit): Promise<T> {
  const response = await fetch(BASE + path, { headers: ACCEPT, ...how }).catch((cause: unknown) => {
    throw new ApiError(0, "no answer", { cause });
  });
  if (response.ok) return (await response.json()) as T;
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  const retryAfterMs = 1000 * Number(response.headers.get("retry-after")) || undefined;
  throw new ApiError(response.status, problem?.detail ?? problem?.title ?? response.statusText, { retryAfterMs });
}

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

const FORBIDDEN = 403;

/** What is not for whoever looks is nothing to them. */
const permitted = <T>(path: string): Promise<readonly T[]> =>
  get<readonly T[]>(path).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === FORBIDDEN) return [];
    throw error;
  });

export async function getSnapshot(): Promise<Snapshot> {
  const [rooms, signs, alerts, devices, pairs] = await Promise.all([
    permitted<RoomView>("/rooms"),
    permitted<FreeRoomView>("/free-rooms"),
    permitted<AlertView>("/alerts"),
    get<readonly DeviceView[]>("/devices"),
    permitted<PairView>("/pairs"),
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
export const getChanges = (signal?: AbortSignal) => get<ChangesView>("/changes", signal);

export const doToChange = (id: number, deed: Exclude<ChangeDeed, "revise">) =>
  send<ChangesView>("POST", `/changes/${id}/${deed}`);

/** Its end is RFC 3339. */
export const reviseChange = (id: number, reason: string, until: string) =>
  send<ChangesView>("PUT", `/changes/${id}`, { reason, until });
