/** The gateway's HTTP side, assembled: API, stream, health, metrics, OpenAPI, dashboard. Listening is the caller's. */
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import fastifyStatic from "@fastify/static";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { historySightsOf, sightsOf } from "../access/sight.ts";
import { version } from "../report/version.ts";
import { guardRoutes, installAccess } from "./access.ts";
import { installHeaders } from "./headers.ts";
import { healthRoutes } from "./health.ts";
import { heldPairs } from "./held-pairs.ts";
import { endConnections, LIMITS, limitConnections, limitRequests, PATIENCE } from "./limits.ts";
import type { HttpParts, RouteParts } from "./parts.ts";
import { answerExpectations, hangUp, installProblems, unreadable } from "./problem.ts";
import { accountRoutes } from "./routes-accounts.ts";
import { auditRoutes } from "./routes-audit.ts";
import { changeRoutes } from "./routes-changes.ts";
import { deviceRoutes } from "./routes-devices.ts";
import { liveRoutes } from "./routes-live.ts";
import { pastRoutes } from "./routes-past.ts";
import { statusRoutes } from "./routes-status.ts";
import { eventStream } from "./stream.ts";
import { listeningOptions, requireHost, requireTransport, transportOf } from "./transport.ts";

/** Given from the beginning, and not set afterwards, so that Fastify does not load those of its own, which its types mean. */
const compilers: object = { buildValidator: () => validatorCompiler, buildSerializer: () => serializerCompiler };

export async function buildHttp(given: HttpParts, log: FastifyBaseLogger): Promise<FastifyInstance> {
  const transport = transportOf(given.transport ?? { tls: undefined, proxy: [] });
  const limits = given.limits ?? LIMITS;
  const parts: RouteParts = {
    ...given,
    sightOf: sightsOf(given.site),
    historySightOf: historySightsOf(given.site, given.toldFrom),
    heldPairs: heldPairs(given),
  };
  const app = Fastify({
    ...listeningOptions(transport),
    ...PATIENCE,
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    // Ends keep-alive connections on close; streams are ended by their own farewell.
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    schemaController: { compilersFactory: compilers },
    frameworkErrors: unreadable,
    clientErrorHandler: hangUp,
  });
  installProblems(app);
  answerExpectations(app);
  installHeaders(app);
  requireHost(app);
  requireTransport(app, transport);
  installAccess(app, parts);
  await limitRequests(app, limits, given.accounts?.access.recognised);
  guardRoutes(app);
  limitConnections(app.server, limits, transport);
  endConnections(app);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Fortrolig gateway",
        version,
        description: "Rooms, alerts, devices, history and reports. Rooms, never people; levels, never audio.",
      },
      components: { securitySchemes: SIGN_INS },
    },
    transform: jsonSchemaTransform,
  });
  const routes = app.withTypeProvider<ZodTypeProvider>();
  await routes.register(healthRoutes, parts);
  await routes.register(statusRoutes, parts);
  if (parts.accounts) await routes.register(accountRoutes, parts.accounts);
  await routes.register(liveRoutes, parts);
  await routes.register(pastRoutes, parts);
  await routes.register(changeRoutes, parts);
  await routes.register(deviceRoutes, parts);
  await routes.register(eventStream, parts);
  await routes.register(auditRoutes, parts);
  app.get("/openapi.json", { config: DESCRIPTION, schema: { hide: true } }, () => app.swagger());
  if (parts.dashboard !== undefined && existsSync(parts.dashboard)) await serveDashboard(app, parts.dashboard);
  return app;
}

const DESCRIPTION = { permission: "public", because: "says how to ask, and nothing of this house" } as const;
const PAGES = {
  permission: "public",
  because: "the same files for everybody; what they show they ask for",
  share: "page",
} as const;

/** How who asks may say who they are. */
const SIGN_INS = {
  session: {
    type: "apiKey",
    in: "cookie",
    name: "fortrolig-session",
    description: "of signing in; __Host-fortrolig-session under TLS",
  },
  token: { type: "http", scheme: "bearer", description: "of a program" },
} as const;

/** Static files; every other address that a browser navigates to is a page of the dashboard. */
async function serveDashboard(app: FastifyInstance, root: string): Promise<void> {
  const files = new Set(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/")),
  );
  await app.register(fastifyStatic, {
    root,
    serve: false,
    cacheControl: false,
    // Names of assets carry a hash of their content; the page that names them must always be asked for.
    setHeaders: (reply, path) =>
      reply.header("cache-control", path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache"),
  });
  app.get<{ Params: { "*": string } }>("/*", { config: PAGES, schema: { hide: true } }, (request, reply) => {
    const file = request.params["*"];
    if (files.has(file)) return reply.sendFile(file);
    const wantsPage = request.headers.accept?.includes("text/html") || file === "";
    return wantsPage && !request.url.startsWith("/api/") ? reply.sendFile("index.html") : reply.callNotFound();
  });
}
