/** The HTTP side under requests that nobody would send: a few here, 100,000 by `npm run torture -- --fuzz http`. */
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { House } from "#gateway/http/house.fixture.ts";
import { fuzzHttp, openApiOf, openFuzzedHouse, tryBytes, tryRequest } from "./fuzz-http.ts";
import { type FuzzedRequest, malformedHttp, type OpenApi, requestsFor } from "./http-requests.ts";

let house: House;
let api: OpenApi;
let port: number;
beforeAll(async () => {
  house = await openFuzzedHouse();
  await house.app.listen({ host: "127.0.0.1", port: 0 });
  port = (house.app.server.address() as AddressInfo).port;
  api = openApiOf(house);
});
afterAll(() => house[Symbol.asyncDispose]());

describe("whatever is asked", () => {
  it("the answer is one that OpenAPI lists, and tells nothing of the inside", async () => {
    const check = async (request: FuzzedRequest) => {
      expect((await tryRequest(house, api, request)).violation).toBeUndefined();
    };
    await fc.assert(fc.asyncProperty(requestsFor(api), check), { numRuns: 500 });
  });

  it("and in whatever bytes, no connection fails the gateway or stays open", async () => {
    const check = async (bytes: Buffer) => {
      expect((await tryBytes(port, bytes)).violation).toBeUndefined();
    };
    await fc.assert(fc.asyncProperty(malformedHttp, check), { numRuns: 150 });
  });

  it("nothing is stored", async () => {
    const { answers, violations } = await fuzzHttp(200, 1);
    expect(violations).toEqual([]);
    expect(Object.keys(answers)).toEqual(expect.arrayContaining(["200", "400", "401", "403", "404"]));
  });
});

it("an answer that is not listed, or fails, is found", async () => {
  const request = { method: "GET", url: "/livez", headers: {}, body: undefined };
  const unlisted = { paths: { "/livez": { get: { responses: { 404: {} } } } } };
  const found = await tryRequest(house, unlisted, { ...request, operation: ["/livez", "get"] });
  expect(found.violation).toMatch(/^200 is not listed: /);
});
