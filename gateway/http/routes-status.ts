/** How the gateway itself is: told even when nothing else can be answered, and nothing that needs an entry in the audit log. */
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { StatusView } from "#protocol/api.ts";
import type { HttpParts } from "./parts.ts";
import { problems } from "./responses.ts";

export const statusRoutes: FastifyPluginAsyncZod<HttpParts> = async (app, { status }) => {
  app.get(
    "/api/v1/status",
    {
      config: { permission: "transparency" },
      schema: {
        tags: ["health"],
        description:
          "Whether readings reach the database, how many are kept on the gateway meanwhile, and whether it can keep them.",
        response: { 200: StatusView, ...problems },
      },
    },
    async () => status(),
  );
};
