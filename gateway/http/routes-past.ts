/** What was: a room's history, a pair's, and the report. Always behaviour data, always audited. */
import { createHash } from "node:crypto";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { HistoryView, PairHistoryView, ReportView, Resolution } from "#protocol/api.ts";
import type { Interval } from "#protocol/calendar.ts";
import { RoomId } from "#protocol/quantities.ts";
import { findRoom, isSilent } from "#protocol/rooms.ts";
import type { Person } from "../access/person.ts";
import type { Sight } from "../display/sight.ts";
import { HistoryError } from "../history/history.ts";
import { reportCsv } from "../report/csv.ts";
import { gatherReport } from "../report/gather.ts";
import { reportHtml, STYLE } from "../report/html.ts";
import { pairHistory } from "../report/pair-history.ts";
import { findPair } from "../report/pairs.ts";
import { parseCompared, parsePeriod } from "../report/period.ts";
import { resolutionFor, roomHistory } from "../report/room-history.ts";
import { audited, pastRooms } from "./audited.ts";
import type { RouteParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";
import { problems } from "./responses.ts";
import { shed, shedding } from "./shed.ts";

const HISTORY_DEFAULT_MS = 3_600_000;
/** What a page shows at first is shorter. */
const LONG_MS = 86_400_000;
const HISTORY_LONGEST_MS = 400 * 86_400_000;
const Bounds = { from: z.string().optional(), to: z.string().optional() };
const describeBounds =
  "`from` and `to` are dates of the site (2026-11-01, inclusive) or RFC 3339 times (`to` exclusive).";

const describeRules =
  "whole days that are over, small counts as a range, minutes to five, `suppressed` where there are none and why.";

/** The report page brings its own style and nothing else. */
const REPORT_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'`;

export const pastRoutes: FastifyPluginAsyncZod<RouteParts> = async (app, parts) => {
  const { site, clock, historySightOf } = parts;
  const historySight = (person: Person | undefined): Sight => historySightOf(person, clock.now());
  app.addHook("onRequest", shedding(parts, "overloaded"));
  const shedLong = ({ from, until }: Interval) => until - from > LONG_MS && shed(parts, "busy");

  app.get(
    "/api/v1/history/:room",
    {
      preHandler: audited(parts, "history"),
      config: { permission: "history" },
      schema: {
        tags: ["past"],
        description: `Levels and conversations of one room as columns; the last hour without bounds. To whoever is told of rooms in groups: ${describeRules} Levels are of whole hours, where the room is told singly; \`daily\` has its days, or those of the rooms it is told with; of a conversation room there is a \`profile\` of four weeks. ${describeBounds}`,
        params: z.object({ room: RoomId }),
        querystring: z.strictObject({ ...Bounds, resolution: Resolution.optional() }),
        response: { 200: HistoryView, ...problems },
      },
    },
    async ({ params, query, person }) => {
      const room = findRoom(site, params.room);
      if (!room) throw new HttpProblem(404, `no room has the id "${params.room}"`);
      if (isSilent(room))
        throw new HttpProblem(404, `${room.id} has one assigned person: nothing of what happens there is kept`);
      const period = parsePeriod(query, site.timeZone, clock.now(), HISTORY_DEFAULT_MS);
      if (period.until - period.from > HISTORY_LONGEST_MS)
        throw new HttpProblem(400, "the period is longer than 400 days");
      const finest = resolutionFor(period);
      const resolution = query.resolution ?? finest;
      if (Resolution.options.indexOf(resolution) < Resolution.options.indexOf(finest))
        throw new HttpProblem(400, `a period this long is answered in steps of ${finest} or coarser`);
      shedLong(period);
      return fromHistory(() => roomHistory(parts, room, period, resolution, historySight(person)));
    },
  );

  app.get(
    "/api/v1/pairs/:fromRoom/:toRoom",
    {
      preHandler: audited(parts, "pair history"),
      config: { permission: "leakage", reach: ["all"] },
      schema: {
        tags: ["past"],
        description: `What was heard of one room in another; the last four weeks without bounds. Of a room with one assigned person, and of one whose history is not told by itself to who asks, there is how much its boundary keeps in, and no minutes. ${describeBounds}`,
        // Not `from` and `to`, which are the period's: the audit log tells both.
        params: z.object({ fromRoom: RoomId, toRoom: RoomId }),
        querystring: z.strictObject(Bounds),
        response: { 200: PairHistoryView, ...problems },
      },
    },
    async ({ params: { fromRoom, toRoom }, query, person }) => {
      for (const id of [fromRoom, toRoom])
        if (!findRoom(site, id)) throw new HttpProblem(404, `no room has the id "${id}"`);
      const pair = findPair(site, fromRoom, toRoom);
      if (!pair) throw new HttpProblem(404, `no boundary joins ${fromRoom} and ${toRoom}`);
      const period = parsePeriod(query, site.timeZone, clock.now());
      if (period.until - period.from > HISTORY_LONGEST_MS)
        throw new HttpProblem(400, "the period is longer than 400 days");
      shedLong(period);
      return fromHistory(() => pairHistory(parts, pair, period, historySight(person)));
    },
  );

  app.get(
    "/api/v1/report",
    {
      onRequest: shedding(parts, "busy"),
      preHandler: audited(parts, "report", pastRooms),
      config: { permission: "history" },
      schema: {
        tags: ["past"],
        description: `Sound leakage, conversations, alerts and coverage; the last four weeks without bounds. To whoever is told of rooms in groups (\`reach\`): ${describeRules} Hours and what was heard are shares of the fixed spans of four weeks that end in the period. With \`compareFrom\` and \`compareTo\` also what has changed since, or was changed later. ${describeBounds}`,
        querystring: z.strictObject({
          ...Bounds,
          compareFrom: z.string().optional(),
          compareTo: z.string().optional(),
          format: z.enum(["json", "html", "csv"]).default("json"),
          language: z.enum(["da", "en"]).default("da"),
        }),
        response: {
          200: {
            description: "The report in the format asked for",
            content: {
              "application/json": { schema: ReportView },
              "text/html": { schema: z.string() },
              "text/csv": { schema: z.string() },
            },
          },
          ...problems,
        },
      },
    },
    async ({ query, person }, reply) => {
      const period = parsePeriod(query, site.timeZone, clock.now());
      const compared = parseCompared(query, period, site.timeZone, clock.now());
      const report = await fromHistory(() => gatherReport(parts, period, compared, historySight(person)));
      if (query.format === "json") return report;
      const body = query.format === "html" ? reportHtml(report, query.language) : reportCsv(report);
      reply.header("content-type", `text/${query.format}; charset=utf-8`).serializer((text: unknown) => text as string);
      if (query.format === "html") reply.header("content-security-policy", REPORT_POLICY);
      else reply.header("content-disposition", `attachment; filename="${csvName(report)}"`);
      return body;
    },
  );
};

const csvName = (report: ReportView): string =>
  `fortrolig-${report.site}-${report.from.slice(0, 10)}-${report.to.slice(0, 10)}.csv`;

/** A database that is away is no fault of the request, and of no other part of the gateway. */
async function fromHistory<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof HistoryError)
      throw new HttpProblem(503, "the history database does not answer; readings are kept and will be there", {
        cause: error,
      });
    throw error;
  }
}
