/** Another site's page cannot make a browser change anything in its user's name. */
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { beforeAll, expect, it } from "vitest";
import { guardRoutes, installAccess } from "./access.ts";
import { bearer, identifyByName } from "./people.fixture.ts";
import { installProblems } from "./problem.ts";

let app: FastifyInstance;
beforeAll(() => {
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installProblems(app);
  installAccess(app, { identify: identifyByName });
  guardRoutes(app);
  app.post("/change", { config: { permission: "mute" } }, async () => "changed");
  app.post(
    "/sign-in",
    { config: { permission: "public", because: "who signs in is nobody yet" } },
    async () => "hello",
  );
  app.get("/look", { config: { permission: "mute" } }, async () => "looked");
});

const cookie = { cookie: "session=room-staff K1" };
const own = "http://gateway.example:8080";

it.each([
  ["a page of the gateway", "POST", "/change", { ...cookie, "sec-fetch-site": "same-origin", origin: own }, 200],
  ["an older browser on a page of the gateway", "POST", "/change", { ...cookie, origin: own }, 200],
  ["an even older one", "POST", "/change", { ...cookie, referer: `${own}/rooms` }, 200],
  [
    "a page of another site",
    "POST",
    "/change",
    { ...cookie, "sec-fetch-site": "cross-site", origin: "https://evil.example" },
    403,
  ],
  ["a page of a neighbour in the same domain", "POST", "/change", { ...cookie, "sec-fetch-site": "same-site" }, 403],
  ["a page of another port", "POST", "/change", { ...cookie, origin: "http://gateway.example:8081" }, 403],
  [
    "a page of the same host without TLS",
    "POST",
    "/change",
    { ...cookie, origin: "https://gateway.example:8080" },
    403,
  ],
  ["a page without an origin", "POST", "/change", { ...cookie, origin: "null" }, 403],
  ["a page that hides where it is", "POST", "/change", cookie, 403],
  ["a referer that only begins alike", "POST", "/change", { ...cookie, referer: `${own}.evil.example/` }, 403],
  ["another site's page that signs somebody in", "POST", "/sign-in", { origin: "https://evil.example" }, 403],
  ["our own", "POST", "/sign-in", { origin: own }, 200],
  ["a program without a browser", "POST", "/sign-in", {}, 200],
  ["a program with a token", "POST", "/change", bearer("room-staff"), 200],
  ["a program with a token that also has a cookie", "POST", "/change", { ...cookie, ...bearer("room-staff") }, 200],
  ["a link on another site", "GET", "/look", { ...cookie, "sec-fetch-site": "cross-site" }, 200],
] as const)("%s: %s %s", async (_, method, url, headers, status) => {
  const answer = await app.inject({ method, url, headers: { host: "gateway.example:8080", ...headers } });
  expect(answer.statusCode).toBe(status);
});
