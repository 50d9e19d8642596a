/** What is so now: rooms, alerts, devices, pairs, the site. */
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { AlertState, AlertView, DeviceView, Names, PairView, RoomView } from "#protocol/api.ts";
import { Id } from "#protocol/quantities.ts";
import { alertView } from "../deliver/alert-view.ts";
import { parsePeriod } from "../report/period.ts";
import { audited } from "./audited.ts";
import type { HttpParts } from "./parts.ts";
import { problems } from "./responses.ts";
import { shedding } from "./shed.ts";

const SiteView = z.object({
  site: Id,
  name: Names,
  timeZone: z.string(),
  budget: z.object({
    unleasedBitsPerS: z.number().describe("upper bound on what one device says without a lease"),
    leasedBitsPerS: z.number().describe("upper bound on `bands` under a lease; speech carries about 39"),
  }),
});

export const liveRoutes: FastifyPluginAsyncZod<HttpParts> = async (app, parts) => {
  const { site, live, journal, clock, budget } = parts;
  app.addHook("onRequest", shedding(parts, "overloaded"));

  app.get("/api/v1/site", { schema: { tags: ["live"], response: { 200: SiteView, ...problems } } }, async () => ({
    site: site.site,
    name: site.name,
    timeZone: site.timeZone,
    budget: { unleasedBitsPerS: budget.unleasedBitsPerS, leasedBitsPerS: budget.leasedBitsPerS },
  }));

  app.get(
    "/api/v1/rooms",
    {
      preHandler: audited(parts, "rooms"),
      schema: { tags: ["live"], response: { 200: z.array(RoomView), ...problems } },
    },
    async () => [...live.rooms()],
  );

  app.get(
    "/api/v1/alerts",
    {
      preHandler: audited(parts, "alerts"),
      schema: {
        tags: ["live"],
        description:
          "Alerts that were raised and overlap the period (the last 24 hours without one), newest first. What is still pending, or ended before it was raised, only with `state`.",
        querystring: z.strictObject({
          state: AlertState.optional(),
          from: z.string().optional(),
          to: z.string().optional(),
        }),
        response: { 200: z.array(AlertView), ...problems },
      },
    },
    async ({ query }) => {
      const period = parsePeriod(query, site.timeZone, clock.now(), 86_400_000);
      const found = await journal.alerts({ from: period.from, to: period.until + 1 });
      const free = new Set(live.rooms().flatMap((room) => (room.free === true ? [room.id] : [])));
      return found
        .filter((alert) => (query.state === undefined ? alert.firedAt !== null : alert.state === query.state))
        .sort((a, b) => b.startedAt - a.startedAt)
        .map((alert) => alertView(alert, site, free));
    },
  );

  app.get(
    "/api/v1/devices",
    { schema: { tags: ["live"], response: { 200: z.array(DeviceView), ...problems } } },
    async () => [...live.devices()],
  );

  app.get(
    "/api/v1/pairs",
    {
      preHandler: audited(parts, "pairs"),
      schema: {
        tags: ["live"],
        description: "Every ordered pair of rooms that a boundary joins: what is heard now and how much is kept in.",
        response: { 200: z.array(PairView), ...problems },
      },
    },
    async () => [...live.pairs()],
  );
};
