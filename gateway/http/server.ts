/** The gateway's HTTP side, assembled: API, stream, health, metrics, OpenAPI, dashboard. Listening is the caller's. */
import { existsSync } from "node:fs";
import fastifyStatic from "@fastify/static";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from "fastify-type-provider-zod";
import { version } from "../report/version.ts";
import { healthRoutes } from "./health.ts";
import type { HttpParts } from "./parts.ts";
import { installProblems } from "./problem.ts";
import { liveRoutes } from "./routes-live.ts";
import { pastRoutes } from "./routes-past.ts";
import { statusRoutes } from "./routes-status.ts";
import { eventStream } from "./stream.ts";

const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Given from the beginning, and not set afterwards, so that Fastify does not load those of its own, which its types mean. */
const compilers: object = { buildValidator: () => validatorCompiler, buildSerializer: () => serializerCompiler };

export async function buildHttp(parts: HttpParts, log: FastifyBaseLogger): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64 * 1024,
    requestTimeout: 30_000,
    // Ends keep-alive connections on close; streams are ended by their own farewell.
    forceCloseConnections: "idle",
    routerOptions: { ignoreTrailingSlash: true },
    schemaController: { compilersFactory: compilers },
  });
  installProblems(app);
  app.addHook("onSend", async (_request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) if (!reply.hasHeader(name)) reply.header(name, value);
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Fortrolig gateway",
        version,
        description: "Rooms, alerts, devices, history and reports. Rooms, never people; levels, never audio.",
      },
    },
    transform: jsonSchemaTransform,
  });
  const routes = app.withTypeProvider<ZodTypeProvider>();
  await routes.register(healthRoutes, parts);
  await routes.register(statusRoutes, parts);
  await routes.register(liveRoutes, parts);
  await routes.register(pastRoutes, parts);
  await routes.register(eventStream, parts);
  app.get("/openapi.json", { schema: { hide: true } }, () => app.swagger());
  if (parts.dashboard !== undefined && existsSync(parts.dashboard)) await serveDashboard(app, parts.dashboard);
  return app;
}

/** Static files; every other address that a browser navigates to is a page of the dashboard. */
async function serveDashboard(app: FastifyInstance, root: string): Promise<void> {
  await app.register(fastifyStatic, {
    root,
    wildcard: false,
    cacheControl: false,
    // Names of assets carry a hash of their content; the page that names them must always be asked for.
    setHeaders: (reply, path) =>
      reply.header("cache-control", path.includes("/assets/") ? "public, max-age=31536000, immutable" : "no-cache"),
  });
  app.get("/*", { schema: { hide: true } }, (request, reply) => {
    const wantsPage = request.headers.accept?.includes("text/html") && !request.url.startsWith("/api/");
    return wantsPage ? reply.sendFile("index.html") : reply.callNotFound();
  });
}
