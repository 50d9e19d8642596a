/** The page that says who looked: what it shows of an entry, how older ones are reached, and what it says to those it is not for. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { seriousFindings } from "./accessibility.ts";
import { MOMENT, openBrowser, openPage, textOf } from "./browser.ts";
import { meOf, openStandIn, type StandIn } from "./stand-in.ts";

let browser: Browser;
let server: StandIn;
beforeAll(async () => {
  [browser, server] = await Promise.all([openBrowser(), openStandIn()]);
});
beforeEach(() => {
  server.now.log = "told";
  server.now.me = meOf(["dpo"]);
  server.now.rooms = [];
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const open = (locale: "da-DK" | "en-GB", before?: (page: Page) => unknown) =>
  openPage(browser, `${server.url}/who-looked`, { locale, ...(before && { before }) });
/** Rows without their times, which move. */
const rows = (page: Page) =>
  page.$$eval(".looks tbody tr", (items) =>
    items.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.innerText.replaceAll(/\s*\n\s*/g, " | "))),
  );

describe("who looked", () => {
  it("is told by role and a random number, with what, which rooms and which period", async () => {
    await using opened = await open("en-GB");
    await opened.page.waitForSelector(".proof");
    await expect
      .poll(async () => (await rows(opened.page)).slice(0, 9))
      .toEqual([
        ["Team lead | p-7f3a91", "Looked at: A room's history | 1 Nov 2026 – 7 Nov 2026", "Office K1"],
        ["Team lead | p-7f3a91", "Looked at: Rooms right now", "Office K1 and Office K2"],
        ["Facilities, Employee | p-19c2d0", "Looked at: The report | 1 Oct 2026 – 31 Oct 2026", "All rooms"],
        [
          "The gateway itself",
          "Alert began: Conversation that can be heard in another room",
          "Conversation room S1 and Corridor",
        ],
        ["Without a role | not signed in", "Sign-in refused: p-7f3a91 | why: wrong password", "–"],
        ["Data protection officer | t-55e0aa", "Downloaded: The audit log", "–"],
        ["Data protection officer | p-c410b7", expect.stringMatching(/^Read the audit log \| from .*09:00$/), "–"],
        ["Staff representative | p-e0d211", "Looked at: Sound leakage over time", "Office K1 and Corridor"],
        ["Role not written down | local", "Looked at: Rooms while the page was open", "All rooms"],
      ]);
    const both = new RegExp(`^${MOMENT}–${MOMENT}\\s+2 times$`);
    expect(await textOf(opened.page, ".looks tbody th")).toMatch(both);
    expect(await textOf(opened.page, ".facts")).toBe("You see everything in the audit log.");
    expect(await textOf(opened.page, ".proof")).toMatch(
      /^Entries\s+123\s+Newest fingerprint\s+[0-9a-f]{64}\s+Last checkpoint/,
    );
    expect(await opened.page.getAttribute("text=Download the whole log", "href")).toBe("/api/v1/audit/export");
    expect(opened.complaints).toEqual([]);
  });

  it("is read once, however long the page stays open; older entries and other filters when they are asked for", async () => {
    const asked: string[] = [];
    await using opened = await open("da-DK", (page) =>
      page.on("request", (request) => {
        const { pathname, searchParams } = new URL(request.url());
        if (pathname === "/api/v1/audit") asked.push(`${searchParams.get("room") ?? ""} ${searchParams.has("to")}`);
      }),
    );
    const { page } = opened;
    await expect.poll(async () => (await rows(page)).length).toBe(10);
    expect(await textOf(page, "[role=status]:has-text('vist')")).toBe("100 indførsler vist");
    await page.click("text=Vis ældre");
    await page.waitForSelector("text=123 indførsler vist");
    expect(await page.$("text=Vis ældre")).toBeNull();
    await page.selectOption("#audit-room", "G1");
    await page.waitForSelector(".looks tr:first-child:has-text('Rapporten')");
    await page.check('input[value="24h"]');
    await page.waitForFunction(() => document.querySelectorAll(".looks tbody tr").length === 2);
    await expect
      .poll(async () => (await rows(page)).map(([who, what]) => [who, what]))
      .toEqual([
        ["Ejendomscenter, Medarbejder | p-19c2d0", "Så: Rapporten | 1. okt. 2026 – 31. okt. 2026"],
        ["Gatewayen selv", "Advarsel begyndte: Samtale, der kan høres i et andet rum"],
      ]);
    expect(asked).toEqual([" false", " true", "G1 false", "G1 false"]);
  });

  it("says so when nobody has, and to those it is not shown to", async () => {
    server.now.log = "empty";
    await using opened = await open("en-GB");
    const { page } = opened;
    await page.waitForSelector(".nothing");
    expect(await textOf(page, ".nothing")).toBe("Nobody has looked in the period.");
    await page.waitForSelector(".proof");
    server.now.log = "refused";
    await page.check('input[value="28d"]');
    await page.waitForSelector("text=This page is not shown to you");
    expect(await page.$("text=Download the whole log")).toBeNull();
    expect(await page.$(".proof")).toBeNull();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
