/** Signing in over HTTP: cookies, refusals, links, people and tokens; on the whole HTTP side with a real journal. */
import { afterEach, describe, expect, it } from "vitest";
import type { MeView, NewTokenView, PersonView } from "#protocol/access.ts";
import type { Role } from "#protocol/roles.ts";
import { type Access, openAccess } from "../access/access.ts";
import { type House, NOON, openHouse } from "./house.fixture.ts";

const GOOD = "tre små grise ude";
const OTHER = "fire store geder inde";
const MINUTE = 60_000;

interface Signing extends House {
  readonly access: Access;
}
const opened: Signing[] = [];
afterEach(async () => {
  for (const { access, ...house } of opened.splice(0)) {
    await access[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  }
});

async function open({ secure = false, local = true } = {}): Promise<Signing> {
  let access!: Access;
  const house = await openHouse((parts) => {
    access = openAccess({
      file: ":memory:",
      clock: parts.clock,
      secure,
      rooms: parts.site.rooms.map(({ id }) => id),
      audit: (event) => parts.journal.audit({ ...event, count: 1 }),
    });
    return { identify: access.identify, accounts: { access, provider: undefined, local } };
  });
  const signing = { ...house, access };
  opened.push(signing);
  return signing;
}

/** A browser: keeps cookies, and says where its requests come from. */
function browser({ app }: Signing) {
  const jar = new Map<string, string>();
  const send = async (method: "GET" | "POST" | "PUT" | "DELETE", url: string, body?: object) => {
    const answer = await app.inject({
      method,
      url: `/api/v1${url}`,
      headers: {
        cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
        "sec-fetch-site": "same-origin",
      },
      ...(body && { payload: body }),
    });
    for (const { name, value } of answer.cookies) {
      if (value === "") jar.delete(name);
      else jar.set(name, value);
    }
    return { status: answer.statusCode, body: answer.body === "" ? null : answer.json(), headers: answer.headers };
  };
  return {
    jar,
    get: (url: string) => send("GET", url),
    post: (url: string, body: object = {}) => send("POST", url, body),
    put: (url: string, body: object) => send("PUT", url, body),
    remove: (url: string) => send("DELETE", url),
  };
}
type Browser = ReturnType<typeof browser>;

/** Somebody who has chosen the good password with a link from the machine. */
async function member(house: Signing, name: string, roles: Role[], rooms: string[] = []): Promise<Browser> {
  const { link } = house.access.people.invite(name, { roles, rooms }, "machine");
  const theirs = browser(house);
  expect((await theirs.post("/sign-in/link/use", { link, password: GOOD })).status).toBe(200);
  return theirs;
}
const kindOf = ({ status, body }: { status: number; body: { type?: string } | null }) => [status, body?.type];
const actions = async ({ journal }: House) => (await journal.auditAfter(0, 10_000)).map(({ action }) => action);

describe("signing in", () => {
  it("answers who one is and what one may, and sets cookies that no script and no other site gets", async () => {
    const house = await open();
    await member(house, "mette", ["team-lead"], ["K1"]);
    const here = browser(house);
    expect((await here.get("/sign-in")).body).toEqual({ local: true, provider: null });
    const { status, body, headers } = await here.post("/sign-in", { name: "Mette", password: GOOD });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^person-/),
      name: "mette",
      by: "session",
      roles: ["team-lead"],
      rooms: ["K1"],
      waiting: false,
    });
    expect((body as MeView).permissions).toMatchObject({ live: ["own-rooms"], "free-rooms": ["all"] });
    expect((body as MeView).permissions).not.toHaveProperty("manage-people");
    expect(headers["set-cookie"]).toEqual([
      expect.stringMatching(/^fortrolig-session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/),
      expect.stringMatching(/^fortrolig-browser=[\w-]{43}; Path=\/; Max-Age=7776000; HttpOnly; SameSite=Strict$/),
    ]);
    expect((await here.get("/me")).body).toEqual(body);
    expect((await here.get("/rooms")).status).toBe(200);
    expect(await actions(house)).toContain("sign-in");
  });

  it("over TLS the cookies are the host's alone", async () => {
    const house = await open({ secure: true });
    const here = await member(house, "mette", ["dpo"]);
    expect([...here.jar.keys()]).toEqual(["__Host-fortrolig-session", "__Host-fortrolig-browser"]);
    const { headers } = await here.post("/sign-in", { name: "mette", password: GOOD });
    expect(headers["set-cookie"]).toEqual([expect.stringMatching(/; Secure$/), expect.stringMatching(/; Secure$/)]);
  });

  it("is refused with one answer for all that is wrong, then slowed with the time to wait", async () => {
    const house = await open();
    await member(house, "mette", ["dpo"]);
    const here = browser(house);
    expect(kindOf(await here.post("/sign-in", { name: "mette", password: OTHER }))).toEqual([401, "wrong-password"]);
    const unknown = await here.post("/sign-in", { name: "nobody", password: OTHER });
    expect(unknown.body).toMatchObject({
      status: 401,
      type: "wrong-password",
      detail: "the name or the password is wrong",
    });
    for (let n = 0; n < 5; n += 1) await here.post("/sign-in", { name: "mette", password: OTHER });
    const slowed = await here.post("/sign-in", { name: "mette", password: GOOD });
    expect([kindOf(slowed), slowed.headers["retry-after"], here.jar.size]).toEqual([
      [429, "too-many-attempts"],
      "1",
      0,
    ]);
    house.clock.advanceTo(NOON + 1000);
    expect((await here.post("/sign-in", { name: "mette", password: GOOD })).status).toBe(200);
  });

  it("is not for another site's page, nor for accounts where these may not", async () => {
    const house = await open({ local: false });
    const body = { name: "mette", password: GOOD };
    expect(kindOf(await browser(house).post("/sign-in", body))).toEqual([403, "no-local"]);
    const forged = await house.app.inject({
      method: "POST",
      url: "/api/v1/sign-in",
      headers: { "sec-fetch-site": "cross-site" },
      payload: body,
    });
    expect(forged.json()).toMatchObject({ status: 403, type: "about:blank" });
  });

  it("a cookie that comes back after signing out, another role or its end is nobody's, and is in the audit log", async () => {
    const house = await open();
    const ends: Record<string, (here: Browser, name: string) => unknown> = {
      out: (here) => here.post("/sign-out"),
      role: (_, name) => house.access.people.change(name, { roles: ["staff-rep"], rooms: [] }, "machine"),
      expired: () => house.clock.advanceTo(house.clock.now() + 12 * 60 * MINUTE),
    };
    for (const [name, end] of Object.entries(ends)) {
      const here = await member(house, name, ["dpo"]);
      expect((await here.get("/alerts")).status).toBe(200);
      const stolen = new Map(here.jar);
      await end(here, name);
      for (const [cookie, value] of stolen) here.jar.set(cookie, value);
      expect([name, (await here.get("/me")).status, (await here.get("/alerts")).status]).toEqual([name, 401, 401]);
    }
    await house.access.told();
    expect((await actions(house)).filter((action) => action === "session-refused")).toHaveLength(3);
  });

  it("a disk that takes no audit entry lets nobody in", async () => {
    const house = await open();
    await member(house, "mette", ["dpo"]);
    const { audit } = house.journal;
    house.journal.audit = () => Promise.reject(new Error("disk full"));
    const here = browser(house);
    expect((await here.post("/sign-in", { name: "mette", password: GOOD })).status).toBe(503);
    expect(here.jar.size).toBe(0);
    house.journal.audit = audit;
    expect((await here.post("/sign-in", { name: "mette", password: GOOD })).status).toBe(200);
  });
});

describe("a one-time link", () => {
  it("says what is to be done with it, does it once, and is then over", async () => {
    const house = await open();
    const here = browser(house);
    const link = house.access.firstAdministrator()!;
    expect((await here.post("/sign-in/link", { link })).body).toEqual({ kind: "invite", name: null });
    const use = (name: string, password: string) => here.post("/sign-in/link/use", { link, name, password });
    expect(kindOf(await use("admin", "short"))).toEqual([400, "password-short"]);
    expect((await use("Admin", GOOD)).body).toMatchObject({ name: "admin", roles: ["it-admin"] });
    expect(kindOf(await use("other", GOOD))).toEqual([410, "link-used"]);
    expect(kindOf(await here.post("/sign-in/link", { link: "x" }))).toEqual([404, "link-unknown"]);
  });
});

describe("one's own", () => {
  it("password is changed with the present one; other sessions end, this one goes on", async () => {
    const house = await open();
    const here = await member(house, "mette", ["dpo"]);
    const there = browser(house);
    await there.post("/sign-in", { name: "mette", password: GOOD });
    const change = (current: string, password: string) => here.post("/me/password", { current, password });
    expect(kindOf(await change(OTHER, OTHER))).toEqual([401, "wrong-password"]);
    expect(kindOf(await change(GOOD, "password2026"))).toEqual([400, "password-common"]);
    expect((await change(GOOD, OTHER)).status).toBe(200);
    expect([(await here.get("/me")).status, (await there.get("/me")).status]).toEqual([200, 401]);
  });

  it("sessions end everywhere at once", async () => {
    const house = await open();
    const here = await member(house, "mette", ["dpo"]);
    const there = browser(house);
    await there.post("/sign-in", { name: "mette", password: GOOD });
    expect((await here.post("/sign-out", { everywhere: true })).status).toBe(204);
    expect([(await here.get("/me")).status, (await there.get("/me")).status]).toEqual([401, 401]);
  });

  it("tokens are for roles and rooms one has, work until they are revoked, and cannot do what needs a person", async () => {
    const house = await open();
    const here = await member(house, "mette", ["team-lead"], ["K1"]);
    const wish = { role: "team-lead", label: "Power BI", days: 30, rooms: ["K1"], only: ["live"] };
    expect(kindOf(await here.post("/me/tokens", { ...wish, role: "dpo" }))).toEqual([403, "role-not-held"]);
    expect(kindOf(await here.post("/me/tokens", { ...wish, rooms: ["K2"] }))).toEqual([400, "no-such-room"]);
    expect(kindOf(await here.post("/me/tokens", { ...wish, only: ["operations"] }))).toEqual([
      400,
      "no-such-permission",
    ]);
    const { secret, token } = (await here.post("/me/tokens", wish)).body as NewTokenView;
    const ask = async (url: string, method: "GET" | "POST" = "GET") =>
      (await house.app.inject({ method, url: `/api/v1${url}`, headers: { authorization: `Bearer ${secret}` } }))
        .statusCode;
    expect([await ask("/rooms"), await ask("/free-rooms"), await ask("/me"), await ask("/me/tokens")]).toEqual([
      200, 403, 200, 403,
    ]);
    expect((await here.get("/me/tokens")).body).toMatchObject([{ id: token.id, label: "Power BI", only: ["live"] }]);
    const stranger = await member(house, "ole", ["team-lead"], ["K1"]);
    expect(kindOf(await stranger.remove(`/me/tokens/${token.id}`))).toEqual([404, "no-such-token"]);
    expect((await here.remove(`/me/tokens/${token.id}`)).status).toBe(204);
    expect(await ask("/rooms")).toBe(401);
  });
});

describe("people", () => {
  it("are invited by IT, get their roles from the DPO's approval, and are seen by the staff's representative", async () => {
    const house = await open();
    const admin = await member(house, "admin", ["it-admin"]);
    const dpo = await member(house, "dpo", ["dpo"]);
    const rep = await member(house, "rep", ["staff-rep"]);
    const grant = { roles: ["team-lead"], rooms: ["K1"] };
    const invited = await admin.post("/people", { name: "mette", ...grant });
    const { id, link } = invited.body as { id: string; link: string };
    const lead = browser(house);
    expect((await lead.post("/sign-in/link/use", { link, password: GOOD })).body).toMatchObject({
      roles: [],
      waiting: true,
    });
    expect((await lead.get("/rooms")).status).toBe(403);
    expect((await rep.get("/people")).body).toContainEqual({
      id,
      name: "mette",
      roles: [],
      rooms: [],
      asked: { ...grant, by: expect.stringMatching(/^person-/), at: new Date(NOON).toISOString() },
      state: "local",
      sessions: 1,
    } satisfies Record<keyof PersonView, unknown>);
    expect((await admin.post(`/people/${id}/approval`, { approve: true, ...grant })).status).toBe(403);
    expect((await rep.post(`/people/${id}/approval`, { approve: true, ...grant })).status).toBe(403);
    expect((await dpo.post(`/people/${id}/approval`, { approve: true, ...grant })).status).toBe(204);
    await lead.post("/sign-in", { name: "mette", password: GOOD });
    expect((await lead.get("/rooms")).status).toBe(200);
    expect((await admin.put(`/people/${id}`, { roles: [], rooms: [] })).body).toEqual({ state: "done" });
    expect((await lead.get("/me")).status).toBe(401);
    expect((await admin.remove(`/people/${id}`)).status).toBe(204);
    const left = ((await rep.get("/people")).body as PersonView[]).map(({ name }) => name);
    expect(left.sort()).toEqual(["admin", "dpo", "rep"]);
    expect(await actions(house)).toContain("people-change");
  });

  it("get what the DPO was shown, and nothing that was asked for after", async () => {
    const house = await open();
    const admin = await member(house, "admin", ["it-admin"]);
    const dpo = await member(house, "dpo", ["dpo"]);
    const { id } = (await admin.post("/people", { name: "mette", roles: ["room-staff"], rooms: ["K1"] })).body as {
      id: string;
    };
    const asked = async () => ((await dpo.get("/people")).body as PersonView[]).find((one) => one.id === id)!.asked!;
    const { roles, rooms } = await asked();
    await admin.put(`/people/${id}`, { roles: ["dpo"], rooms: [] });
    const say = (shown: object) => dpo.post(`/people/${id}/approval`, { approve: true, ...shown });
    expect([kindOf(await say({ roles, rooms })), kindOf(await say({}))]).toEqual([
      [409, "asked-otherwise"],
      [400, "about:blank"],
    ]);
    expect([house.access.people.find(id)?.roles, (await asked()).roles]).toEqual([[], ["dpo"]]);
  });

  it("are refused what is never one person's, rooms that are not there, and the last administrator's end", async () => {
    const house = await open();
    const admin = await member(house, "admin", ["it-admin"]);
    const self = (await admin.get("/me")).body as MeView;
    const put = (roles: Role[], rooms: string[] = []) => admin.put(`/people/${self.id}`, { roles, rooms });
    expect([
      kindOf(await put(["it-admin", "team-lead"])),
      kindOf(await put(["it-admin"], ["X1"])),
      kindOf(await put([])),
      kindOf(await admin.remove(`/people/${self.id}`)),
      kindOf(await admin.remove("/people/admin")),
      kindOf(await admin.post("/people", { name: "ADMIN", roles: [], rooms: [] })),
    ]).toEqual([
      [409, "forbidden-together"],
      [400, "no-such-room"],
      [409, "last-administrator"],
      [409, "last-administrator"],
      [404, "no-such-person"],
      [409, "name-taken"],
    ]);
  });

  it("are managed by people: a token with the role may not", async () => {
    const house = await open();
    const { secret } = house.access.addToken({ role: "it-admin", label: "script", days: 1 });
    const headers = { authorization: `Bearer ${secret}` };
    const list = await house.app.inject({ url: "/api/v1/people", headers });
    const payload = { name: "ole", roles: ["team-lead"], rooms: [] };
    const made = await house.app.inject({ method: "POST", url: "/api/v1/people", headers, payload });
    expect([list.statusCode, made.statusCode, made.json().type]).toEqual([200, 403, "session-needed"]);
  });
});
