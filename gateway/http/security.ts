/** What every answer says of what a browser may do with it. */
import type { FastifyRequest } from "fastify";

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

type Headers = Readonly<Record<string, string>>;

const overTls = (is: boolean): Headers => ({
  ...SECURITY,
  ...(is && { "strict-transport-security": `max-age=${YEAR_S}` }),
});

export const headersFor = ({ protocol }: Pick<FastifyRequest, "protocol">): Headers => overTls(protocol === "https");

/** For an answer that no route gives, and that is nobody's to keep. */
export const bareHeaders = (isTls: boolean): Headers => ({ ...overTls(isTls), "cache-control": "no-store" });
