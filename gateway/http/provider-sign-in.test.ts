/** Signing in with the house's own accounts: a real provider, its pages, and the whole HTTP side. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  CLIENT,
  type IdentityProvider,
  type Jar,
  signOutThere,
  startIdentityProvider,
  wayThrough,
} from "#test/services/identity-provider.ts";
import { type Access, openAccess } from "../access/access.ts";
import { provider } from "../access/provider.ts";
import { ProviderSettings } from "../access/provider-settings.ts";
import { systemClock } from "../clock.ts";
import { type House, openHouse } from "./house.fixture.ts";

/** Where browsers believe the gateway to be. */
const HOST = "127.0.0.1:9";
const CALLBACK = `http://${HOST}/api/v1/sign-in/provider/callback`;
const ENDED = "/api/v1/sign-in/provider/ended";

let access: Access;
let house: House;
let there: IdentityProvider;
let settings: ProviderSettings;
/** What the provider tells the gateway by itself passes here. */
const back = createServer(async (request, answer) => {
  const payload = await text(request);
  const headers = { host: HOST, "content-type": request.headers["content-type"] ?? "" };
  const { statusCode } = await house.app.inject({ method: "POST", url: request.url ?? "", headers, payload });
  answer.writeHead(statusCode).end();
});

beforeAll(async () => {
  back.listen(0, "127.0.0.1");
  await once(back, "listening");
  there = await startIdentityProvider({
    callback: CALLBACK,
    ended: `http://127.0.0.1:${(back.address() as AddressInfo).port}${ENDED}`,
    groups: { mette: ["leads"], ole: ["gardeners"], both: ["leads", "it"] },
  });
  settings = ProviderSettings.parse({
    issuer: there.issuer,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    scope: "openid groups",
    groups: {
      leads: { roles: ["team-lead"], rooms: ["K1"] },
      it: { roles: ["it-admin"] },
      property: { roles: ["facilities"] },
    },
  });
  house = await openHouse((parts) => {
    access = openAccess({
      file: ":memory:",
      // As the provider, whose tokens say when.
      clock: systemClock,
      audit: (event) => parts.journal.audit({ ...event, count: 1 }),
    });
    return {
      identify: access.identify,
      accounts: { access, provider: provider(settings, systemClock), local: true },
    };
  });
});
afterAll(async () => {
  await there?.[Symbol.asyncDispose]();
  await access?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
  back.closeAllConnections();
  back.close();
});

/** A browser at the gateway; `jar` holds its cookies at the provider. */
function browser(jar: Jar = new Map()) {
  const cookies = new Map<string, string>();
  const get = async (url: string) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await house.app.inject({ url, headers: { host: HOST, cookie } });
    for (const { name, value } of answer.cookies) {
      if (value === "") cookies.delete(name);
      else cookies.set(name, value);
    }
    return answer;
  };
  const me = async () => (await get("/api/v1/me")).json();
  /** To the provider and back; where the page that answers leads on to. */
  const signIn = async (login: string, backTo = "/"): Promise<string | undefined> => {
    const away = await get(`/api/v1/sign-in/provider?${new URLSearchParams({ backTo })}`);
    const came = new URL(await wayThrough(away.headers.location as string, login, jar));
    return ledTo((await get(came.pathname + came.search)).body);
  };
  return { cookies, jar, get, me, signIn };
}
const ledTo = (page: string) => /content="0; url=([^"]*)"/.exec(page)?.[1];

it("somebody's groups are their roles and rooms; they are led back to the page they wanted, and have no name here", async () => {
  const here = browser();
  expect((await here.get("/api/v1/sign-in")).json()).toMatchObject({
    local: true,
    provider: { name: { da: expect.any(String) } },
  });
  expect(await here.signIn("mette", "/rooms/K1")).toBe("/rooms/K1");
  expect(await here.me()).toMatchObject({ name: null, by: "session", roles: ["team-lead"], rooms: ["K1"] });
  expect([...here.cookies.keys()]).toEqual(["fortrolig-session", "fortrolig-browser"]);
  expect((await here.get("/api/v1/rooms")).statusCode).toBe(200);
  expect(JSON.stringify(await house.journal.auditAfter(0, 10_000))).not.toContain("mette");
});

it("who is in no group that is named, or in two that are never one person's, is refused politely and told", async () => {
  const [ole, both] = [browser(), browser()];
  expect([await ole.signIn("ole"), await both.signIn("both")]).toEqual([
    "/sign-in?refused=no-role",
    "/sign-in?refused=forbidden-together",
  ]);
  expect([ole.cookies.size, both.cookies.size]).toEqual([0, 0]);
  const told = await house.journal.auditAfter(0, 10_000);
  expect(told.filter(({ action }) => action === "sign-in-refused").map(({ scope }) => scope)).toEqual(["why=no-role"]);
  expect(told.filter(({ scope }) => scope.includes("forbidden-together"))).toHaveLength(1);
});

it("what a group is worth changes at the next sign-in, and ends the sessions that were worth something else", async () => {
  const [first, second] = [browser(), browser()];
  await first.signIn("mette");
  there.groups.mette = ["property"];
  await second.signIn("mette");
  expect([(await first.get("/api/v1/me")).statusCode, (await second.me()).roles]).toEqual([401, ["facilities"]]);
});

it("who is in no group any more has nothing left here: their sessions and tokens are over", async () => {
  there.groups.per = ["property"];
  const here = browser();
  await here.signIn("per");
  const { id } = await here.me();
  const { secret } = access.addToken({ role: "facilities", label: "x", days: 400, owner: id });
  there.groups.per = [];
  expect(await browser().signIn("per")).toBe("/sign-in?refused=no-role");
  const program = { host: HOST, authorization: `Bearer ${secret}` };
  const asked = await house.app.inject({ url: "/api/v1/pairs", headers: program });
  expect([(await here.get("/api/v1/pairs")).statusCode, asked.statusCode]).toEqual([401, 401]);
});

it("an answer that was stolen, or comes twice, lets nobody in", async () => {
  const here = browser();
  const away = await here.get("/api/v1/sign-in/provider");
  const came = new URL(await wayThrough(away.headers.location as string, "mette"));
  const thief = browser();
  expect(ledTo((await thief.get(came.pathname + came.search)).body)).toBe("/sign-in?refused=provider");
  expect(thief.cookies.size).toBe(0);
  expect(ledTo((await here.get(came.pathname + came.search)).body)).toBe("/");
  expect(ledTo((await here.get(came.pathname + came.search)).body)).toBe("/sign-in?refused=provider");
});

it("who signs out at the provider is out here as well; a token that somebody made up signs out nobody", async () => {
  const here = browser();
  await here.signIn("mette");
  const forged = await house.app.inject({
    method: "POST",
    url: ENDED,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: "logout_token=eyJhbGciOiJub25lIn0.e30.",
  });
  expect([forged.statusCode, (await here.get("/api/v1/me")).statusCode]).toEqual([400, 200]);
  await signOutThere(there.issuer, here.jar);
  await expect.poll(async () => (await here.get("/api/v1/me")).statusCode).toBe(401);
});

it("signing out there as well begins at the provider's page; one that is away leads back, and the page says so", async () => {
  const answer = await browser().get("/api/v1/sign-out/provider");
  expect([answer.statusCode, answer.headers.location]).toEqual([
    302,
    `${there.issuer}/session/end?client_id=${CLIENT.id}`,
  ]);
  const away = provider({ ...settings, issuer: "http://127.0.0.1:9" }, systemClock);
  await using other = await openHouse(() => ({
    identify: access.identify,
    accounts: { access, provider: away, local: true },
  }));
  expect(ledTo((await other.app.inject("/api/v1/sign-out/provider")).body)).toBe("/sign-in?refused=provider-stays");
});
