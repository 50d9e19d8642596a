/**
 * Whether another site's page makes a browser ask in its user's name. Browsers say where a request comes from
 * (Sec-Fetch-Site, Origin, Referer); a cookie alone proves nothing. Tokens are sent by nobody unasked.
 */
import type { FastifyRequest } from "fastify";

const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Of requests that would change something. One that brings a cookie must say that it comes from a page of this gateway. */
export function isForged(request: FastifyRequest): boolean {
  const { method, headers, person } = request;
  if (SAFE.has(method) || person?.by === "token") return false;
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin";
  const from = headers.origin ?? headers.referer;
  if (from === undefined) return headers.cookie !== undefined;
  return !isOwn(from, request);
}

function isOwn(address: string, { protocol, host }: FastifyRequest): boolean {
  const url = URL.parse(address);
  return url !== null && url.protocol === `${protocol}:` && url.host === URL.parse(`${protocol}://${host}`)?.host;
}
