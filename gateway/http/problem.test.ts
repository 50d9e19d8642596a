/** What an answer says of a fault: of the request what is wrong with it, of the inside nothing. */
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { HistoryError } from "../history/history.ts";
import { HttpProblem, installProblems, unreadable } from "./problem.ts";

const SECRET = "writer:s3cret@db.internal/var/lib/fortrolig";
const faults: Readonly<Record<string, { readonly thrown: unknown; readonly status: number }>> = {
  error: { thrown: new Error(SECRET), status: 500 },
  "error with a cause": { thrown: new Error("no", { cause: new Error(SECRET) }), status: 500 },
  "file system's": {
    thrown: Object.assign(new Error(`ENOENT: ${SECRET}`), { code: "ENOENT", path: SECRET }),
    status: 500,
  },
  "library's with a status": { thrown: Object.assign(new Error(SECRET), { statusCode: 404 }), status: 404 },
  "library's with an odd status": { thrown: Object.assign(new Error(SECRET), { statusCode: 302 }), status: 500 },
  "database's": { thrown: new HistoryError(SECRET, "unavailable"), status: 500 },
  "problem with a cause": { thrown: new HttpProblem(503, "not now", { cause: new Error(SECRET) }), status: 503 },
  "no error at all": { thrown: SECRET, status: 500 },
};

let app: FastifyInstance;
beforeAll(() => {
  app = Fastify({ frameworkErrors: unreadable });
  installProblems(app);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.get<{ Params: { fault: string } }>("/fault/:fault", ({ params }) => {
    throw faults[params.fault]!.thrown;
  });
  app.get("/answer", { schema: { response: { 200: z.object({ n: z.number() }) } } }, () => ({ n: SECRET }) as never);
  app.post("/body", () => "");
});

const ask = async (method: "GET" | "POST", url: string, payload?: string) => {
  const headers = payload === undefined ? {} : { "content-type": "application/json" };
  const answer = await app.inject({ method, url, headers, ...(payload !== undefined && { payload }) });
  return { status: answer.statusCode, type: answer.headers["content-type"], body: answer.json(), text: answer.body };
};

it.each(Object.entries(faults))("%s", async (name, { status }) => {
  const answer = await ask("GET", `/fault/${encodeURIComponent(name)}?token=s3cret`);
  expect(answer).toMatchObject({ status, type: "application/problem+json; charset=utf-8", body: { status } });
  expect(answer.text).not.toMatch(/s3cret|internal|\/var/);
});

it("an answer of another shape than was promised", async () => {
  const answer = await ask("GET", "/answer");
  expect([answer.status, answer.text.includes("s3cret")]).toEqual([500, false]);
});

it.each([
  ["a body that is no JSON", "/body", "{", 400, /JSON/],
  ["a body that would change what all objects are", "/body", '{"__proto__":{"a":1}}', 400, /prototype|JSON/],
  ["a body of more than is taken", "/body", "0".repeat(2_000_000), 413, /too large/],
  ["an address that cannot be read", "/%E0%A4%A", "{}", 400, /not valid/],
])("%s", async (_, url, payload, status, words) => {
  const answer = await ask("POST", url, payload);
  expect(answer).toMatchObject({ status, type: "application/problem+json; charset=utf-8", body: { status } });
  expect(answer.text).toMatch(words);
});
