/** What of each unit is told of some days: conversations, minutes, alerts. Of the grouped report and the digest alike. Pure. */
import type { AlertRule, Figure } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { RoomKind, Site } from "#protocol/site.ts";
import type { Alert } from "../alerts/alert.ts";
import type { Episode } from "../detect/facts.ts";
import type { Days } from "../display/bins.ts";
import { total } from "../display/figure.ts";
import type { GroupedSight } from "../display/sight.ts";
import { type Spell, type ToldDays, tellDays } from "../display/talk.ts";
import type { Unit } from "../display/units.ts";
import { figure } from "./figures.ts";

/** All there is of the weeks that the days touch. */
export interface Happened {
  readonly site: Site;
  readonly episodes: readonly Episode[];
  readonly alerts: readonly Alert[];
}

/** Alerts that are raised because somebody talks. */
export const behaviourAlerts = ["conversation-in-shared-office", "overheard"] as const satisfies AlertRule[];
export type ToldAlerts = ReadonlyMap<AlertRule, ReadonlyMap<Unit, ToldDays>>;

export interface ToldUnits {
  readonly days: Days;
  readonly talk: ReadonlyMap<Unit, ToldDays>;
  readonly alerts: ToldAlerts;
}

export function tellUnits(happened: Happened, sight: GroupedSight, days: Days): ToldUnits {
  const { site, episodes } = happened;
  const { own, now } = sight;
  const talk = tellDays(own, episodes.map(spellOf(now)), days, { site, now });
  return { days, talk, alerts: tellAlerts(happened, sight, days) };
}

export const spellOf =
  (now: Millis) =>
  ({ room, start, end }: Episode): Spell => ({ room, from: start, until: end ?? now });

function tellAlerts({ site, alerts }: Happened, sight: GroupedSight, days: Days): ToldAlerts {
  const { now } = sight;
  return new Map(
    behaviourAlerts.map((rule) => {
      const spells = alerts.flatMap((alert) => (alert.rule === rule ? alertSpell(alert, now) : []));
      return [rule, tellDays(unitsWith(rule, sight, site), spells, days, { site, now })];
    }),
  );
}

/** One of the rules is about offices alone: that there are none elsewhere is no news. */
const unitsWith = (rule: AlertRule, { own }: GroupedSight, site: Site): readonly Unit[] =>
  rule === "overheard" ? own : own.filter((unit) => kindOf(unit, site) === "shared-office");

/** Told of the room in which somebody talked. */
function alertSpell({ room, pair, firedAt, resolvedAt }: Alert, now: Millis): Spell[] {
  const where = pair?.[0] ?? room;
  return where === null || firedAt === null ? [] : [{ room: where, from: firedAt, until: resolvedAt ?? now }];
}

/** Groups are of staff rooms: their hours are those of shared offices. */
export function kindOf({ kind, rooms }: Unit, site: Site): RoomKind {
  if (kind === "group") return "shared-office";
  const own = site.rooms.find(({ id }) => id === rooms[0])!.kind;
  return own === "open-plan" ? "shared-office" : own;
}

export interface UnitFigures {
  readonly conversations: Figure;
  /** In conversation. */
  readonly minutes: Figure;
  readonly alerts: Figure;
}

export function figuresOf(unit: Unit, { days, talk, alerts }: ToldUnits): UnitFigures {
  const told = talk.get(unit)!;
  return {
    conversations: figure(told.countIn(days)),
    minutes: figure(told.minutesIn(days)),
    alerts: figure(total(behaviourAlerts.flatMap((rule) => alerts.get(rule)!.get(unit)?.countIn(days) ?? []))),
  };
}
