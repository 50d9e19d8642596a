/** Entries of the audit log, one row each; on a narrow screen one block each. */
import type { AuditEntryView } from "#protocol/audit.ts";
import { timeZone } from "../state/app.ts";
import { nowMs } from "../state/clock.ts";
import { date, moment } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { roomName } from "./room-name.ts";
import { Scroll } from "./scroll.tsx";

/** A word for it where there is one; a later version of the gateway may say more than this page knows. */
const wordFor = (words: Readonly<Record<string, string>>, key: string): string =>
  Object.hasOwn(words, key) ? words[key]! : key;

function Who({ entry: { actor, role } }: { entry: AuditEntryView }) {
  const words = text.value.audit;
  const roles =
    role === null
      ? words.formerRole
      : role
          .split("+")
          .map((one) => wordFor(words.role, one))
          .join(", ");
  if (actor === "gateway") return <>{roles}</>;
  return (
    <>
      {roles}
      <span class="beneath">{actor === "nobody" ? words.nobody : actor}</span>
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

function What({ entry: { action, object, scope, reason } }: { entry: AuditEntryView }) {
  const words = text.value.audit;
  const deed = wordFor(words.action, action);
  const period = periodIn(scope);
  return (
    <>
      {action === "read-log" ? deed : words.deed(deed, wordFor(words.object, object))}
      {period !== null && <span class="beneath">{period}</span>}
      {reason !== null && <span class="beneath">{reason}</span>}
    </>
  );
}

/** Only of looking at rooms does it say that none was named: all were looked at. */
function roomsOf({ rooms, action, object }: AuditEntryView): string {
  const { list, audit: words } = text.value;
  if (rooms !== null) return list(rooms.map(roomName));
  return action === "read" || (action === "export" && object !== "audit") ? words.wholeHouse : words.noRoom;
}

function Row({ entry }: { entry: AuditEntryView }) {
  const { locale, audit } = text.value;
  const { columns } = audit;
  return (
    <tr data-entry={entry.seq}>
      <th scope="row">
        <time dateTime={entry.time}>{moment(Date.parse(entry.time), nowMs.value, locale, timeZone.value)}</time>
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
    <Scroll label={title}>
      <table class="table table--compact table--borderless table--responsive-headers looks">
        <caption class="sr-only">{caption}</caption>
        <thead>
          <tr>
            {Object.entries(columns).map(([key, name]) => (
              <th key={key} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.seq} entry={entry} />
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
