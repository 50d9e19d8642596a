/** `npm run access`, beside no gateway at all: links that lead somewhere, times that can be read. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openAccess } from "#gateway/access/access.ts";
import { systemClock } from "#gateway/clock.ts";
import { PersonView, TokenView } from "#protocol/access.ts";
import { type Folder, temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";

let folder: Folder;
let tls: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  const files = { FORTROLIG_HTTP_CERT: join(folder.path, "a.crt"), FORTROLIG_HTTP_KEY: join(folder.path, "a.key") };
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const named = ["-subj", "/CN=gateway", "-addext", "subjectAltName=DNS:fortrolig.example"];
  const out = ["-keyout", files.FORTROLIG_HTTP_KEY, "-out", files.FORTROLIG_HTTP_CERT];
  execFileSync("openssl", [...made, ...named, ...out], { stdio: "ignore" });
  tls = { ...files, FORTROLIG_HTTP: "0.0.0.0:8443" };
});
afterAll(() => folder?.[Symbol.asyncDispose]());

async function access(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const args = [...words, "--data", join(folder.path, "data")];
  await using program = startProgram("gateway/access/main.ts", args, { cwd: folder.path, env });
  const { code } = await program.ended;
  return { code, out: program.out, err: program.err };
}
const proxied = { FORTROLIG_HTTP: "0.0.0.0:8080", FORTROLIG_PROXY: "10.0.0.7" };

describe("a link is", () => {
  it.each<[string, () => Readonly<Record<string, string>>, readonly string[], string]>([
    ["http-on-this-machine", () => ({}), [], "http://127.0.0.1:8080"],
    ["https-by-the-certificates-name", () => tls, [], "https://fortrolig.example:8443"],
    [
      "what-the-settings-say-behind-a-proxy",
      () => ({ ...proxied, FORTROLIG_URL: "https://f.example" }),
      [],
      "https://f.example",
    ],
    ["what-is-asked-for", () => tls, ["--url", "https://g.example"], "https://g.example"],
  ])("%s", async (what, env, flags, origin) => {
    const { code, out, err } = await access(["invite", what, ...flags], env());
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n")[1]).toMatch(new RegExp(`^${origin}/sign-in#link=\\S+$`));
  });

  it("not made where nobody can say how the gateway is reached", async () => {
    expect(await access(["invite", "Nobody"], proxied)).toEqual({
      code: 1,
      out: "",
      err: "access: --url: say where browsers reach the gateway: a proxy stands before it (or FORTROLIG_URL)\n",
    });
    expect((await access(["list"], proxied)).out).not.toContain("Nobody");
  });
});

it("for programs people and tokens are as the API has them, with times that say what they are", async () => {
  await access(["invite", "morgan", "--role", "team-lead", "--room", "K1"]);
  const made = await access(["token", "--role", "dpo", "--label", "weekly", "--days", "7", "--json"]);
  const { secret, ...token } = NewToken.parse(JSON.parse(made.out));
  expect(secret).toMatch(/^frt_/);
  expect(Math.abs(Date.parse(token.expires) - Date.now() - 7 * 86_400_000)).toBeLessThan(60_000);
  const tokens = z.array(TokenView).parse(JSON.parse((await access(["list", "--tokens", "--json"])).out));
  expect(tokens).toEqual([token]);
  const people = z.array(PersonView).parse(JSON.parse((await access(["list", "--json"])).out));
  expect(people.find(({ name }) => name === "morgan")).toMatchObject({
    roles: ["team-lead"],
    rooms: ["K1"],
    state: "invited",
  });
});

const NewToken = TokenView.extend({ secret: z.string() }).strict();

it("a command ends no session that the settings let last", async () => {
  const file = join(folder.path, "data", "access.db");
  const before = { ...systemClock, now: () => Date.now() - 45 * 60_000 };
  const limits = { idleMs: 4 * 3_600_000, absoluteMs: 24 * 3_600_000 };
  {
    await using then = openAccess({ file, limits, clock: before });
    const { link } = then.people.invite("stays", { roles: [], rooms: [] }, "machine");
    await then.signIn.byLink(
      link,
      { password: "tre små grise ude" },
      { address: "::1", session: undefined, browser: undefined },
    );
  }
  const { out } = await access(["list"], { FORTROLIG_SESSION_IDLE: "240" });
  expect(out).toContain("1 sessions");
  await using now = openAccess({ file, limits });
  expect(now.people.all().find(({ name }) => name === "stays")?.sessions).toBe(1);
});
