/**
 * What of a question is entered in the audit log: what the site and the protocol know of it. What somebody has merely written
 * stays out, since no entry is ever taken away, and there may be a name in it (PRIVACY §1.2).
 */
import { AlertRule, AlertState, Resolution } from "#protocol/api.ts";
import { AuditAction } from "#protocol/audit.ts";
import { findRoom } from "#protocol/rooms.ts";
import type { Site } from "#protocol/site.ts";
import { isPersonId, isTokenId } from "../access/ids.ts";
import { isBound } from "../report/period.ts";

/** Stands for everything else. */
export const UNKNOWN = "?";

/** What is read, as entries have it. */
export const readings = [
  "rooms",
  "free rooms",
  "alerts",
  "pairs",
  "stream",
  "history",
  "pair history",
  "report",
  "audit",
] as const;
export type Reading = (typeof readings)[number];

/** What is entered of a value; undefined when it is not known. */
type Known = (value: string, site: Site) => string | undefined;

const oneOf = (words: readonly string[]): Known => {
  const known = new Set(words);
  return (value) => (known.has(value) ? value : undefined);
};
const fitting =
  (fits: (value: string) => boolean): Known =>
  (value) =>
    fits(value) ? value : undefined;

/** As the site writes it, whatever the case. */
const room: Known = (value, site) => findRoom(site, value)?.id;
/** To the millisecond, as it is answered: digits beyond could be a number of somebody. */
const bound: Known = (value) => (isBound(value) ? value.replace(/(\.\d{3})\d+/, "$1") : undefined);
const isWho = (value: string): boolean => isPersonId(value) || isTokenId(value);
const isDevice = (value: string, { devices }: Site): boolean => devices.some(({ id }) => id === value);
const actors = oneOf(["gateway", "nobody", "machine", "provider", "command-line"]);
const objects = oneOf([...readings, ...AlertRule.options, "device", "settings", "unknown"]);

const known: Readonly<Record<string, Known>> = {
  room,
  fromRoom: room,
  toRoom: room,
  from: bound,
  to: bound,
  compareFrom: bound,
  compareTo: bound,
  state: oneOf(AlertState.options),
  resolution: oneOf(Resolution.options),
  format: oneOf(["json", "html", "csv"]),
  language: oneOf(["da", "en"]),
  reach: oneOf(["all", "grouped"]),
  action: oneOf(AuditAction.options),
  limit: fitting((value) => /^\d{1,3}$/.test(value)),
  actor: (value, site) => (isWho(value) || isDevice(value, site) ? value : actors(value, site)),
  object: (value, site) => (isWho(value) || /^change \d{1,6}$/.test(value) ? value : objects(value, site)),
};

/** As in a query string; undefined members of `asked` are left out. */
export function scopeOf(asked: object, site: Site): string {
  const said = Object.entries(asked).filter(([, value]) => value !== undefined);
  return new URLSearchParams(
    said.map(([key, value]) =>
      Object.hasOwn(known, key) ? [key, known[key]!(String(value), site) ?? UNKNOWN] : [UNKNOWN, UNKNOWN],
    ),
  ).toString();
}
