import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { forbiddenTogether, Role } from "#protocol/roles.ts";
import { handClock } from "../clock.ts";
import { type Access, type AccessOptions, openAccess, type ToldEvent } from "./access.ts";
import { hashPassword } from "./password.ts";
import type { Person } from "./person.ts";
import { AccessError } from "./refusal.ts";
import type { From, SignedIn } from "./sign-in.ts";

const start = Date.parse("2026-11-23T08:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const GOOD = "tre små grise ude";
const OTHER = "fire store geder inde";
const desk: From = { address: "192.0.2.10", session: undefined, browser: undefined };

const opened: Access[] = [];
afterEach(async () => {
  for (const access of opened.splice(0)) await access[Symbol.asyncDispose]();
});

function open(options: Partial<AccessOptions> = {}) {
  const clock = handClock(start);
  const told: ToldEvent[] = [];
  const access = openAccess({
    file: ":memory:",
    clock,
    audit: async (entry) => void told.push(entry),
    onTrouble: (what, error) => {
      throw new Error(what, { cause: error });
    },
    ...options,
  });
  opened.push(access);
  const later = (ms: number) => clock.advanceTo(clock.now() + ms);
  /** Actions told so far with their details, since the last time this was asked. */
  const heard = async () => {
    await access.told();
    return told.splice(0).map(({ action, scope }) => (scope ? `${action}?${decodeURIComponent(scope)}` : action));
  };
  return { access, clock, told, later, heard };
}

/** Somebody who has chosen a password. */
async function member(access: Access, name: string, roles: Role[], rooms: string[] = []): Promise<SignedIn> {
  const { link } = access.people.invite(name, { roles, rooms }, "machine");
  return signedIn(await access.signIn.byLink(link, { password: GOOD }, desk));
}
function signedIn(answer: Awaited<ReturnType<Access["signIn"]["byPassword"]>>): SignedIn {
  if (answer.kind !== "signed-in") throw new Error(JSON.stringify(answer));
  return answer;
}
const withCookie = (access: Access, session: string): Person | undefined =>
  access.identify({ cookie: `theme=dark; ${access.cookies.session}=${session}`, authorization: undefined });
const withToken = (access: Access, secret: string): Person | undefined =>
  access.identify({ cookie: undefined, authorization: `Bearer ${secret}` });
const refusal = async (run: () => unknown) => {
  try {
    await run();
  } catch (error) {
    if (error instanceof AccessError) return error.reason;
    throw error;
  }
  return "not refused";
};

describe("signing in", () => {
  it("is known by an id of chance, with roles and rooms, and is in the audit log without a name", async () => {
    const { access, told } = open();
    await member(access, "Anna", ["team-lead"], ["K1", "K2"]);
    const answer = signedIn(await access.signIn.byPassword("ANNA ", GOOD, desk));
    expect(withCookie(access, answer.session)).toEqual({
      id: expect.stringMatching(/^person-[0-9a-f]{12}$/),
      roles: ["team-lead"],
      rooms: ["K1", "K2"],
      by: "session",
    });
    await access.told();
    expect(told.at(-1)).toEqual({
      at: start,
      actor: answer.person,
      action: "sign-in",
      object: answer.person,
      scope: "by=password",
      role: "team-lead",
    });
    expect(JSON.stringify(told)).not.toMatch(/anna|192\.0\.2/i);
  });

  it("a wrong password, an unknown name and an account without a password are one answer", async () => {
    const { access, heard } = open();
    await member(access, "anna", ["dpo"]);
    access.people.invite("bo", { roles: [], rooms: [] }, "machine");
    await heard();
    const wrong = { kind: "refused", why: "wrong-password" };
    expect([
      await access.signIn.byPassword("anna", OTHER, desk),
      await access.signIn.byPassword("nobody", GOOD, desk),
      await access.signIn.byPassword("bo", "", desk),
    ]).toEqual([wrong, wrong, wrong]);
    expect(await heard()).toEqual(Array(3).fill("sign-in-refused?why=wrong-password"));
  });

  it("an unknown name takes as long as a known one", async () => {
    const { access } = open();
    await member(access, "anna", ["dpo"]);
    const time = async (name: string) => {
      const before = process.cpuUsage();
      await access.signIn.byPassword(name, OTHER, { ...desk, address: name });
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const both: [number, number][] = [];
    for (let n = 0; n < 5; n += 1) both.push([await time("anna"), await time("nobody")]);
    // The least of five is the work itself: argon2 once, whoever is asked for.
    const [known, unknown] = [0, 1].map((side) => Math.min(...both.map((pair) => pair[side as 0 | 1]))) as [
      number,
      number,
    ];
    expect(unknown / known).toBeGreaterThan(0.5);
    expect(unknown / known).toBeLessThan(2);
  });

  it("guessing is slowed, told once, and does not keep the owner out of a browser that is known", async () => {
    const { access, heard } = open();
    const { browser } = await member(access, "anna", ["dpo"]);
    await heard();
    const guess = () => access.signIn.byPassword("anna", OTHER, desk);
    for (let n = 0; n < 6; n += 1) expect((await guess()).kind).toBe("refused");
    expect([await guess(), await guess()]).toEqual([
      { kind: "wait", ms: 1000 },
      { kind: "wait", ms: 1000 },
    ]);
    expect((await heard()).filter((line) => line.includes("throttled"))).toHaveLength(1);
    expect((await access.signIn.byPassword("anna", GOOD, { ...desk, browser })).kind).toBe("signed-in");
  });

  it("a browser's mark is worth nothing for somebody else's account", async () => {
    const { access } = open();
    await member(access, "anna", ["dpo"]);
    const { browser } = await member(access, "bo", ["facilities"]);
    for (let n = 0; n < 6; n += 1) await access.signIn.byPassword("anna", OTHER, { ...desk, browser });
    expect((await access.signIn.byPassword("anna", GOOD, { ...desk, browser })).kind).toBe("wait");
  });

  it("a password kept with less than today's parameters is kept anew at the next sign-in", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fortrolig-access-"));
    const file = join(folder, "access.db");
    const { access } = open({ file });
    const { person } = await member(access, "anna", ["dpo"]);
    const db = new DatabaseSync(file);
    const weak = await hashPassword(GOOD, { memory: 64, passes: 1, parallelism: 1 });
    db.prepare("UPDATE account SET password = ? WHERE id = ?").run(weak, person);
    access.tend();
    const again = openAccess({ file, clock: handClock(start) });
    opened.push(again);
    expect((await again.signIn.byPassword("anna", GOOD, desk)).kind).toBe("signed-in");
    const { password } = db.prepare("SELECT password FROM account WHERE id = ?").get(person) as { password: string };
    db.close();
    expect(password).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });
});

describe("a session", () => {
  it("gets a new id at each sign-in, and the one the browser had is over", async () => {
    const { access, heard } = open();
    const first = await member(access, "anna", ["dpo"]);
    await heard();
    const second = signedIn(await access.signIn.byPassword("anna", GOOD, { ...desk, session: first.session }));
    expect(second.session).not.toBe(first.session);
    expect([withCookie(access, first.session), withCookie(access, second.session)?.roles]).toEqual([
      undefined,
      ["dpo"],
    ]);
    expect(await heard()).toEqual([
      "sign-out?ending=rotated&sessions=1",
      "sign-in?by=password",
      "session-refused?ending=rotated",
    ]);
  });

  it("ends after half an hour without use, and after twelve hours in any case", async () => {
    const { access, later, heard } = open();
    const used = await member(access, "anna", ["dpo"]);
    const left = await member(access, "bo", ["dpo"]);
    for (let n = 0; n < 24; n += 1) {
      expect(withCookie(access, used.session)?.roles, `${n / 2} hours`).toEqual(["dpo"]);
      if (n === 2) expect(withCookie(access, left.session)).toBeUndefined();
      later(30 * MINUTE - 1);
    }
    later(24);
    await heard();
    expect(withCookie(access, used.session)).toBeUndefined();
    expect(await heard()).toEqual(["session-refused?ending=expired"]);
  });

  it.each<[string, (access: Access, person: string, session: string) => unknown, string]>([
    ["signing out", (access, _, session) => access.signOut(session, false), "signed-out"],
    ["signing out everywhere", (access, _, session) => access.signOut(session, true), "signed-out-everywhere"],
    [
      "another role",
      (access, person) => access.people.change(person, { roles: ["staff-rep"], rooms: [] }, "machine"),
      "roles-changed",
    ],
    [
      "another room",
      (access, person) => access.people.change(person, { roles: ["dpo"], rooms: ["K1"] }, "machine"),
      "roles-changed",
    ],
    [
      "another password",
      (access, _, session) => access.signIn.changePassword(session, GOOD, OTHER, desk),
      "password-changed",
    ],
    ["closing the account", (access, person) => access.people.close(person, "machine"), "account-closed"],
  ])("is over at once by %s; its cookie is refused when it comes back, and told", async (_, end, ending) => {
    const { access, later, heard } = open();
    const { person, session } = await member(access, "anna", ["dpo"]);
    expect(withCookie(access, session)).toBeDefined();
    await end(access, person, session);
    expect(withCookie(access, session)).toBeUndefined();
    await heard();
    later(2 * MINUTE);
    for (let n = 0; n < 1000; n += 1) expect(withCookie(access, session)).toBeUndefined();
    expect(await heard()).toEqual([`session-refused?ending=${ending}`]);
  });

  it("signing out ends this one alone, everywhere all of them", async () => {
    const { access } = open();
    const one = await member(access, "anna", ["dpo"]);
    const [two, three] = [
      signedIn(await access.signIn.byPassword("anna", GOOD, desk)),
      signedIn(await access.signIn.byPassword("anna", GOOD, desk)),
    ];
    access.signOut(two.session, false);
    const who = () => [one, two, three].map(({ session }) => withCookie(access, session) !== undefined);
    expect(who()).toEqual([true, false, true]);
    access.signOut(three.session, true);
    expect(who()).toEqual([false, false, false]);
  });

  it("a cookie that is there twice, or is nobody's, is nobody", async () => {
    const { access } = open();
    const { session } = await member(access, "anna", ["dpo"]);
    const name = access.cookies.session;
    const ask = (cookie: string | undefined) => access.identify({ cookie, authorization: undefined });
    expect([
      ask(`${name}=${session}; ${name}=${session}`),
      ask(`${name}=`),
      ask(`${name}=${"x".repeat(43)}`),
      ask(`not-${name}=${session}`),
      ask(undefined),
    ]).toEqual(Array(5).fill(undefined));
  });

  it("outlives a restart; its id is nowhere in the file, which is its owner's alone", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "fortrolig-access-")), "access.db");
    const first = openAccess({ file, clock: handClock(start) });
    const { session, browser, person } = await member(first, "anna", ["team-lead"], ["K1"]);
    const { secret } = first.addToken({ role: "facilities", label: "Grafana", days: 30 });
    await first[Symbol.asyncDispose]();
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    const bytes = readFileSync(file, "latin1");
    for (const hidden of [session, browser, secret, GOOD]) expect(bytes).not.toContain(hidden);
    const { access } = open({ file });
    expect(withCookie(access, session)).toMatchObject({ id: person, rooms: ["K1"] });
    expect(withToken(access, secret)).toMatchObject({ roles: ["facilities"], by: "token" });
  });
});

describe("a link", () => {
  it("works once: of two who open it at the same time one gets in", async () => {
    const { access } = open();
    const { link } = access.people.invite("anna", { roles: ["dpo"], rooms: [] }, "machine");
    const tries = [1, 2].map(() => refusal(() => access.signIn.byLink(link, { password: GOOD }, desk)));
    expect((await Promise.all(tries)).sort()).toEqual(["link-used", "not refused"]);
    expect(await refusal(() => access.signIn.linkKind(link))).toBe("link-used");
  });

  it("expires, and a newer one takes its place", async () => {
    const { access, later } = open();
    const { id, link } = access.people.invite("anna", { roles: ["dpo"], rooms: [] }, "machine");
    const newer = access.people.link(id, "invite", "machine");
    expect(await refusal(() => access.signIn.linkKind(link))).toBe("link-unknown");
    later(72 * HOUR);
    expect(await refusal(() => access.signIn.byLink(newer, { password: GOOD }, desk))).toBe("link-expired");
  });

  it("asks for a password that is one, and keeps when it is not", async () => {
    const { access } = open();
    const { link } = access.people.invite(null, { roles: ["dpo"], rooms: [] }, "machine");
    const open_ = (name: string, password: string) =>
      refusal(() => access.signIn.byLink(link, { name, password }, desk));
    expect([await open_("anna", "short"), await open_("a b", GOOD), await open_("anna", GOOD)]).toEqual([
      "password-short",
      "name-invalid",
      "not refused",
    ]);
  });

  it("the first administrator comes in by one, which is offered until somebody has used it", async () => {
    const { access } = open();
    const first = access.firstAdministrator()!;
    const second = access.firstAdministrator()!;
    expect(await refusal(() => access.signIn.linkKind(first))).toBe("link-unknown");
    expect(access.signIn.linkKind(second)).toEqual({ kind: "invite", name: null });
    const answer = signedIn(await access.signIn.byLink(second, { name: "root-of-it", password: GOOD }, desk));
    expect(withCookie(access, answer.session)?.roles).toEqual(["it-admin"]);
    expect(access.firstAdministrator()).toBeUndefined();
  });
});

describe("roles", () => {
  it("that are never one person's are refused when they are given, and told", async () => {
    const { access, heard } = open();
    const { person } = await member(access, "anna", ["team-lead"]);
    await heard();
    const both: Role[] = ["team-lead", "it-admin"];
    const grant = { roles: both, rooms: [] };
    expect(await refusal(() => access.people.invite("bo", grant, "machine"))).toBe("forbidden-together");
    expect(await refusal(() => access.people.change(person, grant, "machine"))).toBe("forbidden-together");
    expect(await heard()).toEqual(
      Array(2).fill("people-change?change=refused&why=forbidden-together&roles=it-admin+team-lead"),
    );
  });

  it("are held by nobody in a forbidden combination, whatever is asked for in which order", () => {
    const { access } = open();
    const { id } = access.people.invite("anna", { roles: [], rooms: [] }, "machine");
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.constantFrom(...Role.options)), { maxLength: 8 }), (asked) => {
        for (const roles of asked) {
          try {
            access.people.change(id, { roles, rooms: [] }, "machine");
          } catch (error) {
            expect(error).toBeInstanceOf(AccessError);
          }
          expect(forbiddenTogether(access.people.find(id)!.roles)).toBeUndefined();
        }
      }),
      { numRuns: 50 },
    );
  });

  it("that a file gives to one person all the same are refused at sign-in, and told", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "fortrolig-access-")), "access.db");
    const { access, heard } = open({ file });
    const { person } = await member(access, "anna", ["dpo"]);
    const db = new DatabaseSync(file);
    db.prepare("UPDATE account SET roles = ? WHERE id = ?").run('["dpo","it-admin"]', person);
    db.close();
    await heard();
    expect(await access.signIn.byPassword("anna", GOOD, desk)).toEqual({ kind: "refused", why: "forbidden-together" });
    expect(await heard()).toEqual(["sign-in-refused?why=forbidden-together&roles=it-admin+dpo"]);
  });

  it("asked for by an administrator hold when somebody else has approved them; less holds at once", async () => {
    const { access } = open();
    const admin = (await member(access, "admin", ["it-admin"])).person;
    const dpo = (await member(access, "dpo", ["dpo"])).person;
    const { id, link } = access.people.invite("anna", { roles: ["team-lead"], rooms: ["K1"] }, admin);
    const { session } = signedIn(await access.signIn.byLink(link, { password: GOOD }, desk));
    const now = () => withCookie(access, session) && access.people.find(id)?.roles;
    expect(now()).toEqual([]);
    const asked = { roles: ["team-lead"], rooms: ["K1"] } as const;
    expect(await refusal(() => access.people.decide(id, true, asked, admin))).toBe("own-wish");
    expect(await refusal(() => access.people.decide(id, true, asked, id))).toBe("own-wish");
    const less = { ...asked, rooms: [] };
    for (const yes of [true, false])
      expect(await refusal(() => access.people.decide(id, yes, less, dpo))).toBe("asked-otherwise");
    access.people.decide(id, true, asked, dpo);
    expect(access.people.find(id)).toMatchObject({ roles: ["team-lead"], rooms: ["K1"], wish: null });
    expect(access.people.change(id, { roles: ["team-lead"], rooms: ["K1", "K2"] }, admin)).toBe("waits");
    access.people.decide(id, false, { roles: ["team-lead"], rooms: ["K2", "K1"] }, dpo);
    expect(access.people.find(id)).toMatchObject({ rooms: ["K1"], wish: null });
    expect(access.people.change(id, { roles: [], rooms: [] }, admin)).toBe("done");
  });

  it("wait for approval again when an administrator has given out a new password", async () => {
    const { access } = open();
    const admin = (await member(access, "admin", ["it-admin"])).person;
    const { person } = await member(access, "anna", ["dpo"]);
    const link = access.people.link(person, "reset", admin);
    const { session } = signedIn(await access.signIn.byLink(link, { password: OTHER }, desk));
    expect(withCookie(access, session)?.roles).toEqual([]);
    expect(access.people.find(person)?.wish).toMatchObject({ roles: ["dpo"], by: admin });
    const onMachine = access.people.link(admin, "reset", "machine");
    const again = signedIn(await access.signIn.byLink(onMachine, { password: OTHER }, desk));
    expect(withCookie(access, again.session)?.roles).toEqual(["it-admin"]);
  });

  it("wait for approval again when an administrator has given out an invitation to what was approved before", async () => {
    const { access } = open();
    const admin = (await member(access, "admin", ["it-admin"])).person;
    const { id } = access.people.invite("anna", { roles: ["dpo"], rooms: [] }, "machine");
    const link = access.people.link(id, "invite", admin);
    const { session } = signedIn(await access.signIn.byLink(link, { password: GOOD }, desk));
    expect(withCookie(access, session)?.roles).toEqual([]);
    expect(access.people.find(id)?.wish).toMatchObject({ roles: ["dpo"], by: admin });
  });

  it("are nobody's by a link where a provider says whose they are", async () => {
    const { access } = open();
    const { person } = signedIn(access.signIn.byProvider("hash", { roles: ["dpo"], rooms: [] }, undefined, desk));
    expect(await refusal(() => access.people.link(person, "invite", "person-admin"))).toBe("no-such-person");
  });

  it("are never somebody else's by a name that is an id", async () => {
    const { access } = open();
    const { person } = await member(access, "anna", ["dpo"]);
    expect(await refusal(() => access.people.invite(person, { roles: [], rooms: [] }, "person-admin"))).toBe(
      "name-taken",
    );
  });

  it("leave one administrator in any case, and name rooms that there are", async () => {
    const { access } = open({ rooms: ["K1"] });
    const { person } = await member(access, "admin", ["it-admin"]);
    expect(await refusal(() => access.people.close(person, "machine"))).toBe("last-administrator");
    expect(await refusal(() => access.people.change(person, { roles: [], rooms: [] }, "machine"))).toBe(
      "last-administrator",
    );
    expect(await refusal(() => access.people.invite("x1", { roles: ["team-lead"], rooms: ["K9"] }, "machine"))).toBe(
      "no-such-room",
    );
  });
});

describe("a token", () => {
  it("is one role's, for the rooms and permissions it was made for, until its day", async () => {
    const { access, later, heard } = open();
    const { token, secret } = access.addToken({
      role: "team-lead",
      label: "Power BI",
      days: 2,
      rooms: ["K1"],
      only: ["live", "history"],
    });
    expect(secret).toMatch(/^frt_[A-Za-z0-9_-]{43}$/);
    expect(withToken(access, secret)).toEqual({
      id: token.id,
      roles: ["team-lead"],
      rooms: ["K1"],
      only: ["live", "history"],
      by: "token",
    });
    later(48 * HOUR - 1);
    expect(withToken(access, secret)).toBeDefined();
    access.tend();
    expect(access.tokens.all()[0]).toMatchObject({ id: token.id, usedDay: "2026-11-25" });
    later(1);
    await heard();
    expect([withToken(access, secret), withToken(access, secret)]).toEqual([undefined, undefined]);
    expect(await heard()).toEqual(["session-refused?why=expired"]);
  });

  it("is worth nothing once revoked, beside a cookie as well", async () => {
    const { access } = open();
    const { session } = await member(access, "anna", ["dpo"]);
    const { token, secret } = access.addToken({ role: "facilities", label: "Grafana", days: 30 });
    access.tokens.revoke(token.id, "machine");
    const cookie = `${access.cookies.session}=${session}`;
    expect(access.identify({ cookie, authorization: `Bearer ${secret}` })).toBeUndefined();
    expect(access.identify({ cookie, authorization: "Bearer frt_x" })).toBeUndefined();
    expect(access.identify({ cookie, authorization: undefined })?.roles).toEqual(["dpo"]);
  });

  it("of a person reaches no further than the person, and goes with the role", async () => {
    const { access } = open();
    const { person } = await member(access, "anna", ["team-lead"], ["K1", "K2"]);
    const { secret } = access.addToken({
      role: "team-lead",
      label: "mine",
      days: 30,
      rooms: ["K1", "K2"],
      owner: person,
    });
    access.people.change(person, { roles: ["team-lead"], rooms: ["K2"] }, "machine");
    expect(withToken(access, secret)?.rooms).toEqual(["K2"]);
    access.people.change(person, { roles: ["facilities"], rooms: [] }, "machine");
    expect(withToken(access, secret)).toBeUndefined();
    access.people.change(person, { roles: ["team-lead"], rooms: ["K2"] }, "machine");
    expect(withToken(access, secret)).toBeUndefined();
  });

  it.each([
    [{ days: 0 }, "token-lifetime"],
    [{ days: 401 }, "token-lifetime"],
    [{ days: Number.NaN }, "token-lifetime"],
    [{ label: "" }, "name-invalid"],
    [{ label: "<b>" }, "name-invalid"],
    [{ only: ["manage-people"] }, "no-such-permission"],
  ] as const)("%j is refused: %s", async (part, reason) => {
    const { access } = open();
    expect(await refusal(() => access.addToken({ role: "facilities", label: "x", days: 1, ...part }))).toBe(reason);
  });
});

describe("the file", () => {
  it("what another process does to it holds within a second; what that process did is told by this one", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "fortrolig-access-")), "access.db");
    const { access, later, heard } = open({ file });
    const { session } = await member(access, "anna", ["dpo"]);
    await heard();
    const command = openAccess({ file, clock: handClock(start) });
    const made = command.addToken({ role: "facilities", label: "Grafana", days: 1 });
    command.people.change("anna", { roles: ["staff-rep"], rooms: [] }, "machine");
    await command[Symbol.asyncDispose]();
    later(1000);
    await new Promise(setImmediate);
    expect([withCookie(access, session), withToken(access, made.secret)?.roles]).toEqual([undefined, ["facilities"]]);
    expect(await heard()).toEqual([
      "token-change?change=made&role=facilities&rooms=&only=&days=1",
      "people-change?change=granted&roles=staff-rep&rooms=",
      "sign-out?ending=roles-changed&sessions=1",
      "session-refused?ending=roles-changed",
    ]);
  });

  it("another program's, or a newer version's, is left alone", () => {
    const folder = mkdtempSync(join(tmpdir(), "fortrolig-access-"));
    const file = (name: string, sql: string) => {
      const db = new DatabaseSync(join(folder, name));
      db.exec(sql);
      db.close();
      return join(folder, name);
    };
    writeFileSync(join(folder, "text"), "no database, but long enough to look at".repeat(40));
    expect(() => openAccess({ file: file("other", "CREATE TABLE x (y)") })).toThrow(/another program's/);
    expect(() =>
      openAccess({ file: file("newer", "PRAGMA application_id = 1718776929; PRAGMA user_version = 2") }),
    ).toThrow(/newer version/);
    expect(() => openAccess({ file: join(folder, "text") })).toThrow(/text: file is not a database/);
  });

  it("an audit log that takes nothing loses nothing: it is told when it does", async () => {
    let refuses = true;
    const told: string[] = [];
    const { access } = open({
      audit: async ({ action }) => {
        if (refuses) throw new Error("disk full");
        told.push(action);
      },
      onTrouble: () => {},
    });
    access.addToken({ role: "facilities", label: "Grafana", days: 1 });
    await expect(access.told()).rejects.toThrow("disk full");
    refuses = false;
    await access.told();
    expect(told).toEqual(["token-change"]);
  });

  it("who is asked for is answered in microseconds", async () => {
    const { access } = open();
    const { session } = await member(access, "anna", ["dpo"]);
    const before = process.cpuUsage();
    for (let n = 0; n < 10_000; n += 1) withCookie(access, session);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 10_000).toBeLessThan(50);
  });
});
