/** Entries of the audit log, one row each; on a narrow screen one block each. */
import type { AuditAction, AuditEntryView } from "#protocol/audit.ts";
import { siteRooms, timeZone } from "../state/app.ts";
import { type AuditRun, runsOf } from "../state/audit-runs.ts";
import { nowMs } from "../state/clock.ts";
import { clock, date, isoDate, moment, number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { detailsIn, valueText, wordFor } from "./audit-details.ts";
import { roomName } from "./room-name.ts";
import { Table } from "./table.tsx";

function Who({ entry: { actor, role } }: { entry: AuditEntryView }) {
  const { audit: words, roles: held } = text.value;
  const roles =
    role === null
      ? words.formerRole
      : role
          .split("+")
          .map((one) => wordFor({ ...held, ...words.otherRole }, one))
          .join(", ");
  if (actor === "gateway") return <>{roles}</>;
  return (
    <>
      {roles}
      <span class="beneath">{wordFor(words.actor, actor)}</span>
    </>
  );
}

/** What a period was asked for with: a date of the site, or a time. */
function edge(given: string): string {
  const { locale } = text.value;
  const ms = Date.parse(given);
  if (Number.isNaN(ms)) return given;
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(given);
  return isDate ? date(ms, locale, "UTC") : moment(ms, nowMs.value, locale, timeZone.value);
}

function periodIn(scope: string): string | null {
  const words = text.value.audit;
  const asked = new URLSearchParams(scope);
  const [from, to] = [asked.get("from"), asked.get("to")];
  if (from !== null && to !== null) return words.period(edge(from), edge(to));
  if (from !== null) return words.since(edge(from));
  return to === null ? null : words.until(edge(to));
}

const looks: ReadonlySet<string> = new Set(["read", "read-log", "export"]);

/** Each action has its word, or this does not compile. */
const actionWords = (): Readonly<Record<AuditAction, string>> => text.value.audit.action;

const CHANGE = /^change (\d+)$/;

/** The log calls changes by their number. */
function objectText(object: string): string {
  const { audit: words, alerts, changes } = text.value;
  const change = CHANGE.exec(object)?.[1];
  return change === undefined ? wordFor({ ...alerts.rule, ...words.object }, object) : changes.request(change);
}

/** Of sensors and of the log itself the deed says it already. */
const saysItself = ({ action, object }: AuditEntryView) => action === "read-log" || object === "device";

function What({ entry }: { entry: AuditEntryView }) {
  const { action, object, scope, reason } = entry;
  const words = text.value.audit;
  const deed = wordFor(actionWords(), action);
  const details = looks.has(action) ? periodIn(scope) : detailsIn(scope);
  return (
    <>
      {saysItself(entry) ? deed : words.deed(deed, objectText(object))}
      {details !== null && <span class="beneath">{details}</span>}
      {reason !== null && <span class="beneath">{object === "device" ? valueText(reason) : reason}</span>}
    </>
  );
}

/** Only of looking at rooms does it say that none was named: all were looked at. */
function roomsOf({ rooms, action, object }: AuditEntryView): string {
  const { list, audit: words } = text.value;
  if (rooms?.length === 0) return words.noRoom;
  if (rooms?.length === siteRooms.value.length) return words.wholeHouse;
  if (rooms !== null) return list(rooms.map(roomName));
  return action === "read" || (action === "export" && object !== "audit") ? words.wholeHouse : words.noRoom;
}

/** From the oldest to the newest of the run; the day is said once where it is the same. */
function When({ run: { entry, since, times } }: { run: AuditRun }) {
  const { locale, audit: words } = text.value;
  const zone = timeZone.value;
  const [from, to] = [Date.parse(since), Date.parse(entry.time)];
  const first = moment(from, nowMs.value, locale, zone);
  const isSameDay = isoDate(from, zone) === isoDate(to, zone);
  const last = isSameDay ? clock(to, locale, zone) : moment(to, nowMs.value, locale, zone);
  return (
    <>
      <time dateTime={since}>{first}</time>
      {last !== clock(from, locale, zone) && (
        <>
          –<time dateTime={entry.time}>{last}</time>
        </>
      )}
      {times > 1 && <span class="beneath">{words.times(number(times, locale))}</span>}
    </>
  );
}

function Row({ run }: { run: AuditRun }) {
  const { columns } = text.value.audit;
  const { entry } = run;
  return (
    <tr>
      <th scope="row">
        <When run={run} />
      </th>
      <td data-title={columns.who}>
        <Who entry={entry} />
      </td>
      <td data-title={columns.what}>
        <What entry={entry} />
      </td>
      <td data-title={columns.rooms}>{roomsOf(entry)}</td>
    </tr>
  );
}

export function AuditTable({ entries }: { entries: readonly AuditEntryView[] }) {
  const { caption, columns, title } = text.value.audit;
  return (
    <Table look="looks" caption={`${title}. ${caption}`} heads={Object.values(columns)} blocks>
      {runsOf(entries).map((run, place) => (
        <Row key={`${run.entry.time} ${place}`} run={run} />
      ))}
    </Table>
  );
}
