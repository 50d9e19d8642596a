import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openHistory, redactUrl } from "./open.ts";

/** The first request that a history opened by `urlOf(port)` makes when a point is written. */
async function firstRequest(urlOf: (port: number) => string, token?: string) {
  const seen: { url: string | undefined; authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url, authorization: request.headers.authorization });
    request.resume();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await using history = await openHistory(urlOf((server.address() as AddressInfo).port), { token });
    const tags = { site: "s", room: "K1", device: "a" };
    await history.write([{ measurement: "level", tags, fields: { laeq: 40 }, t: 1 }]);
    return { kind: history.kind, ...seen[0] };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe("where history is kept", () => {
  it("sqlite: a file, whose folder is made", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fortrolig-open-"));
    await using history = await openHistory(`sqlite:${join(folder, "new", "history.db")}`);
    await history.prepare();
    expect(history.kind).toBe("sqlite");
    await rm(folder, { recursive: true });
  });

  it("influxdb: database, user and password, with escapes", async () =>
    expect(await firstRequest((port) => `influxdb://us%40er:p%2Fw@127.0.0.1:${port}/my%20db`)).toEqual({
      kind: "influxdb",
      url: "/write?db=my+db&rp=raw&precision=ms",
      authorization: `Basic ${btoa("us@er:p/w")}`,
    }));

  it("influxdb2: organisation, bucket, and the token that is given apart", async () =>
    expect(await firstRequest((port) => `influxdb2://127.0.0.1:${port}/org/bucket`, "secret")).toEqual({
      kind: "influxdb2",
      url: "/api/v2/write?org=org&bucket=bucket&precision=ms",
      authorization: "Token secret",
    }));

  it.each([
    ["postgres://host/db", "is of no known kind"],
    ["nonsense", "is of no known kind"],
    ["sqlite:", "names no file"],
    ["influxdb://host:8086", "names no database"],
    ["influxdb://host:8086/a/b", "names no database"],
    ["influxdb://user:secret@host:port/db", "cannot be read"],
    ["influxdb2://host/org", "names no organisation and bucket"],
    ["influxdb2://user:secret@host/org/bucket", "has a user instead of a token"],
    ["influxdb2://host/org/bucket", "needs a token"],
  ])("%s %s, and the forms are named without the password", async (url, fault) => {
    const message = await openHistory(url).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(message).toContain(`${fault}; use sqlite:path, or influxdb://`);
    expect(message).not.toContain("secret");
  });

  it("a password is not shown", () => {
    expect(redactUrl("influxdb://user:p@ss@host:8086/db")).toBe("influxdb://user:***@host:8086/db");
    expect(redactUrl("sqlite:data/history.db")).toBe("sqlite:data/history.db");
  });
});
