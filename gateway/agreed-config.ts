/**
 * The configuration as the table of what is governed (approval/), and back: what the gateway runs with is what it was
 * started with, as far as that is in force.
 */
import { createHash } from "node:crypto";
import { measuringHours } from "#protocol/measuring-hours.ts";
import type { Millis } from "#protocol/quantities.ts";
import { isSilent } from "#protocol/rooms.ts";
import { Site, TimeOfDay } from "#protocol/site.ts";
import { flatten, type Plain, type Settings } from "./approval/settings.ts";
import { heldBack, inForce, type State } from "./approval/state.ts";
import type { Wanted } from "./approval/step.ts";
import { type Config, ConfigError, RetentionSettings } from "./config.ts";
import { LEAST_EPISODE_DAYS, type Retention, retentionDays } from "./history/measurements.ts";

/** Without names, passwords, tokens and secrets: it is shown to everybody. */
export function governed(config: Config): Settings {
  const { site, siteFile: _, broker, history, webhooks, ...rest } = config;
  const { rooms, zones, boundaries, devices, ...house } = site;
  // In a silent room a device says nothing about people, and may come and go.
  const silent = new Set(rooms.filter(isSilent).map(({ id }) => id));
  return flatten(
    {
      ...rest,
      ...house,
      rooms: Object.fromEntries(rooms.map((room) => [room.id, room])),
      zones: Object.fromEntries(zones.map((zone) => [zone.id, zone])),
      boundaries: Object.fromEntries(boundaries.map((boundary) => [pairKey(boundary.between), boundary])),
      devices: Object.fromEntries(
        devices
          .filter(({ room }) => !silent.has(room))
          .map((device) => [placeKey(device), { ...device, silent: device.silent ?? false }]),
      ),
      broker: place(broker),
      history: place(history),
      webhooks: Object.fromEntries(Object.entries(webhooks).map(([name, { url }]) => [name, { url: hook(url) }])),
    },
    digest,
  );
}

const pairKey = (between: readonly string[]): string => [...between].sort().join("|");
const placeKey = ({ id, room }: { id: string; room: string }): string => `${id}@${room}`;
const digest = (value: Plain): string => `#${createHash("sha256").update(String(value)).digest("hex").slice(0, 12)}`;

/** Where it is, without who asks: `influxdb://host:8086/fortrolig`; of an embedded one only that it is. */
function place(url: string): string {
  if (url === "" || url.startsWith("sqlite:")) return url.split(":")[0]!;
  // Read as those read it who go there: an @ after a ? or # names no host.
  const at = URL.parse(url);
  return at === null ? url : `${at.protocol}//${at.host}${at.pathname}`;
}

/** Often the path of a hook is what only its users may know. */
const hook = (url: string): string => `${new URL(url).origin} ${digest(url)}`;

/**
 * What the gateway is to run with. What cannot be had as it was before, since the passwords for it are not kept, stops the
 * start instead: throws ConfigError.
 */
export function configInForce(config: Config, state: State): Config {
  const now = inForce(state);
  const stuck = heldBack(state).filter(({ path }) => !canBeHeldBack(path));
  if (stuck.length > 0) throw new ConfigError(stuck.map(({ path, before }) => notAgreed(path, before)).join("\n"));
  const oidc = providerInForce(config, now);
  const days = (what: keyof Retention) => Number(now[`retention.${what}`] ?? retentionDays[what]);
  return {
    ...without(config, "oidc"),
    ...(oidc && { oidc }),
    site: siteInForce(config.site, now),
    retention: {
      raw: days("raw"),
      minute: days("minute"),
      hour: days("hour"),
      episodes: days("episodes"),
    },
    webhooks: Object.fromEntries(
      Object.entries(config.webhooks).filter(([name, { url }]) => now[`webhooks.${name}.url`] === hook(url)),
    ),
  };
}

const CAN_BE_HELD_BACK =
  /^(site|timeZone|openingHours|policy|rooms|zones|boundaries|devices|retention|webhooks|oidc)(\.|$)/;
export const canBeHeldBack = (path: string): boolean => CAN_BE_HELD_BACK.test(path);

const without = <T extends object, K extends keyof T>(whole: T, key: K): Omit<T, K> => {
  const { [key]: _, ...rest } = whole;
  return rest;
};

/** Of another provider than is agreed nobody comes in; of a group, what is agreed that it is worth. */
function providerInForce({ oidc }: Config, now: Settings): Config["oidc"] {
  if (oidc === undefined || now["oidc.issuer"] !== oidc.issuer) return undefined;
  const listed = (path: string) => JSON.parse(String(now[path] ?? "[]"));
  return {
    ...oidc,
    groupsClaim: String(now["oidc.groupsClaim"] ?? oidc.groupsClaim),
    groups: Object.fromEntries(
      Object.keys(oidc.groups)
        .filter((name) => now[`oidc.groups.${name}.roles`] !== undefined)
        .map((name) => [
          name,
          { roles: listed(`oidc.groups.${name}.roles`), rooms: listed(`oidc.groups.${name}.rooms`) },
        ]),
    ),
  };
}

const notAgreed = (path: string, before: Plain | null): string =>
  `${path}: to be changed, it needs two approvals and a notice; start with what it was (${before ?? "not set"}), and ask for it under Changes`;

/**
 * What is not in force is there, so that it is known, and silent: a room as if one person worked in it, a device as if its
 * room were such. A boundary is not: nothing is measured across it.
 */
export function siteInForce(site: Site, now: Settings): Site {
  const rooms = site.rooms.map((room) => {
    const kind = now[`rooms.${room.id}.kind`];
    const assigned = now[`rooms.${room.id}.assigned`];
    return kind === undefined || assigned === undefined ? { ...room, assigned: 1 } : { ...room, kind, assigned };
  });
  const silent = new Set(rooms.filter(({ assigned }) => assigned === 1).map(({ id }) => id));
  const parsed = Site.safeParse({
    ...site,
    site: now.site,
    timeZone: now.timeZone,
    openingHours: hoursInForce(site, now),
    policy: Object.fromEntries(Object.entries(site.policy).map(([key, value]) => [key, now[`policy.${key}`] ?? value])),
    rooms,
    zones: site.zones.flatMap((zone) => {
      const inside = now[`zones.${zone.id}.rooms`];
      return inside === undefined ? [] : [{ ...zone, rooms: JSON.parse(String(inside)) }];
    }),
    boundaries: site.boundaries.flatMap((boundary) => {
      const kind = now[`boundaries.${pairKey(boundary.between)}.kind`];
      return kind === undefined ? [] : [{ ...boundary, kind }];
    }),
    devices: site.devices.map((device) => {
      const isThere = now[`devices.${placeKey(device)}.room`] !== undefined;
      const isHeard = isThere && now[`devices.${placeKey(device)}.silent`] === false;
      return isHeard || silent.has(device.room) ? device : { ...device, silent: true };
    }),
  });
  if (!parsed.success)
    throw new ConfigError(
      `what is in force of the site makes no site: ${parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")}`,
    );
  return parsed.data;
}

/**
 * When readings are taken. Devices follow the site file: where that has them measure at other hours than are in force, what
 * they say of others is nobody's. Undefined: at any time, since they stop by themselves when nobody may be measured.
 */
export const hoursToHold = (file: Site, agreed: Site): ((t: Millis) => boolean) | undefined =>
  hoursOf(file) === hoursOf(agreed) ? undefined : measuringHours(agreed);

const hoursOf = ({ policy, openingHours, timeZone }: Site): string =>
  JSON.stringify([policy.measuring, openingHours, timeZone]);

/** Hours of which only the one end was moved may leave nothing of a day. */
function hoursInForce(site: Site, now: Settings): Record<string, { from: Plain; until: Plain }> {
  const days = Object.keys(site.openingHours).flatMap((day) => {
    const from = now[`openingHours.${day}.from`];
    const until = now[`openingHours.${day}.until`];
    return from === undefined || until === undefined || from >= until ? [] : [[day, { from, until }] as const];
  });
  return Object.fromEntries(days);
}

/**
 * Why values that somebody wants cannot be; undefined where they can. They are shown to everybody, so that none is free
 * text: what the site's schema does not know, and is no figure or place, comes by the file alone, and can only go.
 */
export function faultOfWanted(config: Config, state: State, wanted: Wanted): string | undefined {
  const values = Object.entries(wanted).filter((entry): entry is [string, Plain] => entry[1] !== null);
  const missing = Object.keys(wanted).find((path) => wanted[path] === null && ALWAYS_SAID.test(path));
  if (missing !== undefined) return `${missing} cannot be without a value`;
  const now = inForce(state);
  for (const [path, value] of values) {
    const fault = faultOfValue(path, value, now[path]);
    if (fault !== undefined) return `${path} ${fault}`;
  }
  try {
    siteInForce(config.site, { ...now, ...Object.fromEntries(values) });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A start needs them: without a value there would be the file's, whatever is agreed. */
const ALWAYS_SAID = /^(site|timeZone|broker|history|mqttPlain|policy\..*|retention\..*)$/;
const OF_THE_SITE = /^(site|timeZone|openingHours|policy|rooms|boundaries)(\.|$)/;
const PLACE = /^$|^sqlite$|^(mqtts?|influxdb2?s?):\/\/[\w.[\]:-]+(\/[\w-]+){0,2}$/;

function faultOfValue(path: string, value: Plain, before: Plain | undefined): string | undefined {
  // A day without any time in it is no day of the site's, so that its schema does not see these.
  if (path.startsWith("openingHours.")) return TimeOfDay.safeParse(value).success ? undefined : "is a time, HH:MM";
  // The site's schema says what these may be.
  if (OF_THE_SITE.test(path)) return undefined;
  if (/^(broker|history)$/.test(path))
    return PLACE.test(String(value)) ? undefined : "is like influxdb://host:8086/database";
  if (path.startsWith("retention."))
    return RetentionSettings.safeParse({ [path.slice("retention.".length)]: value }).success
      ? undefined
      : `is a number of days${path === "retention.episodes" ? `, ${LEAST_EPISODE_DAYS} at least` : ""}`;
  const isSwitch = typeof value === "boolean" && typeof before === "boolean" && !path.includes("@");
  return isSwitch ? undefined : "comes by the configuration file, or goes";
}
