/** Every answer that passes Fastify says what a browser may do with it, and who may keep it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isOpen } from "./access.ts";
import { headersFor } from "./security.ts";

/** What a route has said itself stands. */
export function installHeaders(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply) => {
    for (const [name, value] of Object.entries(headersFor(request)))
      if (!reply.hasHeader(name)) reply.header(name, value);
    if (isNobodysToKeep(request, reply)) reply.header("cache-control", "no-store");
  });
}

/** Everything that is behind sign-in, also where it was refused; of the rest what does not say how long it holds. */
const isNobodysToKeep = ({ is404, routeOptions }: FastifyRequest, reply: FastifyReply): boolean =>
  !reply.hasHeader("cache-control") || (!is404 && !isOpen(routeOptions.config));
