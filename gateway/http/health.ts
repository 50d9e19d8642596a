/** Is it alive, is it ready, what does it count. A database that is away degrades the gateway; it stays ready. */
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { HttpParts } from "./parts.ts";

const Check = z.object({ state: z.enum(["ok", "degraded", "failed"]), detail: z.string() });
const Readiness = z.object({
  status: z.enum(["ready", "degraded", "unready"]),
  checks: z.record(z.string(), Check),
});

const PROBE = {
  permission: "public",
  because: "asked by what keeps the gateway running, which has no account",
} as const;

export const healthRoutes: FastifyPluginAsyncZod<HttpParts> = async (app, { checks, metrics }) => {
  app.get(
    "/livez",
    { config: PROBE, schema: { tags: ["health"], response: { 200: z.object({ status: z.literal("alive") }) } } },
    async () => ({ status: "alive" as const }),
  );

  app.get(
    "/readyz",
    { config: PROBE, schema: { tags: ["health"], response: { 200: Readiness, 503: Readiness } } },
    async (_request, reply) => {
      const now = checks();
      const states = new Set(Object.values(now).map((check) => check.state));
      const status = states.has("failed") ? "unready" : states.has("degraded") ? "degraded" : "ready";
      return reply.code(status === "unready" ? 503 : 200).send({ status, checks: { ...now } });
    },
  );

  app.get("/metrics", { config: { permission: "operations" }, schema: { hide: true } }, async (_request, reply) =>
    reply.header("content-type", metrics.contentType).send(await metrics.metrics()),
  );
};
