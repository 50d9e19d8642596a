import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { errorOf, failureOf, retryAfterMs, unreachable } from "./influx-failure.ts";
import { postLines } from "./influx-write.ts";

describe("what an answer of InfluxDB means", () => {
  it.each([
    ["stored", 204, "", undefined],
    ["stored", 200, "", undefined],
    ["1.6.7, measured: unknown retention policy", 500, '{"error":"retention policy not found: nope"}', "held"],
    ["1.6.7, measured: unknown database", 404, '{"error":"database not found: \\"nope\\""}', "held"],
    ["1.6.7, measured: too old", 400, '{"error":"partial write: points beyond retention policy dropped=1"}', undefined],
    [
      "1.6.7, measured: conflict",
      400,
      '{"error":"partial write: field type conflict: input field \\"laeq\\" on measurement \\"level\\" is type integer, already exists as type float dropped=1"}',
      "refused",
    ],
    ["1.6.7, measured: not line protocol", 400, '{"error":"unable to parse \'garbage\': missing fields"}', "refused"],
    ["2.x: too old", 422, "partial write: dropped 2 points outside retention policy", undefined],
    ["2.x: unknown bucket", 404, '{"code":"not found","message":"bucket \\"b\\" not found"}', "held"],
    ["too large", 413, "Request Entity Too Large", "refused"],
    ["a cap on series", 400, "partial write: max-series-per-database limit exceeded: (1000000) dropped=5", "held"],
    ["not signed in", 401, "authorization failed", "held"],
    ["no rights", 403, "not authorized to write", "held"],
    ["a sign-in page in between", 302, "", "held"],
    ["too much at once", 429, "", "unavailable"],
    ["full cache", 500, "engine: cache-max-memory-size exceeded", "unavailable"],
    ["overloaded", 503, "Service Unavailable", "unavailable"],
    ["a proxy without its server", 502, "Bad Gateway", "unavailable"],
  ])("%s (%i)", (_, status, text, failure) => expect(failureOf(status, text)).toBe(failure));

  it.each([
    ["not signed in", 401, "authorization failed", "sign-in"],
    ["no rights", 403, "not authorized to write", "sign-in"],
    ["no database", 404, "database not found: x", "missing"],
    ["no policy", 500, '{"error":"retention policy not found: raw"}', "missing"],
    ["a cap", 400, "partial write: max-series-per-database limit exceeded: (1000000) dropped=5", "limit"],
    ["too much at once", 429, "", "busy"],
    ["overloaded", 503, "Service Unavailable", "busy"],
    ["a sign-in page in between", 302, "", "other"],
  ])("in a word for everybody, %s: %s", (_, status, text, trouble) =>
    expect(errorOf(status, text)).toMatchObject({ trouble, message: `${status} ${text}`.trimEnd() }),
  );

  it("of a long answer the beginning is kept, and of a good one nothing", () => {
    expect(errorOf(502, "<html>".repeat(10_000))?.message).toHaveLength(300);
    expect(errorOf(204, "")).toBeUndefined();
  });

  it.each([
    ["nobody there", { cause: { code: "ECONNREFUSED" } }, "unavailable", "no-answer", true],
    ["cut off", { cause: { code: "ECONNRESET" } }, "unavailable", "no-answer", true],
    ["slow, of fetch", new DOMException("timed out", "TimeoutError"), "unavailable", "busy", false],
    ["slow, of a socket", { code: "ETIMEDOUT" }, "unavailable", "busy", false],
    ["a certificate", { cause: { code: "SELF_SIGNED_CERT_IN_CHAIN" } }, "held", "certificate", true],
  ])("without an answer, %s", (_, error, failure, trouble, down) =>
    expect(unreachable(error)).toMatchObject({ failure, trouble, unreachable: down }),
  );

  it("Retry-After is seconds or a date", () => {
    const now = Date.parse("2026-11-22T10:00:00Z");
    expect(retryAfterMs("120", now)).toBe(120_000);
    expect(retryAfterMs("Sun, 22 Nov 2026 10:00:30 GMT", now)).toBe(30_000);
    expect(retryAfterMs("Sun, 22 Nov 2026 09:00:00 GMT", now)).toBeUndefined();
    expect(retryAfterMs("soon", now)).toBeUndefined();
    expect(retryAfterMs(null, now)).toBeUndefined();
  });

  it("an answer cut short is no answer", async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { "content-length": "100" }).write("begun");
      setTimeout(() => response.destroy(), 20);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const write = postLines(
      { url: `http://127.0.0.1:${port}/write`, headers: {}, gzip: false },
      Buffer.from("level laeq=1\n"),
    );
    await expect(write).rejects.toMatchObject({ failure: "unavailable", unreachable: true });
    server.close();
  });
});
