/** The pages in a real browser, on recorded answers: what they show, how they hold up, what they must never show. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ranges } from "#dashboard/chart/ranges.ts";
import { seriousFindings } from "./accessibility.ts";
import { focusedText, MOMENT, openBrowser, openPage, textOf } from "./browser.ts";
import { openStandIn, type StandIn } from "./stand-in.ts";

let browser: Browser;
let server: StandIn;
beforeAll(async () => {
  [browser, server] = await Promise.all([openBrowser(), openStandIn()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const pages = [
  "/",
  "/rooms/K1",
  "/rooms/K6",
  "/leakage",
  "/pairs/K1/G1",
  "/devices",
  "/report",
  "/who-looked",
  "/changes",
  "/nowhere",
] as const;
const looks = [
  { locale: "da-DK", colorScheme: "light", width: 1280 },
  { locale: "en-GB", colorScheme: "dark", width: 1280 },
  { locale: "da-DK", colorScheme: "dark", width: 360 },
  { locale: "en-GB", colorScheme: "light", width: 320 },
] as const;

/** A page is ready when its data has come and its chart, where it has one, is drawn. */
async function ready(page: Page, path: string): Promise<void> {
  if (path === "/") await page.waitForSelector("[data-room=K1]");
  if (path === "/devices") await page.waitForSelector("[data-device=k1]");
  if (path === "/report") await page.waitForSelector(".figures-brief");
  if (path === "/who-looked") await page.waitForSelector(".proof");
  if (path === "/rooms/K1") await page.waitForSelector(".chart canvas");
  if (path === "/leakage") await page.waitForSelector(".leaks");
  if (path === "/pairs/K1/G1") await page.waitForSelector(".past h3");
  if (path === "/changes") await page.waitForSelector("[data-change]");
  if (path === "/rooms/K6") await page.waitForSelector(".why");
}

describe.each(looks)("in $locale, $colorScheme, $width px wide", (look) => {
  it.each(pages)("%s has no serious finding, no complaint, and nothing wider than the screen", async (path) => {
    await using opened = await openPage(browser, server.url + path, look);
    const { page, complaints } = opened;
    await ready(page, path);
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width);
    expect(await page.getAttribute("html", "lang")).toBe(look.locale.slice(0, 2));
    expect(complaints).toEqual([]);
  });
});

describe("the start page", () => {
  it("names the free rooms first and every room with its state and reason", async () => {
    await using opened = await openPage(browser, server.url);
    const { page } = opened;
    await ready(page, "/");
    expect(await textOf(page, ".free")).toBe("Ledige samtalerum: S2, S4Ukendt: S3");
    const cards = await page.$$eval("[data-room]", (items) =>
      Object.fromEntries(
        items.map((item) => [item.getAttribute("data-room"), item.querySelector(".sign")?.textContent]),
      ),
    );
    expect(cards).toEqual({
      K1: "Mulig overhøring",
      K2: "Stille",
      K3: "Samtale i gang",
      K4: "Ukendt",
      K5: "Stille",
      K6: "Vises ikke",
      S1: "I brug",
      S2: "Ledigt",
      S3: "Ukendt",
      S4: "Ledigt",
      S5: "I brug",
      V1: "Samtale i gang",
      G1: "Stille",
    });
    expect(await textOf(page, "[data-room=K4]")).toContain("Mikrofonen er slukket");
    const privacies = await page.$$eval("[data-room]:has([data-privacy])", (items) =>
      Object.fromEntries(
        items.map((item) => [
          item.getAttribute("data-room"),
          (item.querySelector("[data-privacy]") as HTMLElement).innerText.replaceAll(/\s+/g, " ").trim(),
        ]),
      ),
    );
    expect(privacies).toEqual({
      K1: "Kan høres af andre i rummet Kan høres i Gang: enkelte sætninger kan forstås",
      K2: "Ukendt fortrolighed: ingen taler nu; en almindelig samtale ville måske kunne forstås",
      K3: "Ukendt fortrolighed: målingen er for usikker til at afgøre det",
      K4: "Ukendt fortrolighed",
      K5: "Fortroligt",
      S1: "Kan høres i Gang: ord og sætninger kan følges",
      S2: "Ukendt fortrolighed: ingen taler nu; en almindelig samtale ville måske kunne forstås",
      S3: "Ukendt fortrolighed",
      S4: "Fortroligt",
      S5: "Fortroligt",
      V1: "Ukendt fortrolighed: den samme lyd høres i flere rum på én gang",
      G1: "Ukendt fortrolighed: ingen taler nu; en almindelig samtale ville måske kunne forstås",
    });
    expect(await textOf(page, "[data-room=K6]")).toMatch(/^Kontor K6\s+Vises ikke\s+Sensor: måler$/);
  });

  it("says where and since when, and what to do; waiting alerts are not shown", async () => {
    await using opened = await openPage(browser, server.url, { locale: "en-GB" });
    const { page } = opened;
    await ready(page, "/");
    const alarms = await page.$$eval(".alarm", (items) =>
      items.map((item) => [...item.querySelectorAll("h3, p")].map((part) => part.textContent)),
    );
    expect(alarms).toEqual([
      [
        "Possible overhearing: Conversation room S1 can be heard in Corridor",
        expect.stringMatching(
          new RegExp(`^Conversation that can be heard in another room since ${MOMENT} \\(\\d+ mins\\)$`),
        ),
        "At most: words and sentences can be followed",
        "Move the conversation to S2 or S4.",
        "Serious",
      ],
      [
        "Possible overhearing in Office K1",
        expect.stringMatching(new RegExp(`^Conversation in a shared office since ${MOMENT} \\(\\d+ mins\\)$`)),
        "Move the conversation to S2 or S4.",
        "Warning",
      ],
      [
        "Conversation room S2 can be heard better in Corridor than before",
        expect.stringMatching(new RegExp(`^Boundary less tight since ${MOMENT} \\(2 hrs.*\\)$`)),
        "6.3 dB less sound is kept in than in the last 30 days.",
        "Look for a door left open, or a gap.",
        "For information",
      ],
    ]);
    expect(await page.$$eval(".alarm h3 a", (links) => links.map((link) => link.getAttribute("href")))).toEqual([
      "/pairs/S1/G1",
      "/rooms/K1",
      "/pairs/S2/G1",
    ]);
  });

  it("lists alerts that ended, and none that never fired", async () => {
    await using opened = await openPage(browser, server.url);
    await ready(opened.page, "/");
    const rooms = await opened.page.$$eval(".recent tbody th", (cells) => cells.map((cell) => cell.textContent));
    expect(rooms).toEqual(["Kontor K2", "Kontor K2 → Gang", "Kontor K5", "Kontor K4"]);
  });

  it("shows local times of the site, not of the browser", async () => {
    await using opened = await openPage(browser, server.url);
    await ready(opened.page, "/");
    const since = server.now.rooms.find(({ id }) => id === "K5")!.since!;
    const there = new Intl.DateTimeFormat("da-DK", {
      hour: "2-digit",
      minute: "2-digit",
      timeZone: "Europe/Copenhagen",
    });
    expect(await textOf(opened.page, "[data-room=K5]")).toContain(there.format(Date.parse(since)));
  });
});

/** Length of the period that is asked for, ms. */
function spanOf(url: string): number {
  const { searchParams } = new URL(url);
  return Date.parse(searchParams.get("to")!) - Date.parse(searchParams.get("from")!);
}

describe("the room page", () => {
  it("shows why a private office has no history, and asks for none", async () => {
    await using opened = await openPage(browser, `${server.url}/rooms/K6`);
    const asked: string[] = [];
    opened.page.on("request", (request) => void asked.push(new URL(request.url()).pathname));
    await opened.page.reload();
    await ready(opened.page, "/rooms/K6");
    await opened.page.waitForLoadState("load");
    expect(await textOf(opened.page, ".why h2")).toBe("Hvorfor vises der ingen målinger?");
    expect(asked.filter((path) => path.includes("history"))).toEqual([]);
  });

  it("picks the resolution from the range", async () => {
    await using opened = await openPage(browser, `${server.url}/rooms/K1`);
    const { page } = opened;
    await ready(page, "/rooms/K1");
    const asked: Record<string, string | null> = {};
    for (const range of ["1h", "24h", "7d", "28d"] as const) {
      // With each full minute the range before is asked for once more.
      const request = page.waitForRequest(
        (one) => one.url().includes("/history/") && spanOf(one.url()) === ranges[range].ms,
      );
      await page.check(`input[value="${range}"]`);
      asked[range] = new URL((await request).url()).searchParams.get("resolution");
    }
    expect(asked).toEqual({ "1h": "raw", "24h": "1m", "7d": "1h", "28d": "1h" });
  });

  it("draws a gap as a gap: no curve crosses it on the canvas", async () => {
    await using opened = await openPage(browser, `${server.url}/rooms/K1`);
    const { page } = opened;
    await ready(page, "/rooms/K1");
    const hues = (share: number) =>
      page.evaluate((at) => {
        const canvas = document.querySelector<HTMLCanvasElement>(".chart canvas")!;
        const scale = canvas.width / canvas.clientWidth;
        const [left, right, top, bottom] = [42, 16, 40, 240].map((px) => px * scale) as [
          number,
          number,
          number,
          number,
        ];
        const x = left + at * (canvas.width - left - right);
        const { data } = canvas.getContext("2d")!.getImageData(x, top, 1, bottom - top);
        // The curve of LAeq is the only saturated blue of the upper grid.
        let blue = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i + 2]! - data[i]! > 120 && data[i + 3]! > 200) blue++;
        return blue;
      }, share);
    // The canvas is there before anything is drawn on it.
    await expect.poll(() => hues(0.4)).toBeGreaterThan(0);
    await expect.poll(() => hues(0.9)).toBeGreaterThan(0);
    expect([await hues(0.57), await hues(0.6), await hues(0.63)]).toEqual([0, 0, 0]);
  });

  it("has the same figures as a table, gaps in words", async () => {
    await using opened = await openPage(browser, `${server.url}/rooms/K1`, { locale: "en-GB" });
    const { page } = opened;
    await ready(page, "/rooms/K1");
    await page.click("summary");
    await page.waitForSelector(".figures");
    expect(await seriousFindings(page)).toEqual([]);
    const rows = () =>
      page.$$eval(".figures tbody tr", (items) =>
        items.map((row) => [...row.children].map((cell) => cell.textContent)),
      );
    expect((await rows()).length).toBe(60);
    for (let i = 0; i < 3; i++) await page.click("text=Older");
    const gap = (await rows()).find((row) => row[1] === "no measurement");
    expect(gap?.slice(1)).toEqual(["no measurement", "no measurement", "no measurement", "no measurement", "0%"]);
  });
});

describe("the other pages", () => {
  it("tell of a sensor's troubles in words", async () => {
    await using opened = await openPage(browser, `${server.url}/devices`, { locale: "en-GB" });
    await ready(opened.page, "/devices");
    expect(await textOf(opened.page, ".facts")).toBe("11 of 13 measuring · 3 with remarks");
    expect(await textOf(opened.page, "[data-device=s5]")).toMatch(/has lost measurements[\s\S]*clock is wrong/);
    expect(await textOf(opened.page, "[data-device=s3]")).toContain("Offline");
  });

  it("lead to the report and its figures for the chosen days", async () => {
    await using opened = await openPage(browser, `${server.url}/report`);
    const { page } = opened;
    await ready(page, "/report");
    await page.fill("#from", "2026-10-05");
    await page.fill("#to", "2026-10-11");
    expect(await page.getAttribute("text=Åbn rapporten", "href")).toBe(
      "/api/v1/report?from=2026-10-05&to=2026-10-11&format=html&language=da",
    );
    const download = page.waitForEvent("download");
    await page.click("text=Hent som CSV");
    expect((await download).url()).toContain("from=2026-10-05&to=2026-10-11&format=csv");
    await page.fill("#to", "2026-10-01");
    expect(await textOf(page, "[role=alert]")).toBe("Den første dag skal ligge før eller på den sidste.");
    expect(await page.$("text=Åbn rapporten")).toBeNull();
  });
});

it("changes language and theme at once and remembers both", async () => {
  await using opened = await openPage(browser, server.url);
  const { page } = opened;
  await ready(page, "/");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.click("text=English");
  await page.selectOption(".settings select", "dark");
  expect(await textOf(page, "h1")).toBe("Rooms");
  await expect.poll(() => page.title()).toBe("Rooms – Fortrolig");
  expect(await ground()).not.toBe(light);
  await page.reload();
  await ready(page, "/");
  expect([await textOf(page, "h1"), (await ground()) === light]).toEqual(["Rooms", false]);
});

it("leads a reader with only a keyboard from the skip link to a room and back", async () => {
  await using opened = await openPage(browser, server.url);
  const { page } = opened;
  await ready(page, "/");
  const focused = () => focusedText(page);
  const tabTo = async (words: string) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press("Tab");
      if ((await focused()) === words) return;
    }
    throw new Error(`Tab never reached "${words}"`);
  };
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("Gå til indholdet");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("main");
  await tabTo("Kontor K2");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=Lydniveau og samtaler");
  await expect.poll(focused).toBe("Kontor K2");
  expect(new URL(page.url()).pathname).toBe("/rooms/K2");
  await page.waitForSelector(".chart canvas");
  await page.focus('input[value="8h"]');
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector('input[value="24h"]:checked');
  await page.focus("summary");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".figures");
  await page.goBack();
  await page.waitForSelector("[data-room=K2]");
  await expect.poll(focused).toBe("Rum");
});
