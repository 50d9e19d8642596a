/** What the audit log tells whom. Who reads it is entered in it, before the answer. */
import { type AuditAction, type AuditHeadView, type AuditPageView, AuditReach } from "#protocol/audit.ts";
import type { Interval } from "#protocol/calendar.ts";
import { type Person, reachFor } from "../access/person.ts";
import { canonical } from "../audit/canonical.ts";
import { type ChainedEntry, lineOf, timeOf } from "../audit/chain.ts";
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
  /** The page that comes before this entry, as `next` of another has said. */
  readonly before?: number | undefined;
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
  const page = await lookThrough(parts.journal, period, query, (entry) => sees(entry) && isAskedFor(entry, query));
  await enter(parts, person, { action: "read-log", object: "audit", scope: query, count: page.entries.length });
  const reach = reachFor(person, "audit");
  return { reach: AuditReach.options.filter((one) => reach.has(one)), ...page };
}

async function lookThrough(
  journal: Pick<Journal, "auditBefore">,
  period: Interval,
  { before = null, limit = PAGE }: { readonly before?: number | null | undefined; readonly limit?: number | undefined },
  isShown: (entry: ChainedEntry) => boolean,
): Promise<Omit<AuditPageView, "reach">> {
  const shown: ChainedEntry[] = [];
  let last: number | null = before;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += CHUNK) {
    const entries = await journal.auditBefore(period, last, CHUNK);
    const found = entries.filter(isShown).slice(0, limit - shown.length);
    shown.push(...found);
    const isFull = shown.length === limit;
    last = (isFull ? found : entries).at(-1)?.seq ?? last;
    const isEnd = entries.length < CHUNK && last === (entries.at(-1)?.seq ?? last);
    if (isEnd) return { entries: shown.map(viewOf), next: null };
    if (isFull) break;
  }
  return { entries: shown.map(viewOf), next: last };
}

function isAskedFor(entry: ChainedEntry, { action, actor, object, room }: AuditQuery): boolean {
  if (action !== undefined && entry.action !== action) return false;
  if (actor !== undefined && entry.actor !== actor) return false;
  if (object !== undefined && entry.object !== object) return false;
  return room === undefined || (roomsIn(entry.scope)?.has(room) ?? isOfWholeHouse(entry));
}

/** A look at everything is one at each room; a sign-in, which names none either, is not. */
const isOfWholeHouse = ({ action }: ChainedEntry): boolean => action === "read" || action === "export";

function viewOf(entry: ChainedEntry): AuditPageView["entries"][number] {
  const { seq, actor, object, scope, hash } = entry;
  const { role, reason, count } = "role" in entry ? entry : { role: null, reason: undefined, count: null };
  const time = new Date(timeOf(entry)).toISOString();
  const rooms = roomsIn(scope);
  return {
    seq,
    time,
    actor,
    role,
    action: entry.action,
    object,
    scope,
    rooms: rooms ? [...rooms] : null,
    reason: reason ?? null,
    count,
    hash,
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

/** What everybody may know: nothing of any entry. */
export async function auditHead({ journal, audit }: Pick<AuditParts, "journal" | "audit">): Promise<AuditHeadView> {
  const { count, hash } = await journal.auditHead();
  return { count, head: hash, publicKey: audit.publicKey, checkpoint: audit.latest() };
}

/** One a line, oldest first: whoever keeps them can tell later whether the log is the one they have seen. */
export const checkpointLines = async ({ journal }: Pick<AuditParts, "journal">): Promise<string> =>
  (await journal.checkpoints()).map((checkpoint) => `${canonical({ ...checkpoint })}\n`).join("");
