/** What is so now: rooms, alerts, devices, pairs, the site; of each what who asks may see (access/sight.ts). */
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { AlertState, AlertView, DeviceView, FreeRoomView, Names, PairView, RoomView } from "#protocol/api.ts";
import { Id, RoomId } from "#protocol/quantities.ts";
import { RoomKind } from "#protocol/site.ts";
import { seenAlert, seenDevice, seenFreeRoom, seenPair, seenRoom } from "../access/sight.ts";
import { alertView } from "../deliver/alert-view.ts";
import { assertKept } from "../report/kept.ts";
import { parsePeriod } from "../report/period.ts";
import { alertRooms, audited, doorSigns, liveRooms } from "./audited.ts";
import type { RouteParts } from "./parts.ts";
import { problems } from "./responses.ts";
import { shedding } from "./shed.ts";

const SiteView = z.object({
  site: Id,
  name: Names,
  timeZone: z.string(),
  privacy: z
    .literal("strict")
    .optional()
    .describe("rooms that people work in are told together and by the day alone; left out in other houses"),
  rooms: z.array(z.object({ id: RoomId, name: Names, kind: RoomKind })),
  budget: z.object({
    unleasedBitsPerS: z.number().describe("upper bound on what one device says without a lease"),
    leasedBitsPerS: z.number().describe("upper bound on `bands` under a lease; speech carries about 39"),
  }),
});

const LeakageSummary = z.object({
  pairs: z.int(),
  measured: z.int().describe("of these, how many have been heard enough to be judged"),
  standardPrivacy: z
    .int()
    .describe("of these, how many keep in an ordinary conversation or more: ASTM E2638, SPC ≥ 75"),
});

export const leakageSummary = (pairs: readonly PairView[]): z.infer<typeof LeakageSummary> => ({
  pairs: pairs.length,
  measured: pairs.filter(({ spcClass }) => spcClass !== null).length,
  standardPrivacy: pairs.filter(({ spcClass }) => spcClass !== null && !LEAKY.has(spcClass)).length,
});
const LEAKY: ReadonlySet<string> = new Set(["below-minimal", "minimal-privacy"]);

export const liveRoutes: FastifyPluginAsyncZod<RouteParts> = async (app, parts) => {
  const { site, live, journal, clock, budget, sightOf, heldPairs } = parts;
  app.addHook("onRequest", shedding(parts, "overloaded"));

  const siteView = {
    site: site.site,
    name: site.name,
    timeZone: site.timeZone,
    ...(site.policy.privacy === "strict" && { privacy: site.policy.privacy }),
    rooms: site.rooms.map(({ id, name, kind }) => ({ id, name, kind })),
    budget: { unleasedBitsPerS: budget.unleasedBitsPerS, leasedBitsPerS: budget.leasedBitsPerS },
  };
  app.get(
    "/api/v1/site",
    { config: { permission: "transparency" }, schema: { tags: ["live"], response: { 200: SiteView, ...problems } } },
    async () => siteView,
  );

  app.get(
    "/api/v1/rooms",
    {
      preHandler: audited(parts, "rooms", liveRooms),
      config: { permission: "live" },
      schema: {
        tags: ["live"],
        description: "The rooms of who asks: those they lead or work in; in a strict house none that people work in.",
        response: { 200: z.array(RoomView), ...problems },
      },
    },
    async ({ person }) => {
      const sight = sightOf(person);
      return live.rooms().flatMap((room) => seenRoom(sight, room) ?? []);
    },
  );

  app.get(
    "/api/v1/free-rooms",
    {
      preHandler: audited(parts, "free rooms", doorSigns),
      config: { permission: "free-rooms" },
      schema: {
        tags: ["live"],
        description: "Every conversation room as its door sign has it.",
        response: { 200: z.array(FreeRoomView), ...problems },
      },
    },
    async ({ person }) => {
      const sight = sightOf(person);
      return live.rooms().flatMap((room) => seenFreeRoom(sight, room) ?? []);
    },
  );

  app.get(
    "/api/v1/alerts",
    {
      preHandler: audited(parts, "alerts", alertRooms),
      config: { permission: ["live", "history", "leakage"], reach: ["own-rooms", "all"] },
      schema: {
        tags: ["live"],
        description:
          "Alerts that were raised and overlap the period (the last 24 hours without one), newest first. What is still pending, or ended before it was raised, only with `state`. Who sees a room live is told its alerts, and those that are over for less than 24 hours; who sees all of the past, every one that is over; who sees leakage, that a boundary keeps in less. In a strict house who sees all of the past alone is told of talk in rooms that people work in, or heard in one.",
        querystring: z.strictObject({
          state: AlertState.optional(),
          from: z.string().optional(),
          to: z.string().optional(),
        }),
        response: { 200: z.array(AlertView), ...problems },
      },
    },
    async ({ query, person }) => {
      const sight = sightOf(person);
      const now = clock.now();
      const period = parsePeriod(query, site.timeZone, now, 86_400_000);
      await assertKept(journal, period.from);
      const found = await journal.alerts({ from: period.from, to: period.until + 1 });
      const free = new Set(live.rooms().flatMap((room) => (room.free === true ? [room.id] : [])));
      return found
        .filter((alert) => (query.state === undefined ? alert.firedAt !== null : alert.state === query.state))
        .sort((a, b) => b.startedAt - a.startedAt)
        .flatMap((alert) => seenAlert(sight, alertView(alert, site, free), now) ?? []);
    },
  );

  app.get(
    "/api/v1/devices",
    {
      config: { permission: "transparency" },
      schema: {
        tags: ["live"],
        description:
          "To who does not see a device's room live times are told to the minute, and nothing that goes with what it hears.",
        response: { 200: z.array(DeviceView), ...problems },
      },
    },
    async ({ person }) => {
      const sight = sightOf(person);
      return live.devices().map((device) => seenDevice(sight, device));
    },
  );

  app.get(
    "/api/v1/pairs",
    {
      preHandler: audited(parts, "pairs", liveRooms),
      config: { permission: "leakage", reach: ["all"] },
      schema: {
        tags: ["live"],
        description:
          "Every ordered pair of rooms that a boundary joins: how much is kept in, and, from rooms that who asks sees live, what is heard now; in a strict house not where people work.",
        response: { 200: z.array(PairView), ...problems },
      },
    },
    async ({ person }) => {
      const sight = sightOf(person);
      return live.pairs().flatMap((pair) => seenPair(sight, pair, heldPairs) ?? []);
    },
  );

  app.get(
    "/api/v1/leakage",
    {
      config: { permission: "leakage" },
      schema: {
        tags: ["live"],
        description: "How well the house keeps talk in, for everybody: pairs of rooms by their speech privacy class.",
        response: { 200: LeakageSummary, ...problems },
      },
    },
    async () => leakageSummary(live.pairs().flatMap((pair) => heldPairs(pair) ?? [])),
  );
};
