/** The pages of somebody who is told of rooms in groups: why something is not told stands there, never a zero or a gap. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutTalk } from "#gateway/access/sight.ts";
import { seriousFindings } from "./accessibility.ts";
import { openBrowser, openPage, textOf } from "./browser.ts";
import { openStandIn, type StandIn } from "./stand-in.ts";

let browser: Browser;
let server: StandIn;
beforeAll(async () => {
  [browser, server] = await Promise.all([openBrowser(), openStandIn()]);
  server.now.grouped = true;
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** A page, what it is ready with, and the range that is chosen first. */
const pages = {
  "/rooms/K1": ".chart canvas",
  "/rooms/K3": "[data-suppressed=in-group]",
  "/rooms/S1": "[data-suppressed=conversation-room]",
  "/pairs/K3/G1": ".past h3",
  "/report": "[data-room=K3]",
} as const;
type Path = keyof typeof pages;

async function ready(page: Page, path: Path): Promise<void> {
  if (path.startsWith("/rooms") || path.startsWith("/pairs")) await page.check('input[value="28d"]');
  await page.waitForSelector(pages[path]);
  if (path.startsWith("/rooms")) await page.waitForSelector("#daily-title");
}

describe.each([
  { locale: "da-DK", colorScheme: "light", width: 1280 },
  { locale: "en-GB", colorScheme: "dark", width: 360 },
] as const)("in $locale, $colorScheme, $width px wide", (look) => {
  it.each(Object.keys(pages) as Path[])("%s has no serious finding, no complaint, and fits", async (path) => {
    await using opened = await openPage(browser, server.url + path, look);
    const { page, complaints } = opened;
    await ready(page, path);
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width);
    expect(complaints).toEqual([]);
  });
});

const rowsOf = (page: Page, selector: string) =>
  page.$$eval(`${selector} tbody tr`, (rows) =>
    rows.map((row) => [...row.children].map((cell) => cell.textContent?.trim() ?? "")),
  );

describe("what is told in groups", () => {
  it("a small office: no levels, and the days of its group", async () => {
    await using opened = await openPage(browser, `${server.url}/rooms/K3`, { locale: "en-GB" });
    await ready(opened.page, "/rooms/K3");
    expect(await opened.page.$(".chart")).toBeNull();
    expect(await textOf(opened.page, "[data-suppressed=in-group]")).toMatch(/^Only told together with other rooms/);
    expect(await textOf(opened.page, "#daily-title")).toBe("Day by day in Office K3, Office K4 and Office K5 together");
    const days = await rowsOf(opened.page, "section[aria-labelledby=daily-title]");
    expect(days.length).toBeGreaterThan(26);
    expect(days.filter(([, count, minutes]) => !/^(<5|\d+)$/.test(count!) || !/^(<5|\d*[05])$/.test(minutes!))).toEqual(
      [],
    );
  });

  it("a conversation room: its use by weekday and hour in quarters, and the days of all of them", async () => {
    await using opened = await openPage(browser, `${server.url}/rooms/S1`, { locale: "en-GB" });
    await ready(opened.page, "/rooms/S1");
    expect(await textOf(opened.page, "#profile-title")).toMatch(/^How much Conversation room S1 is used/);
    const shares = (await rowsOf(opened.page, "section[aria-labelledby=profile-title]")).flatMap(
      ([, ...cells]) => cells,
    );
    expect(new Set(shares).isSubsetOf(new Set(["<25 %", "25–50 %", "50–75 %", "75–100 %"]))).toBe(true);
    expect(new Set(shares).size).toBeGreaterThan(1);
  });

  it("the report: rooms with their reasons, groups with their figures", async () => {
    await using opened = await openPage(browser, `${server.url}/report`, { locale: "en-GB" });
    await ready(opened.page, "/report");
    const rows = await rowsOf(opened.page, ".reported-rooms");
    const row = (name: string) => rows.find(([first]) => first === name);
    expect(row("Office K3")).toEqual([
      "Office K3",
      "Only told together with other rooms, so that it cannot be told apart from them.",
    ]);
    expect(row("Office K6")).toEqual(["Office K6", "One person works here: nothing of this is kept."]);
    expect(row("Together: Office K3, Office K4, Office K5")?.slice(1)).toEqual([
      expect.stringMatching(/^\d+(–\d+)?$/),
      expect.stringMatching(/^[\d,]+(–[\d,]+)?$/),
      expect.stringMatching(/^<\d+$/),
    ]);
  });
});

describe("in a strict house", () => {
  let strict: StandIn;
  beforeAll(async () => {
    strict = await openStandIn();
    strict.now.grouped = true;
    strict.now.strict = true;
    const isOffice = (room: string | null) => room?.startsWith("K") === true;
    strict.now.rooms = strict.now.rooms.filter(({ id }) => !isOffice(id) || id === "K6");
    strict.now.alerts = [];
    strict.now.pairs = strict.now.pairs.map((pair) =>
      isOffice(pair.from) || isOffice(pair.to) ? withoutTalk(pair) : pair,
    );
  });
  afterAll(async () => strict?.[Symbol.asyncDispose]());

  it.each([
    [
      { locale: "da-DK", width: 1280 },
      [
        "Ingen advarsler lige nu om de rum, der vises her. De om kontorer gøres kun op for dagen.",
        "Kontorer vises ikke enkeltvis for nogen: Samtaler og advarsler i dem gøres op for flere rum samlet, når dagen er gået. Se tallene i rapporten.",
      ],
    ],
    [
      { locale: "en-GB", width: 360 },
      [
        "No alerts right now about the rooms shown here. Those about offices are only counted by the day.",
        "Nobody is shown offices one by one: conversations and alerts in them are counted for several rooms together, once the day is over. See the figures in the report.",
      ],
    ],
  ] as const)(
    "says why offices are not shown one by one, and where their figures are (%o)",
    async (look, [none, why]) => {
      await using opened = await openPage(browser, strict.url, look);
      const { page, complaints } = opened;
      await page.waitForSelector("[data-room=S1]");
      expect(await textOf(page, ".alarms p")).toBe(none);
      expect(await textOf(page, "section[aria-labelledby=offices] p")).toBe(why);
      expect(await page.getAttribute("section[aria-labelledby=offices] a", "href")).toBe("/report");
      expect(await page.$$eval("[data-room]", (cards) => cards.map((card) => card.getAttribute("data-room")))).toEqual([
        ...["S1", "S2", "S3", "S4", "S5"],
        ...["G1", "V1", "K6"],
      ]);
      expect(await seriousFindings(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width);
      await page.click(".past-of-rooms a[href='/rooms/K1']");
      await page.waitForSelector("#history-title");
      expect(await page.locator(".now").count()).toBe(0);
      expect(await textOf(page, "main")).toContain(why);
      expect(complaints).toEqual([]);
    },
  );
});
