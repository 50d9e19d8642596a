/** Signing in, as people meet it: on the real gateway, in a real browser. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBuilt } from "#dashboard/build.ts";
import { readConfig } from "#gateway/config.ts";
import type { Gateway } from "#gateway/gateway.ts";
import type { Role } from "#protocol/roles.ts";
import { type Folder, temporaryFolder } from "#test/journeys/folder.ts";
import { runGateway } from "#test/journeys/running-gateway.ts";
import { seriousFindings } from "./accessibility.ts";
import { focusedText, openBrowser, openPage, textOf } from "./browser.ts";
import { signedIn } from "./sign-in.ts";

const GOOD = "tre små grise ude";
const OTHER = "fire store geder inde";

let folder: Folder;
let gateway: Gateway;
let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  folder = await temporaryFolder();
  [gateway, browser] = await Promise.all([runGateway({ data: join(folder.path, "data") }), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await gateway?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const MACHINE = "machine";
/** Somebody who has chosen the good password. */
async function member(name: string, roles: Role[], rooms: string[] = []): Promise<string> {
  const { id, link } = gateway.access.people.invite(name, { roles, rooms }, MACHINE);
  const from = { address: "127.0.0.1", session: undefined, browser: undefined };
  await gateway.access.signIn.byLink(link, { password: GOOD }, from);
  return id;
}
const as = (role: Role) => signedIn(gateway.access, gateway.url, role, readConfig({}).site);
async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.fill("#login-name", name);
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
}
/** A browser says of a request that was answered 401 that it failed; that is what it was sent for. */
const unexpected = (complaints: readonly string[]) => complaints.filter((text) => !/status of 401/.test(text));
const menu = (page: Page) => page.$$eval(".mainmenu a", (links) => links.map((link) => link.textContent));

describe("signing in", () => {
  it("stands in place of the page that was asked for, needs a keyboard only, and then shows that page", async () => {
    await member("mette", ["team-lead"], ["K1", "K2"]);
    await using opened = await openPage(browser, `${gateway.url}/rooms/K1`);
    const { page, complaints } = opened;
    await page.waitForSelector("#login-name");
    expect(await textOf(page, "h1")).toBe("Log ind");
    expect(
      await page.$$eval("input[autocomplete]", (fields) => fields.map((field) => field.getAttribute("autocomplete"))),
    ).toEqual(["username", "current-password"]);
    await page.focus("#login-name");
    await page.keyboard.type("mette");
    await page.keyboard.press("Tab");
    await page.keyboard.type("forkert kodeord her");
    await page.keyboard.press("Enter");
    await page.waitForSelector("[role=alert]");
    expect(await textOf(page, "[role=alert]")).toBe("Brugernavn eller adgangskode er forkert.");
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("alert");
    expect(await page.inputValue("#password")).toBe("");
    await signIn(page, "mette", GOOD);
    await page.waitForSelector(".chart, .room-history");
    expect([await textOf(page, "h1"), new URL(page.url()).pathname]).toEqual(["Kontor K1", "/rooms/K1"]);
    expect(await textOf(page, ".who a")).toBe("Teamleder");
    expect(unexpected(complaints)).toEqual([]);
  });

  it("says how long to wait when there were too many attempts", async () => {
    await member("ole", ["facilities"]);
    await using opened = await openPage(browser, gateway.url, { locale: "en-GB" });
    const { page } = opened;
    await page.waitForSelector("#login-name");
    // A slow machine lets the first short waits pass; they grow.
    let said = "";
    for (let n = 0; n < 12 && !said.startsWith("Too many"); n += 1) {
      await signIn(page, "ole", OTHER);
      await page.waitForFunction(() => (document.querySelector("#password") as HTMLInputElement).value === "");
      said = await textOf(page, "[role=alert]");
    }
    expect(said).toMatch(/^Too many attempts\. Try again in \d+ seconds?\.$/);
  });

  it("with a one-time link: the secret leaves the address, the password is chosen with advice, and it works once", async () => {
    const { link } = gateway.access.people.invite(null, { roles: ["dpo"], rooms: [] }, MACHINE);
    const address = `${gateway.url}/sign-in#link=${link}`;
    await using opened = await openPage(browser, address, { locale: "en-GB", colorScheme: "dark", width: 320 });
    const { page } = opened;
    await page.waitForSelector("#password");
    expect(page.url()).toBe(`${gateway.url}/sign-in`);
    expect(await textOf(page, "h1")).toBe("Choose your password");
    expect(await page.getAttribute("#password", "autocomplete")).toBe("new-password");
    await signIn(page, "new-dpo", "password2026");
    await page.waitForSelector("text=The password is too easy to guess");
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await signIn(page, "new-dpo", GOOD);
    await page.waitForSelector(".who a");
    expect(await textOf(page, ".who a")).toBe("Data protection officer");
    await page.goto("about:blank");
    await page.goto(address);
    await page.waitForSelector("text=The link has been used. Ask for a new one.");
  });

  it("shows each role the pages that are for it", async () => {
    const seen: Partial<Record<Role, unknown>> = {};
    for (const role of ["team-lead", "room-staff", "facilities", "dpo", "it-admin"] as const) {
      await using opened = await openPage(browser, gateway.url, { locale: "en-GB", before: as(role) });
      await opened.page.waitForSelector(".who");
      seen[role] = await menu(opened.page);
      expect([role, opened.complaints]).toEqual([role, []]);
    }
    expect(seen).toEqual({
      "team-lead": ["Rooms", "Sound leakage", "Sensors", "Report", "Changes", "Who looked"],
      "room-staff": ["Rooms", "Sound leakage", "Sensors", "Changes", "Who looked"],
      facilities: ["Rooms", "Sound leakage", "Sensors", "Report", "Changes", "Who looked"],
      dpo: ["Rooms", "Sound leakage", "Sensors", "Report", "Changes", "Who looked", "Accounts"],
      "it-admin": ["Sensors", "Changes", "Who looked", "Accounts"],
    });
  });
});

describe("a session that ends while a page is open", () => {
  it("clears the page, says so, and leads back to the same page after signing in", async () => {
    const id = await member("lead", ["team-lead"], ["K1", "K2"]);
    await using opened = await openPage(browser, `${gateway.url}/leakage`);
    const { page } = opened;
    await page.waitForSelector("#login-name");
    await signIn(page, "lead", GOOD);
    await page.waitForSelector(".leaks");
    gateway.access.people.change(id, { roles: ["team-lead"], rooms: ["K1"] }, MACHINE);
    await page.waitForSelector("text=Du er ikke længere logget ind");
    expect(await page.$(".leaks")).toBeNull();
    expect(await menu(page)).toEqual(["Ændringer"]);
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    expect(await seriousFindings(page)).toEqual([]);
    await signIn(page, "lead", GOOD);
    await page.waitForSelector(".leaks");
    expect(new URL(page.url()).pathname).toBe("/leakage");
  });

  it("by signing out in one tab the others are out as well", async () => {
    await using opened = await openPage(browser, gateway.url, { before: as("team-lead") });
    const { page } = opened;
    await page.waitForSelector(".who");
    const other = await page.context().newPage();
    await other.goto(gateway.url);
    await other.waitForSelector("[data-room]");
    await page.click(".who button");
    await page.waitForSelector("text=Du er logget ud");
    await other.waitForSelector("text=Du er ikke længere logget ind");
  });

  it("by somebody else in another tab nothing stays of what the one before was shown", async () => {
    await member("before", ["facilities"]);
    await member("after", ["room-staff"], ["K1"]);
    await using opened = await openPage(browser, gateway.url);
    const { page } = opened;
    await signIn(page, "before", GOOD);
    await page.waitForSelector(".who");
    await page.click(".who a");
    await page.fill("#token-label", "weekly figures");
    await page.click("form:has(#token-label) [type=submit]");
    await page.waitForSelector(".told-once");
    const other = await page.context().newPage();
    await other.goto(gateway.url);
    await other.evaluate(async (password) => {
      const body = JSON.stringify({ name: "after", password });
      await fetch("/api/v1/sign-in", { method: "POST", headers: { "content-type": "application/json" }, body });
      new BroadcastChannel("fortrolig-who").postMessage("in");
    }, GOOD);
    await page.waitForSelector("#token-label >> visible=true");
    await expect.poll(() => page.textContent(".lead")).toContain("K1");
    expect(await page.locator(".told-once").count()).toBe(0);
    expect(await page.textContent("main")).not.toContain("weekly figures");
  });

  it("by signing in again in one tab the others are in as well", async () => {
    await member("again", ["team-lead"], ["K1"]);
    await using opened = await openPage(browser, gateway.url);
    const { page } = opened;
    await page.waitForSelector("#login-name");
    const other = await page.context().newPage();
    await other.goto(`${gateway.url}/devices`);
    await other.waitForSelector("#login-name");
    await signIn(page, "again", GOOD);
    await other.waitForSelector(".devices");
    expect(new URL(other.url()).pathname).toBe("/devices");
  });
});

describe("signing out", () => {
  it("that does not reach the gateway is not called done, and can be tried again", async () => {
    await member("eva", ["team-lead"], ["K1"]);
    await using opened = await openPage(browser, gateway.url, { locale: "en-GB" });
    const { page } = opened;
    await page.waitForSelector("#login-name");
    await signIn(page, "eva", GOOD);
    await page.waitForSelector("[data-room=K1]");
    await page.route("**/api/v1/sign-out", (route) => route.abort());
    await page.click(".who button");
    await page.waitForSelector("text=You are still signed in");
    expect(await page.$("[data-room]")).toBeNull();
    expect(await seriousFindings(page)).toEqual([]);
    await page.click("text=Sign out again");
    await page.waitForSelector("main .refusal");
    await page.unroute("**/api/v1/sign-out");
    await page.route("**/api/v1/sign-out", (route) => route.fulfill({ status: 429, headers: { "retry-after": "7" } }));
    await page.click("text=Sign out again");
    await page.waitForSelector("text=Try again in 7 seconds");
    expect(await page.$("text=You have signed out")).toBeNull();
    await page.unroute("**/api/v1/sign-out");
    await page.click("text=Sign out again");
    await page.waitForSelector("text=You have signed out");
    await page.reload();
    await page.waitForSelector("#login-name");
  });
});

describe("one's own account", () => {
  it("changes the password, makes a token that is told once and ends it again", async () => {
    await member("kim", ["team-lead"], ["K1"]);
    await using opened = await openPage(browser, `${gateway.url}/account`, { locale: "en-GB" });
    const { page, complaints } = opened;
    await page.waitForSelector("#login-name");
    await signIn(page, "kim", GOOD);
    await page.waitForSelector("#current");
    await page.fill("#current", GOOD);
    await page.fill("#new", OTHER);
    await page.click("text=Change password");
    await page.waitForSelector("text=The password has been changed.");
    await page.fill("#token-label", "weekly figures");
    await page.click("text=Make a token");
    await page.waitForSelector(".told-once textarea");
    const secret = await page.inputValue(".told-once textarea");
    const ask = async () =>
      (await fetch(`${gateway.url}/api/v1/rooms`, { headers: { authorization: `Bearer ${secret}` } })).status;
    expect(await ask()).toBe(200);
    await page.waitForSelector("[data-token]");
    expect(await seriousFindings(page)).toEqual([]);
    await page.click("[data-token] button");
    await page.click(".row-question >> text=Cancel");
    await expect.poll(() => focusedText(page)).toBe("Revoke weekly figures");
    expect(await ask()).toBe(200);
    await page.keyboard.press("Enter");
    await page.click('.row-question >> text=Revoke "weekly figures"');
    await page.waitForSelector("[data-token] button", { state: "detached" });
    await expect.poll(() => focusedText(page)).toBe("weekly figures");
    expect(await ask()).toBe(401);
    expect(unexpected(complaints)).toEqual([]);
  });
});

describe("accounts", () => {
  it("IT invites, the DPO approves, and whoever was invited sees their rooms", async () => {
    await using it_ = await openPage(browser, `${gateway.url}/people`, { locale: "en-GB", before: as("it-admin") });
    await it_.page.waitForSelector("#invited");
    await it_.page.fill("#invited", "nina");
    await it_.page.check(".checks >> text=Team lead");
    await it_.page.check(".checks >> text=K3");
    await it_.page.click("form >> text=Invite");
    await it_.page.waitForSelector(".told-once textarea");
    const address = await it_.page.inputValue(".told-once textarea");
    expect(await textOf(it_.page, "[data-person=nina]")).toContain("Waits for approval: Team lead (K3)");
    expect(await seriousFindings(it_.page)).toEqual([]);

    await using nina = await openPage(browser, address, { locale: "en-GB" });
    await nina.page.waitForSelector("#password");
    await nina.page.fill("#password", GOOD);
    await nina.page.keyboard.press("Enter");
    await nina.page.waitForSelector("text=Your role waits");

    await using dpo = await openPage(browser, `${gateway.url}/people`, { locale: "en-GB", before: as("dpo") });
    await dpo.page.waitForSelector("[data-person=nina] >> text=Approve");
    const { access } = gateway;
    const admin = access.people.all().find(({ roles }) => roles.includes("it-admin"))!.id;
    access.people.change("nina", { roles: ["team-lead"], rooms: ["K3", "K6"] }, admin);
    await dpo.page.click("[data-person=nina] >> text=Approve");
    await dpo.page.waitForSelector("text=Something else is asked for by now");
    await dpo.page.waitForSelector("[data-person=nina]:has-text('Team lead (K3, K6)')");
    access.people.change("nina", { roles: ["team-lead"], rooms: ["K3"] }, admin);
    await dpo.page.reload();
    await dpo.page.waitForSelector("[data-person=nina]:has-text('Team lead (K3)')");
    await dpo.page.click("[data-person=nina] >> text=Approve");
    await dpo.page.waitForSelector("[data-person=nina] >> text=Approve", { state: "detached" });
    await expect.poll(() => focusedText(dpo.page)).toBe("nina");
    await nina.page.waitForSelector("text=You are no longer signed in");
    await signIn(nina.page, "nina", GOOD);
    await nina.page.waitForSelector("[data-room=K3]");
  });

  it("are closed when that is meant: what it does is said first, and whoever was in is out", async () => {
    await member("lone", ["facilities"]);
    await using lone = await openPage(browser, `${gateway.url}/report`, { locale: "en-GB" });
    await lone.page.waitForSelector("#login-name");
    await signIn(lone.page, "lone", GOOD);
    await lone.page.waitForSelector(".figures-brief");

    await using admin = await openPage(browser, `${gateway.url}/people`, { locale: "en-GB", before: as("it-admin") });
    const { page } = admin;
    const focused = () => focusedText(page);
    const ask = "[data-person=lone] >> text=Close the account";
    await page.focus(ask);
    await page.keyboard.press("Enter");
    await expect.poll(focused).toMatch(/^Close the account\? Whoever uses it is signed out at once/);
    expect(await seriousFindings(page)).toEqual([]);
    await page.click("[data-person=lone] >> text=Cancel");
    await expect.poll(focused).toBe("Change roles and rooms lone");
    await page.click(ask);
    await page.click("[data-person=lone] .button-primary");
    await page.waitForSelector("[data-person=lone]", { state: "detached" });
    await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toBe("people");
    await lone.page.waitForSelector("text=You are no longer signed in");
  });
});

describe.each([
  { locale: "da-DK", colorScheme: "light", width: 1280 },
  { locale: "da-DK", colorScheme: "dark", width: 390 },
  { locale: "en-GB", colorScheme: "dark", width: 320 },
] as const)("in $locale, $colorScheme, $width px wide", (look) => {
  it.each([
    ["/sign-in", null, "#login-name"],
    ["/account", "team-lead", "#token-label"],
    ["/people", "it-admin", "#invited"],
    ["/who-looked", "dpo", ".proof"],
  ] as const)(
    "%s has no serious finding, no complaint, and nothing wider than the screen",
    async (path, role, ready) => {
      const before = role ? as(role) : undefined;
      await using opened = await openPage(browser, gateway.url + path, { ...look, ...(before && { before }) });
      const { page, complaints } = opened;
      await page.waitForSelector(ready);
      expect(await seriousFindings(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width);
      expect(unexpected(complaints)).toEqual([]);
    },
  );
});
