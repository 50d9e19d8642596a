/** Signing in with the house's own accounts, as people meet it: real gateway, a real provider with its own pages, a real browser. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureBuilt } from "#dashboard/build.ts";
import type { Gateway } from "#gateway/gateway.ts";
import { type Folder, temporaryFolder } from "#test/journeys/folder.ts";
import { runGateway } from "#test/journeys/running-gateway.ts";
import { CLIENT, type IdentityProvider, startIdentityProvider } from "#test/services/identity-provider.ts";
import { freePort, onFreePorts } from "#test/services/service.ts";
import { seriousFindings } from "./accessibility.ts";
import { openBrowser, openPage, textOf } from "./browser.ts";

let folder: Folder;
let there: IdentityProvider;
let gateway: Gateway;
let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  folder = await temporaryFolder();
  [gateway, browser] = await Promise.all([onFreePorts(openHouse), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await gateway?.[Symbol.asyncDispose]();
  await there?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

/** The provider has to know where the gateway will be. */
async function openHouse(): Promise<Gateway> {
  const http = `127.0.0.1:${await freePort()}`;
  await there?.[Symbol.asyncDispose]();
  there = await startIdentityProvider({
    callback: `http://${http}/api/v1/sign-in/provider/callback`,
    groups: { mette: ["leads"], ole: ["gardeners"] },
  });
  const file = join(folder.path, "fortrolig.yaml");
  const oidc = {
    issuer: there.issuer,
    clientId: CLIENT.id,
    clientSecret: CLIENT.secret,
    scope: "openid groups",
    name: { da: "kommunens login", en: "the municipality's sign-in" },
    groups: { leads: { roles: ["team-lead"], rooms: ["K1"] } },
  };
  await writeFile(file, JSON.stringify({ oidc }));
  return runGateway({ data: join(folder.path, "data"), http }, file);
}

/** The provider's own pages: who one is, and that the gateway may know. */
async function passThrough(page: Page, login: string): Promise<void> {
  await page.waitForSelector("[name=login]");
  expect(new URL(page.url()).origin).toBe(there.issuer);
  await page.fill("[name=login]", login);
  await page.fill("[name=password]", "any");
  await page.click("[type=submit]");
  await page.waitForSelector("[name=prompt][value=consent]", { state: "attached" });
  await page.click("[type=submit]");
}
/** That nobody is signed in is answered 401, of which a browser says that it failed. */
const unexpected = (complaints: readonly string[]) => complaints.filter((said) => !/status of 401/.test(said));
/** The provider's pages want letters from outside, which a test does not ask for. */
const before = (page: Page) =>
  page.route(
    ({ origin }) => origin !== gateway.url && origin !== there.issuer,
    (route) => route.abort(),
  );

it("the button leads to the provider and back to the rooms, signed in; out again leads to the same button", async () => {
  await using opened = await openPage(browser, gateway.url, { before });
  const { page, complaints } = opened;
  const button = "text=Log ind med kommunens login";
  await page.waitForSelector(button);
  expect([await seriousFindings(page), unexpected(complaints)]).toEqual([[], []]);
  await page.focus(button);
  await page.keyboard.press("Enter");
  await passThrough(page, "mette");
  await page.waitForSelector("[data-room=K1]");
  expect([page.url(), await textOf(page, "h1"), await textOf(page, ".who a")]).toEqual([
    `${gateway.url}/`,
    "Rum",
    "Teamleder",
  ]);
  const ofProvider = complaints.length;
  await page.reload();
  await page.waitForSelector("[data-room=K1]");
  await page.click(".who button");
  await page.waitForSelector("text=Du er logget ud");
  await page.waitForSelector(button);
  await page.reload();
  await page.waitForSelector(button);
  expect(await page.$("[data-room]")).toBeNull();
  expect(unexpected(complaints.slice(ofProvider))).toEqual([]);
});

it("who comes in with the provider is in in the tabs that were open before; each of them asks once more, and no more", async () => {
  await using opened = await openPage(browser, gateway.url, { locale: "en-GB", before });
  const { page } = opened;
  const button = "text=Sign in with the municipality's sign-in";
  await page.waitForSelector(button);
  const other = await page.context().newPage();
  const asked: string[] = [];
  other.on("request", (request) => request.url().endsWith("/api/v1/me") && asked.push(request.url()));
  await other.goto(`${gateway.url}/rooms/K1`);
  await other.waitForSelector(button);
  await page.click(button);
  await passThrough(page, "mette");
  await page.waitForSelector("[data-room=K1]");
  await other.waitForSelector("h1:has-text('K1')");
  expect(new URL(other.url()).pathname).toBe("/rooms/K1");
  await page.reload();
  await page.waitForSelector("[data-room=K1]");
  await expect.poll(() => asked.length).toBe(3);
});

it("who signs out here is led to sign out at the provider too, and the next is asked there who they are", async () => {
  await using opened = await openPage(browser, gateway.url, { locale: "en-GB", before });
  const { page } = opened;
  const button = "text=Sign in with the municipality's sign-in";
  await page.click(button);
  await passThrough(page, "mette");
  await page.waitForSelector("[data-room=K1]");
  await page.click(".who button");
  await page.waitForSelector("text=You may still be signed in with the municipality's sign-in");
  expect(await seriousFindings(page)).toEqual([]);
  // As long as that is so, nobody is asked anything.
  await page.click(button);
  await page.waitForSelector("[data-room=K1]");
  await page.click(".who button");
  await page.click("text=Sign out there as well");
  await page.click("[name=logout]");
  await page.waitForURL(/session\/end\/success/);
  await page.goto(gateway.url);
  await page.click(button);
  await page.waitForSelector("[name=login]");
  expect(new URL(page.url()).origin).toBe(there.issuer);
});

it("leads back to the page that was asked for, and says in words who is let in as nothing", async () => {
  await using mette = await openPage(browser, `${gateway.url}/rooms/K1`, { locale: "en-GB", before });
  await mette.page.click("text=Sign in with the municipality's sign-in");
  await passThrough(mette.page, "mette");
  await mette.page.waitForSelector("h1:has-text('Office K1')");
  expect(new URL(mette.page.url()).pathname).toBe("/rooms/K1");

  await using ole = await openPage(browser, gateway.url, { locale: "en-GB", before });
  await ole.page.click("text=Sign in with the municipality's sign-in");
  await passThrough(ole.page, "ole");
  await ole.page.waitForSelector("[role=alert]");
  expect(await textOf(ole.page, "[role=alert]")).toMatch(/^Your account has no role here/);
  expect(await ole.page.$(".who")).toBeNull();
});
