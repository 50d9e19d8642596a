import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig, redacted, secretsIn } from "./config.ts";
import { createLog, openLogger } from "./log.ts";
import { redactor } from "./redact.ts";

const SECRET = "s3cr3t-Value";

/** Lines as they are written, from a logger that runs. */
function logging(known: readonly string[] = []) {
  const lines: string[] = [];
  const logger = openLogger("debug", known, { write: (line) => void lines.push(line) });
  return { logger, lines };
}

describe("a log line", () => {
  const because = (message: string, fields: object = {}) => Object.assign(new Error(message), fields);
  it.each<[string, object]>([
    ["an authorization header", { headers: { authorization: `Bearer ${SECRET}` } }],
    ["headers of a foreign library", { res: { rawHeaders: { "set-cookie": [`session=${SECRET}; HttpOnly`] } } }],
    ["a cookie", { cookie: `a=b; fortrolig-session=${SECRET}` }],
    ["a password", { password: SECRET, user: "reader" }],
    ["a password with quotes", { password: `"${SECRET}"` }],
    ["settings", { config: { historyToken: SECRET, webhooks: { mail: { secret: SECRET } } } }],
    ["an address with a password", { history: `influxdb://writer:${SECRET}@db:8086/f` }],
    ["an address with a token", { url: `/api/v1/rooms?access_token=${SECRET}&from=2026-11-01` }],
    ["an address with a code of the sign-in", { url: `/signed-in?state=${SECRET}&code=${SECRET}` }],
    ["an error's words", { err: because(`GET https://writer:${SECRET}@db/query failed`) }],
    ["an error's header", { err: because(`sent "Authorization: Token ${SECRET}" and was refused`) }],
    ["an error's fields", { err: because("no", { config: { headers: { Authorization: `Basic ${SECRET}` } } }) }],
    ["an error's cause", { err: new Error("no", { cause: because(`mqtts://dev:${SECRET}@broker`) }) }],
    ["JSON in an error's words", { err: because(`answered {"token":"${SECRET}","error":"expired"}`) }],
  ])("does not say what is secret in %s", (_, fields) => {
    const { logger, lines } = logging();
    logger.error(fields, "it went wrong");
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(SECRET);
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: "it went wrong" });
  });

  it("does not say a secret of the settings, wherever it stands", () => {
    const config = readConfig({
      FORTROLIG_HISTORY: "influxdb://writer:p%40ssw0rd-1@127.0.0.1:8086/fortrolig",
      FORTROLIG_HISTORY_TOKEN: SECRET,
    });
    const { logger, lines } = logging(secretsIn(config));
    createLog(logger).trouble("no", new Error(`unexpected ${SECRET} near p@ssw0rd-1, p%40ssw0rd-1`));
    createLog(logger).started("http://127.0.0.1", "embedded", redacted(config));
    expect(lines.join("")).not.toMatch(/s3cr3t|ssw0rd/);
  });

  it("that holds no secret is as it was", () => {
    const { logger, lines } = logging();
    logger.info({ room: "K1", url: "/api/v1/rooms?from=2026-11-01", tokens: 3, keys: ["a"] }, "author: somebody");
    expect(JSON.parse(lines[0]!)).toMatchObject({
      room: "K1",
      url: "/api/v1/rooms?from=2026-11-01",
      tokens: 3,
      keys: ["a"],
      msg: "author: somebody",
    });
  });

  it("stays JSON, and holds no known secret, whatever is said in it", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6 }).filter((text) => text.trim().length >= 6),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          const { logger, lines } = logging([secret]);
          logger.warn({ said: `${before}${secret}${after}` }, before);
          const told = JSON.parse(lines[0]!) as { said: string };
          expect(told.said.includes(secret)).toBe(false);
        },
      ),
    );
  });

  it("takes no long time, however long it is", () => {
    const line = `{"msg":"${'\\"cookie: '.repeat(20_000)}"}`;
    // Of its own: a busy machine may take longer.
    const before = process.threadCpuUsage();
    redactor(["known-secret"])(line);
    const { user, system } = process.threadCpuUsage(before);
    expect(user + system).toBeLessThan(1_000_000);
  });
});
