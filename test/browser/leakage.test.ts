/** Sound leakage in a real browser: the matrix and its keys, a pair's page, what changes live, two periods held together. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { seriousFindings } from "./accessibility.ts";
import { openBrowser, openPage, textOf } from "./browser.ts";
import { meOf, openStandIn, type StandIn } from "./stand-in.ts";

let browser: Browser;
let server: StandIn;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  server = await openStandIn();
});
afterEach(() => server[Symbol.asyncDispose]());

const cell = (pair: string) => `.matrix [data-pair="${pair}"]`;
const pairOf = (from: string, to: string) => server.now.pairs.find((pair) => pair.from === from && pair.to === to)!;
/** What a reader sees of each item, without breaks. */
const textsOf = (page: Page, selector: string) =>
  page.$$eval(selector, (items) => items.map((item) => (item as HTMLElement).innerText.replaceAll(/\s+/g, " ").trim()));

describe("the matrix", () => {
  it("says of each pair its class, the figure with its margin or as a bound, its age, and whether it is heard now", async () => {
    await using opened = await openPage(browser, `${server.url}/leakage`);
    const { page } = opened;
    await page.waitForSelector(".matrix");
    const shown = async (pair: string) => (await textsOf(page, cell(pair)))[0];
    expect(await shown("K1→G1")).toMatch(
      /^Fra Kontor K1 til Gang: Høres nu ?: enkelte sætninger kan forstås Utæt SPC \d\d ± \d for .+ siden$/,
    );
    expect(await shown("K5→G1")).toMatch(/^Fra Kontor K5 til Gang: Standard SPC ≥ \d\d for .+ siden$/);
    expect(await shown("K3→G1")).toBe("Fra Kontor K3 til Gang: Ukendt ikke målt endnu");
    expect(await shown("K4→G1")).toMatch(/: Ukendt nu ?: Mikrofonen er slukket Utæt SPC/);
    // Of a private office only what the building does.
    expect(await shown("K6→K5")).toMatch(/^Fra Kontor K6 til Kontor K5: Utæt SPC \d\d ± \d/);
    const [cells, empty, adjoining] = await page.$eval(".matrix tbody", (body) => [
      body.querySelectorAll("td").length,
      [...body.querySelectorAll("td")].filter((one) => one.textContent === "").length,
      body.querySelectorAll("td a").length,
    ]);
    expect([cells, empty, adjoining]).toEqual([13 * 13, 13 * 13 - 38, 38]);
  });

  it("is a table with headers for who talks and who hears", async () => {
    await using opened = await openPage(browser, `${server.url}/leakage`, { locale: "en-GB" });
    const { page } = opened;
    await page.waitForSelector(".matrix");
    expect(await page.$$eval('.matrix th[scope="col"]', (all) => all.length)).toBe(13);
    expect(await page.$$eval('.matrix th[scope="row"]', (all) => all.length)).toBe(13);
    expect(await page.textContent(".matrix caption")).toContain("Rows: the room where somebody talks.");
    expect(await textOf(page, ".leak-legend")).toMatch(
      /Unknown\s+Not measured enough\. Unknown is not the same as private\./,
    );
  });

  it("is as large for those who see no room live", async () => {
    server.now.me = meOf(["dpo"]);
    server.now.rooms = [];
    await using opened = await openPage(browser, `${server.url}/leakage`, { locale: "en-GB" });
    const { page } = opened;
    await page.waitForSelector(".matrix");
    expect(await page.$$eval('.matrix th[scope="row"]', (all) => all.length)).toBe(13);
    expect((await textsOf(page, cell("K5→G1")))[0]).toMatch(/^From Office K5 to Corridor: /);
  });

  it("is walked with the arrow keys, past rooms that do not adjoin, and opened with Enter", async () => {
    await using opened = await openPage(browser, `${server.url}/leakage`);
    const { page } = opened;
    await page.waitForSelector(".matrix");
    const here = () =>
      page.evaluate(() => document.activeElement?.closest<HTMLElement>("[data-pair]")?.dataset.pair ?? null);
    const walk = async (...keys: string[]) => {
      const seen: (string | null)[] = [];
      for (const key of keys) {
        await page.keyboard.press(key);
        seen.push(await here());
      }
      return seen;
    };
    await page.focus(`${cell("K1→G1")} a`);
    expect(await walk("ArrowRight", "ArrowRight", "ArrowUp", "ArrowDown", "ArrowDown", "ArrowDown")).toEqual([
      "K1→K2",
      "K1→K2",
      "G1→K2",
      "K1→K2",
      "K3→K2",
      "K3→K2",
    ]);
    expect(await walk("ArrowLeft", "Tab", "Shift+Tab")).toEqual(["K3→G1", "K3→K2", "K3→G1"]);
    await page.keyboard.press("Enter");
    await page.waitForSelector(".headline");
    await expect
      .poll(() => page.evaluate(() => [document.activeElement?.textContent, location.pathname]))
      .toEqual(["Fra Kontor K3 til Gang", "/pairs/K3/G1"]);
    await page.goBack();
    await page.waitForSelector(".matrix");
  });

  it("is a list for each room on a narrow screen, with the same words", async () => {
    await using opened = await openPage(browser, `${server.url}/leakage`, { locale: "en-GB", width: 380 });
    const { page } = opened;
    await page.waitForSelector(".leak-room");
    expect(await page.$(".matrix")).toBeNull();
    const room = ".leak-room:has(#leak-K1)";
    expect(await textOf(page, `${room} h3`)).toBe("What is said in Office K1 is heard in");
    expect(await textsOf(page, `${room} li`)).toEqual([
      expect.stringMatching(/^Corridor Heard now ?: some sentences can be understood Leaky SPC \d\d ± \d .+ ago$/),
      expect.stringMatching(/^Office K2 Leaky SPC \d\d ± \d .+ ago$/),
    ]);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.waitForSelector(".matrix");
  });

  it("follows the stream: a cell is marked while it is heard, and unmarked when it is not", async () => {
    await using opened = await openPage(browser, `${server.url}/leakage`);
    const { page } = opened;
    await page.waitForSelector(".matrix");
    await server.opened();
    const before = pairOf("K2", "G1");
    expect(await page.$(`${cell("K2→G1")} .now-overheard`)).toBeNull();
    server.tell("pair", { ...before, state: "overheard", reason: null, hearing: "clearly", link: true });
    await page.waitForSelector(`${cell("K2→G1")} .now-overheard`);
    server.tell("pair", { ...before, spc: 81.2, spcSigma: 1, spcClass: "standard-security" });
    await page.waitForSelector(`${cell("K2→G1")} .now-overheard`, { state: "detached" });
    expect((await textsOf(page, cell("K2→G1")))[0]).toMatch(/: God SPC 81 ± 2 /);
  });
});

describe("the page of a pair", () => {
  const open = async (path: string, look = {}) => {
    const opened = await openPage(browser, server.url + path, look);
    await opened.page.waitForSelector(".past h3");
    return opened;
  };

  it("says in plain words what comes through, what is heard now, and what Denmark recommends", async () => {
    await using opened = await open("/pairs/S1/G1");
    const { page } = opened;
    expect(await textOf(page, "h1")).toBe("Fra Samtalerum S1 til Gang");
    expect(await textOf(page, ".headline-text")).toMatch(/samtale i Samtalerum S1 kan (følges|opfattes) i Gang\.$/);
    expect((await textsOf(page, ".now"))[0]).toBe(
      "Mulig overhøring Der tales nu: ord og sætninger kan følges (100 % sikkert)",
    );
    expect(await textOf(page, ".pair-facts")).toContain("R'w mindst 40 dB (vejledningen til BR18)");
    expect(await textOf(page, ".alarm h3")).toBe("Mulig overhøring: Samtalerum S1 kan høres i Gang");
    await page.click("text=Den anden vej: fra Gang til Samtalerum S1");
    await page.waitForSelector("text=Fra Gang til Samtalerum S1");
    expect(new URL(page.url()).pathname).toBe("/pairs/G1/S1");
  });

  it("draws each octave as it is known, and has the same figures as a table", async () => {
    await using opened = await open("/pairs/S4/G1", { locale: "en-GB" });
    const { page } = opened;
    const { ldLimited } = pairOf("S4", "G1");
    const bounds = ldLimited!.filter(Boolean).length;
    expect(bounds).toBeGreaterThan(0);
    const drawn = (what: string) => page.$$eval(`.boundary svg .${what}`, (all) => all.length);
    expect([await drawn("drawn-value"), await drawn("drawn-bound"), await drawn("drawn-reference")]).toEqual([
      5 - bounds,
      bounds,
      1,
    ]);
    await page.click(".boundary summary");
    await page.waitForSelector(".boundary tbody");
    const rows = await textsOf(page, ".boundary tbody tr");
    expect(rows.map((row) => /at least/.test(row))).toEqual(ldLimited);
    expect(rows[0]).toMatch(/^250 Hz \d\d\.\d ± \d\.\d$/);
    await page.click("section:has(> #noise-title) summary");
    await page.waitForSelector("section:has(> #noise-title) tbody");
    expect((await textsOf(page, "section:has(> #noise-title) tbody tr"))[0]).toMatch(/^07–08( \d\d\.\d){6}$/);
    expect(await seriousFindings(page)).toEqual([]);
  });

  it("counts the minutes by what could be heard, for the period that is chosen", async () => {
    await using opened = await open("/pairs/K1/G1");
    const { page } = opened;
    expect(await textOf(page, "section:has(> #minutes-title) .facts")).toBe(
      "I 116 af 246 minutter med samtale kunne den følges helt eller delvist.",
    );
    expect((await textsOf(page, ".heard tbody tr")).at(-1)).toBe("vides ikke, om det kunne høres 41 17 %");
    // Every five minutes the period before is asked for once more.
    const request = page.waitForRequest((one) => {
      const { pathname, searchParams: asked } = new URL(one.url());
      const span = Date.parse(asked.get("to") ?? "") - Date.parse(asked.get("from") ?? "");
      return pathname === "/api/v1/pairs/K1/G1" && span === 7 * 86_400_000;
    });
    await page.check('input[value="7d"]');
    await request;
  });

  it("tells nothing of talk in a private office, only what the building does", async () => {
    await using opened = await open("/pairs/K6/K5");
    const { page } = opened;
    expect((await textsOf(page, ".now"))[0]).toMatch(/^Vises ikke Rummet bruges af én person\./);
    expect(await page.$(".heard")).toBeNull();
    expect(await page.$("#minutes-title")).toBeNull();
    expect(await page.$(".boundary svg .drawn-value")).not.toBeNull();
  });

  it("says why nothing is known, and whose sensor is the reason", async () => {
    await using opened = await open("/pairs/S3/V1");
    const { page } = opened;
    expect(await textOf(page, ".headline-text")).toBe(
      "Det vides ikke endnu, om en almindelig samtale i Samtalerum S3 kan forstås i Venteværelse.",
    );
    expect((await textsOf(page, ".now"))[0]).toBe("Ukendt Samtalerum S3: sensoren er offline");
    expect(await textOf(page, ".boundary")).toContain("Ingen samtaler er målt endnu");
  });

  it("is reached from the room that talks and from the room that hears", async () => {
    await using opened = await openPage(browser, `${server.url}/rooms/K1`);
    const { page } = opened;
    await page.waitForSelector(".room-leaks");
    const leading = (list: string) =>
      page.$$eval(`section:has(> #${list}) li a`, (links) => links.map((link) => link.getAttribute("href")));
    await expect.poll(() => leading("leaks-away")).toEqual(["/pairs/K1/G1", "/pairs/K1/K2"]);
    await expect.poll(() => leading("leaks-here")).toEqual(["/pairs/G1/K1", "/pairs/K2/K1"]);
  });

  it("says so when two rooms do not adjoin", async () => {
    await using opened = await openPage(browser, `${server.url}/pairs/K1/S5`);
    await opened.page.waitForSelector("text=grænser ikke op til hinanden");
    expect(await textOf(opened.page, "h1")).toBe("Fra Kontor K1 til Samtalerum S5");
  });
});

describe("two periods held together", () => {
  it("say of each pair whether it is better or worse, how sure that is, and what cannot be told", async () => {
    await using opened = await openPage(browser, `${server.url}/report`);
    const { page, complaints } = opened;
    await page.waitForSelector(".reported");
    expect(await page.$(".comparison")).toBeNull();
    await page.fill("#from", "2026-10-05");
    await page.fill("#to", "2026-10-11");
    await page.check(".compare input");
    expect([await page.inputValue("#compare-from"), await page.inputValue("#compare-to")]).toEqual([
      "2026-09-28",
      "2026-10-04",
    ]);
    await page.waitForSelector(".comparison");
    expect(await textOf(page, ".comparison .facts")).toContain(
      "Ændring fra 28. sep. 2026 – 4. okt. 2026 til 5. okt. 2026 – 11. okt. 2026.",
    );
    expect(await textOf(page, ".verdict-counts")).toBe("2 bedre · 1 dårligere · 2 uden forskel · 33 kan ikke afgøres");
    const rows = await textsOf(page, ".comparison tbody tr");
    expect([rows[0], rows[2], rows[5]]).toEqual([
      "Samtalerum S1 → Gang Bedre: holder mere lyd inde +7,4 +5,9 og +8,9",
      "Samtalerum S2 → Gang Dårligere: holder mindre lyd inde -6,3 -7,8 og -4,8",
      expect.stringMatching(/Kan ikke afgøres: der er målt for lidt – –$/),
    ]);
    await page.click(".comparison .show-all");
    await page.waitForSelector(".comparison .show-all", { state: "detached" });
    expect((await textsOf(page, ".comparison tbody tr")).length).toBe(38);
    expect(await page.getAttribute("text=Åbn rapporten", "href")).toBe(
      "/api/v1/report?from=2026-10-05&to=2026-10-11&compareFrom=2026-09-28&compareTo=2026-10-04&format=html&language=da",
    );
    expect(await seriousFindings(page)).toEqual([]);
    await page.fill("#compare-to", "2026-10-06");
    expect(await textOf(page, "[role=alert]")).toBe("De to perioder må ikke overlappe hinanden.");
    expect(complaints).toEqual([]);
  });
});
