/**
 * Who may ask what (PRIVACY §3). Every route says which permission it needs; one that says none fails the start. Who asks is
 * found before anything of the request is believed.
 */
import type { FastifyInstance, FastifyRequest, RouteOptions } from "fastify";
import type { Permission, Reach } from "#protocol/roles.ts";
import { type Credentials, type Identify, type Person, reachFor } from "../access/person.ts";
import { isForged } from "./origin.ts";
import { HttpProblem } from "./problem.ts";
import { refusals, unreadBody } from "./responses.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What who asks must hold, or one of these. `public`: nothing is asked of anybody, and `because` says why. */
    permission?: Permission | readonly Permission[] | "public";
    because?: string;
    /** Reaches of the permission that are enough, where not all are. */
    reach?: readonly Reach[];
  }
  interface FastifyInstance {
    /** Every route and what it needs, in the order in which they were added. */
    declared: readonly DeclaredRoute[];
  }
  interface FastifyRequest {
    /** Who asks; undefined: nobody that is known. */
    person: Person | undefined;
  }
}

/** A route without a permission, or public without a reason. */
export class UndeclaredRouteError extends Error {
  override readonly name = "UndeclaredRouteError";
}

export interface DeclaredRoute {
  readonly method: string;
  readonly url: string;
  readonly permission: Permission | readonly Permission[] | "public";
}

/** What a route needs; null: nothing. */
interface Need {
  readonly permissions: readonly Permission[];
  readonly reach: readonly Reach[] | undefined;
}

export interface AccessParts {
  readonly identify: Identify;
}

/** Before any route is added. */
export function installAccess(app: FastifyInstance, { identify }: AccessParts): void {
  app.decorateRequest("person", undefined);
  const declared: DeclaredRoute[] = [];
  app.decorate("declared", declared);
  app.addHook("onRoute", (route) => {
    document(route, needOf(route));
    const permission = route.config?.permission ?? "public";
    for (const method of [route.method].flat()) declared.push({ method, url: route.url, permission });
  });
  app.addHook("onRequest", async (request) => {
    request.person = identify(credentialsOf(request));
  });
}

/** After who asks too often has been turned away. */
export function guardRoutes(app: FastifyInstance): void {
  app.addHook("onRequest", async (request) => {
    if (isForged(request)) throw refused(request, 403, "this request does not come from a page of this gateway");
    if (request.is404) return;
    const need = needOf({ ...request.routeOptions, path: request.routeOptions.url ?? "" });
    if (need === null || isMet(need, request.person)) return;
    if (request.person === undefined) throw refused(request, 401, "sign in, or bring a token that is valid");
    throw refused(request, 403, `this needs ${need.permissions.join(" or ")}, which your roles do not hold here`);
  });
}

export const credentialsOf = ({ headers }: FastifyRequest): Credentials => ({
  cookie: headers.cookie,
  authorization: headers.authorization,
});

/** Whoever was let in where signing in is needed. */
export function personOf({ person }: FastifyRequest): Person {
  if (person === undefined) throw new Error("a route that needs a person is open to everybody");
  return person;
}

function isMet({ permissions, reach }: Need, person: Person | undefined): boolean {
  return permissions.some((permission) => {
    const held = reachFor(person, permission);
    return reach === undefined ? held.size > 0 : reach.some((enough) => held.has(enough));
  });
}

/** Throws `UndeclaredRouteError`. */
function needOf({ config, method, path }: Pick<RouteOptions, "config" | "method"> & { path: string }): Need | null {
  const { permission, because, reach } = config ?? {};
  if (permission === undefined)
    throw new UndeclaredRouteError(`${method} ${path} does not say which permission it needs`);
  if (permission !== "public") return { permissions: [permission].flat(), reach };
  if (!because) throw new UndeclaredRouteError(`${method} ${path} is public and does not say why`);
  return null;
}

/** Whether a route answers to nobody in particular. */
export const isOpen = (config: RouteOptions["config"]): boolean => {
  const { permission, reach } = config ?? {};
  if (permission === undefined) return false;
  return permission === "public" || isMet({ permissions: [permission].flat(), reach }, undefined);
};

/** Worth a line only from who brought something: scanners without are the rate limit's. */
function refused(request: FastifyRequest, status: 401 | 403, detail: string): HttpProblem {
  const { person, headers, method, routeOptions } = request;
  if (person !== undefined || headers.cookie !== undefined || headers.authorization !== undefined)
    request.log.warn({ actor: person?.id ?? null, method, route: routeOptions.url ?? null, status }, "refused");
  return new HttpProblem(status, detail);
}

/** Puts into a route's OpenAPI what it needs and how it refuses. */
function document(route: RouteOptions & { path: string }, need: Need | null): void {
  const schema = route.schema ?? {};
  if ("hide" in schema && schema.hide === true) return;
  const open = isOpen(route.config);
  const signIns = [{ session: [] }, { token: [] }];
  const { 401: nobody, 403: notThey, 429: tooOften, 400: invalid } = refusals;
  const needs =
    need === null
      ? ""
      : `Needs ${need.permissions.join(" or ")}${need.reach === undefined ? "" : ` (${need.reach.join(", ")})`}.`;
  const description = [(schema as { description?: string }).description, needs].filter(Boolean).join(" ");
  route.schema = {
    ...schema,
    ...(description && { description }),
    ...(need !== null && { security: open ? [{}, ...signIns] : signIns }),
    response: {
      400: invalid,
      ...(open ? {} : { 401: nobody }),
      ...(open && isSafe(route.method) ? {} : { 403: notThey }),
      ...(isSafe(route.method) ? {} : unreadBody),
      429: tooOften,
      ...(schema.response as object | undefined),
    },
  };
}

const isSafe = (method: RouteOptions["method"]): boolean =>
  [method].flat().every((one) => ["GET", "HEAD", "OPTIONS"].includes(one));
