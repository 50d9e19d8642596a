import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENT, type IdentityProvider, startIdentityProvider, wayThrough } from "#test/services/identity-provider.ts";
import { handClock, systemClock } from "../clock.ts";
import { AWAY_MS, type Provider, ProviderError, provider } from "./provider.ts";
import { grantOf, ProviderSettings } from "./provider-settings.ts";

const callback = "http://127.0.0.1:9/api/v1/sign-in/provider/callback";
let there: IdentityProvider;
let here: Provider;
const settings = (issuer: string) =>
  ProviderSettings.parse({
    issuer,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    scope: "openid groups",
    groups: {
      leads: { roles: ["team-lead"], rooms: ["K1", "K2"] },
      staff: { roles: ["room-staff"], rooms: ["K2", "K3"] },
      it: { roles: ["it-admin"] },
    },
  });

beforeAll(async () => {
  there = await startIdentityProvider({
    callback,
    groups: { mette: ["leads", "staff", "somebody-elses"], ole: [], both: ["leads", "it"] },
  });
  here = provider(settings(there.issuer), systemClock);
});
afterAll(() => there?.[Symbol.asyncDispose]());

const refused = async (run: () => Promise<unknown>) => {
  const error = await run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProviderError);
  return (error as Error).message;
};

describe("a provider", () => {
  it("is asked with PKCE, state and nonce, and vouches: groups become roles and rooms, who it is a hash", async () => {
    const { url, secret } = await here.begin(callback, "/rooms/K1");
    const asked = new URL(url).searchParams;
    expect(Object.fromEntries(asked)).toEqual({
      client_id: CLIENT.id,
      redirect_uri: callback,
      response_type: "code",
      scope: "openid groups",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    const vouched = await here.finish(await wayThrough(url, "mette"), secret);
    expect(vouched).toEqual({
      outside: expect.stringMatching(/^[\w-]{43}$/),
      session: undefined,
      grant: { roles: ["team-lead", "room-staff"], rooms: ["K1", "K2", "K3"] },
      backTo: "/rooms/K1",
    });
    const again = await here.begin(callback, "//evil.example");
    const second = await here.finish(await wayThrough(again.url, "mette"), again.secret);
    expect([second.outside, second.backTo]).toEqual([vouched.outside, "/"]);
  });

  it("vouches for somebody without a group that is named here, who then has no role", async () => {
    const { url, secret } = await here.begin(callback, "/");
    expect((await here.finish(await wayThrough(url, "ole"), secret)).grant).toEqual({ roles: [], rooms: [] });
  });

  it("is answered once, in the browser that went, and as it was asked", async () => {
    const { url, secret } = await here.begin(callback, "/");
    const back = await wayThrough(url, "mette");
    expect(await refused(() => here.finish(back, undefined))).toMatch(/nobody has gone to the provider/);
    expect(await refused(() => here.finish(back, "x".repeat(43)))).toMatch(/nobody has gone to the provider/);
    const other = await here.begin(callback, "/");
    expect(await refused(() => here.finish(back, other.secret))).toMatch(/does not fit/);
    await here.finish(back, secret);
    expect(await refused(() => here.finish(back, secret))).toMatch(/nobody has gone to the provider/);
  });

  it("lets somebody take their time, however many others go meanwhile; but not for ever, nor past another start", async () => {
    const clock = handClock(Date.now());
    const patient = provider(settings(there.issuer), clock);
    const mine = await patient.begin(callback, "/rooms/K1");
    const late = await patient.begin(callback, "/");
    for (let n = 0; n < 1005; n++) await patient.begin(callback, "/");
    const back = await wayThrough(mine.url, "mette");
    const restarted = provider(settings(there.issuer), clock);
    expect(await refused(() => restarted.finish(back, mine.secret))).toMatch(/nobody has gone to the provider/);
    const meddled = `${mine.secret.startsWith("A") ? "B" : "A"}${mine.secret.slice(1)}`;
    expect(await refused(() => patient.finish(back, meddled))).toMatch(/nobody has gone to the provider/);
    expect(await patient.finish(back, mine.secret)).toMatchObject({ backTo: "/rooms/K1" });
    clock.advanceTo(clock.now() + AWAY_MS + 1);
    const lateBack = await wayThrough(late.url, "mette");
    expect(await refused(() => patient.finish(lateBack, late.secret))).toMatch(/nobody has gone to the provider/);
  });

  it("that refuses, or is away, vouches for nobody; when it is back it does", async () => {
    const { secret } = await here.begin(callback, "/");
    expect(await refused(() => here.finish(`${callback}?error=access_denied&state=x`, secret))).toMatch(/does not fit/);
    const away = provider(settings("http://127.0.0.1:9"), systemClock);
    expect(await refused(() => away.begin(callback, "/"))).toMatch(/does not answer/);
    expect(await refused(() => away.signOut())).toMatch(/does not answer/);
  });

  it("says where one signs out there, which names no person; or that one does not", async () => {
    expect(await here.signOut()).toBe(`${there.issuer}/session/end?client_id=${CLIENT.id}`);
    await using without = await startIdentityProvider({ callback, groups: {}, signOutPage: false });
    expect(await provider(settings(without.issuer), systemClock).signOut()).toBeUndefined();
  });

  it("logs nobody out with a token that is not its own", async () => {
    for (const token of ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
      expect(await refused(() => here.ended(token))).toBe("this is no logout token of the provider's");
  });

  it("is asked for its keys once, however many tokens somebody makes up", async () => {
    const part = (of: object) => Buffer.from(JSON.stringify(of)).toString("base64url");
    const fresh = provider(settings(there.issuer), systemClock);
    there.asked.length = 0;
    for (let n = 0; n < 20; n++)
      await refused(() => fresh.ended(`${part({ alg: "RS256", kid: `made-up-${n}` })}.${part({})}.AAAA`));
    expect(there.asked.filter((path) => path.includes("jwks"))).toHaveLength(1);
  });
});

describe("settings of a provider", () => {
  const faults = (given: object) =>
    ProviderSettings.safeParse({ issuer: "https://id.example", clientId: "x", groups: {}, ...given }).error?.issues.map(
      ({ path, message }) => `${path.join(".")}: ${message}`,
    );
  it.each([
    [{ issuer: "http://id.example" }, "issuer: must be https://"],
    [{ groups: { all: { roles: ["team-lead", "it-admin"] } } }, "groups.all.roles: roles that are never one person's"],
    [{ groups: { all: { roles: [] } } }, expect.stringMatching(/^groups\.all\.roles: /)],
  ])("%j are refused", (given, fault) => expect(faults(given)).toEqual([fault]));

  it("name groups as they are, not what every object has", () => {
    const { groups } = ProviderSettings.parse({
      issuer: "https://id.example",
      clientId: "x",
      groups: { leads: { roles: ["team-lead"], rooms: ["K1"] } },
    });
    expect(grantOf(["constructor", "toString", 7, null, "leads"], { groups })).toEqual({
      roles: ["team-lead"],
      rooms: ["K1"],
    });
    expect([grantOf("leads", { groups }).roles, grantOf(undefined, { groups }).roles]).toEqual([["team-lead"], []]);
  });
});
