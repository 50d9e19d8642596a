/** What an answer of InfluxDB means, for 1.x, 2.x and 3: the one place that knows their status codes and texts. */
import type { HistoryTrouble } from "#protocol/api.ts";
import { type Failure, HistoryError } from "./history.ts";

/** 1.6.7 says this with 500, later ones with 404: somebody must make it. */
const missing = /(retention policy|database|bucket|organization|dbrp)\S* .*not found|not found: |unable to find dbrp/i;
/** A cap set by the operator, on series or tag values. */
const capped = /limit exceeded/i;
/** Only these points were dropped, and a purge would have dropped them too. */
const onlyTooOld = /(beyond|outside) retention policy/i;
const conflict = /conflict|unable to parse/i;

/** The failure behind a status and text; undefined when every point is stored that its tier still keeps. */
export function failureOf(status: number, text: string): Failure | undefined {
  if (status >= 200 && status < 300) return undefined;
  if (status === 429 || status === 408) return "unavailable";
  if (status >= 500) return missing.test(text) ? "held" : "unavailable";
  if (status === 400 || status === 413 || status === 422) {
    if (capped.test(text)) return "held";
    return onlyTooOld.test(text) && !conflict.test(text) ? undefined : "refused";
  }
  return "held";
}

/** More of an answer is not worth keeping: a page in HTML comes from something before the database. */
const TOLD = 300;

/** The error that an answer means; undefined when every point is stored that its tier still keeps. */
export function errorOf(
  status: number,
  text: string,
  more: { cause?: unknown; retryAfterMs?: number | undefined } = {},
) {
  const failure = failureOf(status, text);
  if (failure === undefined) return undefined;
  const said = `${status} ${text.trim()}`.trimEnd().slice(0, TOLD);
  return new HistoryError(said, failure, { ...more, trouble: troubleOf(status, text) });
}

/** What somebody must set right; undefined for what says itself. */
function troubleOf(status: number, text: string): HistoryTrouble | undefined {
  if (status === 401 || status === 403) return "sign-in";
  if (status === 404 || missing.test(text)) return "missing";
  return capped.test(text) ? "limit" : undefined;
}

/** `Retry-After`: seconds or a date (RFC 9110 §10.2.3), as ms from `now`. */
export function retryAfterMs(value: string | null | undefined, now: number): number | undefined {
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

/** A certificate that does not verify stays wrong until somebody acts; any other failure to connect may pass. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|TLS_CERT/;

/** Our own time-outs, as `fetch`, the deadline of a query and the two clients name them. */
const slow = ["TimeoutError", "ETIMEDOUT", "ESOCKETTIMEDOUT", "RequestTimedOutError"];

/** An error's own code, where it is a word: a DOMException has a number. */
function ownCode(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** What an error on the way to the server means. */
export function unreachable(error: unknown): HistoryError {
  const { cause } = error as { cause?: { code?: string; message?: string } };
  const code = cause?.code ?? ownCode(error) ?? (error as Error).name;
  const failure = certificate.test(code) ? "held" : "unavailable";
  // A server that is only slow has lost nothing, and must not be sent everything again.
  const down = !slow.includes(code);
  const trouble = failure === "held" ? "certificate" : undefined;
  return new HistoryError(`no answer: ${code}`, failure, { cause: error, unreachable: down, trouble });
}
