/** What every answer says of itself: what a browser may do with it, and who may keep it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { isOpen } from "./access.ts";

/** The dashboard's pages, scripts, styles, fonts and pictures are files of their own; nothing else is loaded or run. */
export const CONTENT = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const SECURITY = {
  "content-security-policy": CONTENT,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

const YEAR_S = 31_536_000;

/** For an answer that is written past Fastify. */
export const headersFor = ({ protocol }: FastifyRequest): Readonly<Record<string, string>> => ({
  ...SECURITY,
  ...(protocol === "https" && { "strict-transport-security": `max-age=${YEAR_S}` }),
});

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
