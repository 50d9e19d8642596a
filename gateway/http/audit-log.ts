/** What the audit log tells whom. Who reads it is entered in it, before the answer. */
import {
  type AuditAction,
  type AuditEntryView,
  type AuditHeadView,
  type AuditPageView,
  AuditReach,
} from "#protocol/audit.ts";
import type { Interval } from "#protocol/calendar.ts";
import type { Millis } from "#protocol/quantities.ts";
import { type Person, reachFor } from "../access/person.ts";
import { canonical } from "../audit/canonical.ts";
import { type ChainedEntry, EMPTY, lineOf, timeOf } from "../audit/chain.ts";
import { roomsIn } from "../audit/rooms-in.ts";
import { sightOf } from "../audit/sight.ts";
import type { Journal } from "../journal/journal.ts";
import { parsePeriod } from "../report/period.ts";
import { enter } from "./audited.ts";
import type { HttpParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";

export type AuditParts = Pick<HttpParts, "journal" | "clock" | "site" | "audit">;

export interface AuditQuery {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly action?: AuditAction | undefined;
  readonly actor?: string | undefined;
  readonly object?: string | undefined;
  /** Entries that are about this room, alone or together with others. */
  readonly room?: string | undefined;
  readonly limit?: number | undefined;
}

const WEEK_MS = 7 * 86_400_000;
const PAGE = 100;
/** Entries that are looked at together; the journal has others to answer meanwhile. */
const CHUNK = 500;
/** Looked at for one page, however few of them are to be shown. */
const MOST_LOOKED_AT = 20 * CHUNK;

/** Throws 403 for those who see nothing of the log, and what a period or the journal makes impossible. */
export async function auditPage(
  parts: AuditParts,
  person: Person | undefined,
  query: AuditQuery,
): Promise<AuditPageView> {
  const sees = sightOf(person);
  if (!sees) throw new HttpProblem(403, "the audit log is not shown to you");
  const period = parsePeriod(query, parts.site.timeZone, parts.clock.now(), WEEK_MS);
  const isShown = (entry: ChainedEntry) => sees(entry) && isAskedFor(entry, query);
  const { shown, next } = await lookThrough(parts.journal, period, query.limit ?? PAGE, isShown);
  await enter(parts, person, { action: "read-log", object: "audit", scope: query, count: shown.length });
  const reach = AuditReach.options.filter((one) => reachFor(person, "audit").has(one));
  return {
    reach,
    entries: shown.map((entry) => viewOf(entry, reach.includes("all"))),
    next: next === null ? null : new Date(next).toISOString(),
  };
}

interface Found {
  /** Newest first. */
  readonly shown: readonly ChainedEntry[];
  /** Older ones came before then. */
  readonly next: Millis | null;
}

/** Pages end between two times, so that the time alone says where the next begins: of one time all are shown. */
async function lookThrough(
  journal: Pick<Journal, "auditBefore">,
  period: Interval,
  limit: number,
  isShown: (entry: ChainedEntry) => boolean,
): Promise<Found> {
  const shown: ChainedEntry[] = [];
  let last: ChainedEntry | undefined;
  let looked = 0;
  const isOver = () => shown.length >= limit || looked >= MOST_LOOKED_AT;
  for (;;) {
    const entries = await journal.auditBefore(period, last?.seq ?? null, CHUNK);
    for (const entry of entries) {
      if (last && isOver() && timeOf(entry) !== timeOf(last)) return { shown, next: timeOf(last) };
      if (isShown(entry)) shown.push(entry);
      last = entry;
      looked++;
    }
    if (entries.length < CHUNK) return { shown, next: null };
  }
}

function isAskedFor(entry: ChainedEntry, { action, actor, object, room }: AuditQuery): boolean {
  if (action !== undefined && entry.action !== action) return false;
  if (actor !== undefined && entry.actor !== actor) return false;
  if (object !== undefined && entry.object !== object) return false;
  return room === undefined || isAbout(entry, room);
}

/** An address may have written the room in another case. */
function isAbout(entry: ChainedEntry, room: string): boolean {
  const named = roomsIn(entry.scope);
  return named ? [...named].some((one) => one.toLowerCase() === room.toLowerCase()) : isOfWholeHouse(entry);
}

/** A look at everything is one at each room; a sign-in, which names none either, is not. */
const isOfWholeHouse = ({ action }: ChainedEntry): boolean => action === "read" || action === "export";

/** `whole`: to somebody who is told all of the log. */
function viewOf(entry: ChainedEntry, whole: boolean): AuditEntryView {
  const { seq, actor, object, scope, hash } = entry;
  const { role, reason, count } = "role" in entry ? entry : { role: null, reason: undefined, count: null };
  const time = new Date(timeOf(entry)).toISOString();
  const rooms = roomsIn(scope);
  return {
    seq: whole ? seq : null,
    time,
    actor,
    role,
    action: entry.action,
    object,
    scope,
    rooms: rooms ? [...rooms] : null,
    reason: reason ?? null,
    count,
    hash: whole ? hash : null,
  };
}

/** All of it as lines, with the entry of this export as the last. Throws 403 for those who do not see all of it. */
export async function auditExport(parts: AuditParts, person: Person | undefined): Promise<AsyncIterable<string>> {
  if (!reachFor(person, "audit").has("all")) throw new HttpProblem(403, "the whole audit log is not shown to you");
  const { count } = await parts.journal.auditHead();
  await enter(parts, person, { action: "export", object: "audit", scope: {}, count: count + 1 });
  const through = (await parts.journal.auditHead()).count;
  return linesThrough(parts.journal, through);
}

async function* linesThrough(journal: Pick<Journal, "auditAfter">, through: number): AsyncGenerator<string> {
  let seq = 0;
  while (seq < through) {
    const entries = await journal.auditAfter(seq, Math.min(CHUNK, through - seq));
    const last = entries.at(-1);
    if (last === undefined) return;
    seq = last.seq;
    const told = entries.filter((entry) => entry.seq <= through);
    yield told.map((entry) => `${lineOf(entry)}\n`).join("");
  }
}

/**
 * What everybody may know. How the log stands at this moment only those are told who are told all of it: an alert is an entry,
 * and so is each look.
 */
export async function auditHead(
  { journal, audit }: Pick<AuditParts, "journal" | "audit">,
  person: Person | undefined,
): Promise<AuditHeadView> {
  const { publicKey, latest } = audit;
  const checkpoint = latest();
  const witnessed = checkpoint ? { count: checkpoint.count, hash: checkpoint.head } : EMPTY;
  const { count, hash } = reachFor(person, "audit").has("all") ? await journal.auditHead() : witnessed;
  return { count, head: hash, publicKey, checkpoint };
}

/** One a line, oldest first: whoever keeps them can tell later whether the log is the one they have seen. */
export const checkpointLines = async ({ journal }: Pick<AuditParts, "journal">): Promise<string> =>
  (await journal.checkpoints()).map((checkpoint) => `${canonical({ ...checkpoint })}\n`).join("");
