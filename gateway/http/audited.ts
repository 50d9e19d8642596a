/** Every read of behaviour data is written down before it is answered; when it cannot be, the answer is 503 (PRIVACY §1.9). */
import type { FastifyRequest } from "fastify";
import type { AuditAction } from "#protocol/audit.ts";
import type { RoomId } from "#protocol/quantities.ts";
import type { Person } from "../access/person.ts";
import { actorOf } from "../audit/entry.ts";
import { roomsIn } from "../audit/rooms-in.ts";
import { type Reading, scopeOf } from "../audit/scope.ts";
import type { HttpParts, RouteParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";

export interface Deed {
  readonly action: Extract<AuditAction, "read" | "read-log" | "export">;
  readonly object: Reading;
  /** As it was asked: of what the site and the protocol do not know there is a sign alone (audit/scope.ts). */
  readonly scope: object;
  /** That are told of, where `scope` does not say so. */
  readonly rooms?: Iterable<RoomId>;
  /** Otherwise the rooms that the scope names, or else all of the house. */
  readonly count?: number;
}

/** Resolves when it is written down; throws 503 when it cannot be. */
export async function enter(
  { journal, clock, site }: Pick<HttpParts, "journal" | "clock" | "site">,
  person: Person | undefined,
  deed: Deed,
): Promise<void> {
  const { action, object } = deed;
  const asked = scopeOf(deed.scope, site);
  const rooms = deed.rooms && new URLSearchParams({ rooms: [...deed.rooms].join(",") }).toString();
  const scope = [rooms, asked].filter((part) => part).join("&");
  const count = deed.count ?? roomsIn(scope)?.size ?? site.rooms.length;
  try {
    await journal.audit({ at: clock.now(), ...actorOf(person), action, object, scope, count });
  } catch (error) {
    throw new HttpProblem(503, "the read could not be entered in the audit log, so it is not answered", {
      cause: error,
    });
  }
}

/** Rooms of which who asks is told what happens in them; undefined: of the whole house. */
export type Told = (parts: RouteParts, person: Person | undefined) => Iterable<RoomId> | undefined;

/** A preHandler for routes that answer behaviour data. The rooms are those that the address names, or else those `told`. */
export const audited =
  (parts: RouteParts, object: Reading, told: Told = wholeHouse) =>
  async (request: FastifyRequest): Promise<void> => {
    // What a route does not take of an address changes nothing that is answered, and must not change what is said of it.
    const takesQuery = request.routeOptions.schema?.querystring !== undefined;
    const asked = { ...(request.params as object), ...(takesQuery && (request.query as object)) };
    const rooms = namesRooms(asked) ? undefined : told(parts, request.person);
    const some = rooms === undefined || isWholeHouse(parts, rooms) ? {} : { rooms };
    await enter(parts, request.person, { action: "read", object, scope: asked, ...some });
  };

const wholeHouse: Told = () => undefined;
const isWholeHouse = ({ site }: RouteParts, rooms: Iterable<RoomId>): boolean => {
  const named = new Set(rooms);
  return site.rooms.every(({ id }) => named.has(id));
};
const namesRooms = (asked: object): boolean => "room" in asked || "fromRoom" in asked;

export const liveRooms: Told = ({ sightOf }, person) => sightOf(person).live;

export const alertRooms: Told = ({ sightOf }, person) => {
  const { live, pastAlerts } = sightOf(person);
  return pastAlerts ? undefined : live;
};

export const doorSigns: Told = ({ site }) =>
  site.rooms.filter(({ kind }) => kind === "conversation-room").map(({ id }) => id);

/** What the routes for rooms, alerts and door signs would each tell. */
export const streamRooms: Told = (parts, person) => {
  const { pastAlerts, live, freeRooms } = parts.sightOf(person);
  if (pastAlerts) return undefined;
  return new Set([...live, ...(freeRooms ? doorSigns(parts, person)! : [])]);
};

export const pastRooms: Told = ({ historySightOf, clock }, person) => {
  const sight = historySightOf(person, clock.now());
  return sight.reach === "own-rooms" ? sight.own.flatMap(({ rooms }) => rooms) : undefined;
};
