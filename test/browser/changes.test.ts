/** The page of changes: what everybody sees, and what those do who must agree. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Role } from "#protocol/roles.ts";
import { seriousFindings } from "./accessibility.ts";
import { focusedText, type Look, openBrowser, openPage, textOf } from "./browser.ts";
import { recordedChanges } from "./recorded-changes.ts";
import { meOf, openStandIn, type StandIn } from "./stand-in.ts";

let browser: Browser;
let server: StandIn;
beforeAll(async () => {
  [browser, server] = await Promise.all([openBrowser(), openStandIn()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

async function openAs(role: Role | undefined, id: string = role ?? "", before?: Look["before"]) {
  server.now.changes = recordedChanges(Date.now());
  server.now.changes.reader = role && { id, roles: [role] };
  server.now.me = role ? meOf([role]) : null;
  const opened = await openPage(browser, `${server.url}/changes`, { locale: "en-GB", ...(before && { before }) });
  await opened.page.waitForSelector("[data-change]");
  return opened;
}

it("tells everybody what would widen, who must agree, and how many days are left; and nothing of reasons", async () => {
  await using opened = await openAs(undefined);
  const { page } = opened;
  const phases = await page.$$eval("[data-change]", (items) =>
    items.map((item) => [item.getAttribute("data-change"), item.querySelector(".change-phase")?.textContent]),
  );
  expect(phases).toEqual([
    ["6", "Requested · expires in 29 days if it is not approved · found in the configuration at start"],
    ["5", "Requested · expires in 20 days if it is not approved"],
    ["4", "Approved, notice given · comes into force in 32 days"],
    ["3", "In force · ends in 270 days"],
    ["2", "Refused"],
    ["1", "Ended"],
  ]);
  expect(await textOf(page, ".held-back li")).toBe("Sensor k9 → K2, room: nothing → K2");
  expect(await textOf(page, "[data-change='5'] .setting-changes")).toBe("Opening hours Friday, until: 14:00 → 16:00");
  expect((await textOf(page, "[data-change='5'] dl")).replaceAll(/\s+/g, " ")).toMatch(
    /Reason Shown to those who sign in\. Notice 42 days .* Approved by staff representative Still to be approved by data protection officer$/,
  );
  expect(await page.$("main button")).toBeNull();
});

it("asks twice before a change is approved, and shows what has become of it", async () => {
  await using opened = await openAs("dpo");
  const { page, complaints } = opened;
  expect(await textOf(page, "[data-change='5'] dl")).toContain("Interviews are held on Friday afternoons too.");
  await page.click("[data-change='5'] button:has-text('Approve')");
  await expect.poll(() => focusedText(page)).toBe("Do you approve this widening?");
  expect(await seriousFindings(page)).toEqual([]);
  await page.click("text=Cancel");
  await page.click("[data-change='5'] button:has-text('Approve')");
  await page.click("text=Yes, approve");
  await page.waitForSelector("[data-change='5']:has-text('comes into force in 42 days')");
  // It may still be refused: the keyboard goes on there.
  await expect.poll(() => focusedText(page)).toBe("Refuse Change 5");
  await page.click("[data-change='5'] button:has-text('Refuse')");
  await page.click("text=Yes, refuse");
  await page.waitForSelector("[data-change='5']:has-text('Refused')");
  // Nothing may be done to it any more, and it stands elsewhere: it is read out there.
  await expect.poll(() => focusedText(page)).toBe("Change 5");
  expect(complaints).toEqual([]);
});

it("approves what was shown: what has been changed since is shown, and asked about, anew", async () => {
  await using opened = await openAs("dpo");
  const { page } = opened;
  await page.click("[data-change='5'] button:has-text('Approve')");
  server.now.changes.reviseAsAsker(5, "Interviews are held until late at night.");
  await page.click("text=Yes, approve");
  await page.waitForSelector("[data-change='5']:has-text('until late at night')");
  expect(await textOf(page, "[role=alert]")).toBe(
    "It has been changed since. See what it asks for now, and decide anew.",
  );
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("alert");
  await page.click("[data-change='5'] button:has-text('Approve')");
  await page.click("text=Yes, approve");
  await page.waitForSelector("[data-change='5'] dt:text-is('Approved by')");
});

it("says so when somebody else was quicker", async () => {
  await using opened = await openAs("staff-rep", "another");
  const { page } = opened;
  await page.click("[data-change='4'] button:has-text('Refuse')");
  server.now.changes.put({ kind: "withdraw", id: 4 });
  await page.click("text=Yes, refuse");
  await page.waitForSelector("[data-change='4']:has-text('Withdrawn')");
  expect(await textOf(page, "[data-change='4'] [role=alert]")).toBe("It is not open any more.");
  await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute("role"))).toBe("alert");
});

it("shows what has become of a request, also where a list that was asked for before is answered after", async () => {
  await using opened = await openAs("dpo", "dpo", (page) => page.clock.install());
  const { page } = opened;
  const [asked, sent, answered] = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  await page.route("**/api/v1/changes", async (route) => {
    const response = await route.fetch();
    asked!.resolve();
    await sent!.promise;
    await route.fulfill({ response });
    answered!.resolve();
  });
  await page.clock.fastForward(60_000);
  await asked!.promise;
  await page.click("[data-change='5'] button:has-text('Refuse')");
  await page.click("text=Yes, refuse");
  await page.waitForSelector("[data-change='5']:has-text('Refused')");
  sent!.resolve();
  await answered!.promise;
  // What is asked for now is answered after that.
  await page.evaluate(async () => (await fetch("/api/v1/site")).text());
  expect(await textOf(page, "[data-change='5'] .change-phase")).toBe("Refused");
});

it("lets who may ask give the file's request a reason and an end", async () => {
  await using opened = await openAs("it-admin");
  const { page } = opened;
  expect(await page.$("[data-change='5'] button:has-text('Approve')")).toBeNull();
  await page.click("[data-change='6'] button:has-text('Give a reason')");
  await page.fill("#reason-6", "The evening school begins in spring.");
  await page.fill("#until-6", new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10));
  expect(await seriousFindings(page)).toEqual([]);
  await page.click("text=Send");
  await page.waitForSelector("[data-change='6']:has-text('The evening school begins in spring.')");
});

it("narrows at once what somebody asks to be narrowed", async () => {
  await using opened = await openAs("staff-rep");
  const { page, complaints } = opened;
  await page.click("text=Choose a setting");
  await page.waitForSelector("#setting:focus");
  const offered = await page.$$eval("#setting optgroup", (groups) =>
    groups.map((group) => [group.getAttribute("label"), ...[...group.children].map((option) => option.textContent)]),
  );
  expect(offered).toEqual([
    ["Measuring and alerts", "When it measures"],
    ["Opening hours", "Opening hours Friday, until"],
    ["Storage", "Readings are kept (days)", "Minutes are kept (days)"],
    ["Rooms", "Staff with a desk in K3"],
    ["Sensors", "Sensor k3 → K3, room"],
  ]);
  await page.selectOption("#setting", "openingHours.friday.until");
  await page.fill("#setting-value", "13:00");
  expect(await seriousFindings(page)).toEqual([]);
  await page.click("text=Continue");
  await page.waitForSelector("text=is so at once");
  expect(await textOf(page, ".ask-change li")).toBe("Opening hours Friday, until: 14:00 → 13:00");
  expect(await seriousFindings(page)).toEqual([]);
  await page.click("text=Do it now");
  await page.waitForSelector("text=It is so now.");
  await expect.poll(() => focusedText(page)).toBe("Choose a setting");
  expect(server.now.changes.settings().find(({ path }) => path === "openingHours.friday.until")?.value).toBe("13:00");
  expect(complaints).toEqual([]);
});

it("takes a sensor away for who asks for it", async () => {
  await using opened = await openAs("facilities");
  const { page } = opened;
  await page.click("text=Choose a setting");
  await page.selectOption("#setting", "devices.k3@K3.room");
  await page.selectOption("#setting-value", { label: "taken away" });
  await page.click("text=Continue");
  await page.click("text=Do it now");
  await page.waitForSelector("text=It is so now.");
  expect(server.now.changes.settings().map(({ path }) => path)).not.toContain("devices.k3@K3.room");
});

it("asks for a widening with a reason and an end, and tells who has to approve it; who approves may not ask", async () => {
  await using opened = await openAs("team-lead");
  const { page, complaints } = opened;
  await page.click("text=Choose a setting");
  await page.selectOption("#setting", "policy.measuring");
  await page.selectOption("#setting-value", "always");
  await page.click("text=Continue");
  await page.waitForSelector("#reason-new");
  expect(await textOf(page, ".ask-change div p")).toBe(
    "This widens what is measured. It has to be approved by data protection officer and staff representative, and told 42 days beforehand:",
  );
  await page.fill("#reason-new", "The evening school begins in spring.");
  await page.fill("#until-new", new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10));
  expect(await seriousFindings(page)).toEqual([]);
  await page.click(".ask-change >> text=Send");
  await page.waitForSelector("[data-change='7']:has-text('The evening school begins in spring.')");
  expect(complaints).toEqual([]);

  await using other = await openAs("dpo");
  await other.page.click("text=Choose a setting");
  await other.page.selectOption("#setting", "policy.measuring");
  await other.page.selectOption("#setting-value", "always");
  await other.page.click("text=Continue");
  await other.page.waitForSelector("text=you can approve it, but not ask for it");
  expect(await other.page.$(".ask-change >> text=Send")).toBeNull();
});

it("is told why another value cannot be", async () => {
  await using opened = await openAs("it-admin");
  const { page } = opened;
  await page.click("text=Choose a setting");
  await page.selectOption("#setting", "retention.raw");
  await page.fill("#setting-value", "14");
  await page.click("text=Continue");
  expect(await textOf(page, "[role=alert]")).toBe("It is so already.");
});
