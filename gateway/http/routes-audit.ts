/** The audit log: who looked, all of it as lines, and what everybody may check it by. */
import { Readable } from "node:stream";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { AuditAction, AuditHeadView, AuditPageView } from "#protocol/audit.ts";
import { RoomId } from "#protocol/quantities.ts";
import { auditExport, auditHead, auditPage, checkpointLines } from "./audit-log.ts";
import type { RouteParts } from "./parts.ts";
import { problems } from "./responses.ts";
import { shedding } from "./shed.ts";

const LINES = "application/jsonl";
const MOST_ON_A_PAGE = 500;
const lines = (description: string) => ({ description, content: { [LINES]: { schema: z.string() } } });

export const auditRoutes: FastifyPluginAsyncZod<RouteParts> = async (app, parts) => {
  const { site, clock } = parts;

  app.get(
    "/api/v1/audit",
    {
      onRequest: shedding(parts, "overloaded"),
      config: { permission: "audit" },
      schema: {
        tags: ["audit"],
        description:
          "Entries of the audit log, newest first; the last week without bounds. Each sees what its role allows: all · what it did itself · who looked at its rooms. `from` and `to` are dates of the site (2026-11-01, inclusive) or RFC 3339 times (`to` exclusive).",
        querystring: z.strictObject({
          from: z.string().optional(),
          to: z.string().optional(),
          action: AuditAction.optional(),
          actor: z.string().max(100).optional(),
          object: z.string().max(100).optional(),
          room: RoomId.optional(),
          limit: z.coerce.number().int().min(1).max(MOST_ON_A_PAGE).optional(),
        }),
        response: { 200: AuditPageView, ...problems },
      },
    },
    (request) => auditPage(parts, request.person, request.query),
  );

  app.get(
    "/api/v1/audit/export",
    {
      // It would be entered as an export, and be none.
      exposeHeadRoute: false,
      onRequest: shedding(parts, "busy"),
      config: { permission: "audit", reach: ["all"] },
      schema: {
        tags: ["audit"],
        description:
          "The whole log, one entry a line as canonical JSON (RFC 8785). `npm run verify-audit` tells whether it is whole.",
        response: { 200: lines("Entries, oldest first"), ...problems },
      },
    },
    async (request, reply) => {
      const exported = await auditExport(parts, request.person);
      const name = `fortrolig-${site.site}-audit-${new Date(clock.now()).toISOString().slice(0, 10)}.jsonl`;
      return reply
        .header("content-type", `${LINES}; charset=utf-8`)
        .header("content-disposition", `attachment; filename="${name}"`)
        .send(Readable.from(exported) as never);
    },
  );

  app.get(
    "/api/v1/audit/head",
    {
      config: { permission: "audit-head" },
      schema: {
        tags: ["audit"],
        description:
          "How many entries there are, the hash of the last of them, the last signed checkpoint. For everybody, as of that checkpoint; as of now for who is told all of the log.",
        response: { 200: AuditHeadView, ...problems },
      },
    },
    ({ person }) => auditHead(parts, person),
  );

  app.get(
    "/api/v1/audit/checkpoints",
    {
      config: { permission: "audit-head" },
      schema: {
        tags: ["audit"],
        description:
          "Every signed checkpoint, one a line. Whoever keeps them can show later that the log was written anew or cut off. For everybody.",
        response: { 200: lines("Checkpoints, oldest first"), ...problems },
      },
    },
    async (_request, reply) =>
      reply
        .header("content-type", `${LINES}; charset=utf-8`)
        .serializer((text: unknown) => text as string)
        .send(await checkpointLines(parts)),
  );
};
