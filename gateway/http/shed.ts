/**
 * What is turned away when the gateway is hard pressed, so that readings are not: reports and long histories first, then
 * what dashboards ask for. Health, readiness and metrics are always answered.
 */
import { isAtLeast, type Load } from "../overload.ts";
import type { HttpParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";

/** Longer than the gateway takes to come down a step (overload.ts). */
const RETRY_AFTER_S = 10;

/** Shown as it is to whoever opens a report in a browser: in the two languages of the dashboard. */
const words: Readonly<Record<Exclude<Load, "ease">, string>> = {
  busy: "Gatewayen har travlt med målinger; rapporter og lange perioder må vente lidt. / The gateway is busy with readings; reports and long periods have to wait a little.",
  overloaded:
    "Gatewayen er overbelastet og tager kun imod målinger; prøv igen om lidt. / The gateway is overloaded and only takes readings; try again in a little while.",
};

/** Throws 503 with Retry-After while the load is at least `from`. */
export function shed({ load }: Pick<HttpParts, "load">, from: Exclude<Load, "ease">): void {
  if (!isAtLeast(load(), from)) return;
  throw new HttpProblem(503, words[from], { retryAfterS: RETRY_AFTER_S });
}

/** The same before a route does anything. */
export const shedding = (parts: Pick<HttpParts, "load">, from: Exclude<Load, "ease">) => async (): Promise<void> =>
  shed(parts, from);
