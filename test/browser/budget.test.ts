/** What a first view costs: script and style of the start page, as a browser asks for them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureBuilt, isStale } from "#dashboard/build.ts";
import { openBrowser, openPage } from "./browser.ts";
import { openStandIn, type StandIn } from "./stand-in.ts";

const BUDGET_BYTES = 150_000;
const FONT_BUDGET_BYTES = 60_000;
const INTERACTIVE_MS = 1000;
const LOOK_BUDGET_MS = 100;
const dist = join(import.meta.dirname, "../../dashboard/dist");

let browser: Browser;
let server: StandIn;
beforeAll(async () => {
  [browser, server] = await Promise.all([openBrowser(), openStandIn()]);
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

const gzipped = (path: string) => gzipSync(readFileSync(join(dist, path)), { level: 9 }).length;
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

/** The files of the build that a page asks for until an element is there. */
async function asked(path: string, until: string): Promise<string[]> {
  const files: string[] = [];
  const before = (page: Page) =>
    void page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/assets/")) files.push(pathname);
    });
  await using opened = await openPage(browser, server.url + path, { before });
  await opened.page.waitForSelector(until);
  return files;
}

it("the first view needs at most 150 kB of script and style, gzipped, and two small fonts", async () => {
  const files = await asked("/", "[data-room=K1]");
  const code = files.filter((file) => /\.(js|css)$/.test(file));
  expect(code.length).toBeGreaterThanOrEqual(2);
  expect(sum(code.map(gzipped))).toBeLessThanOrEqual(BUDGET_BYTES);
  expect(sum(files.filter((file) => file.endsWith(".woff2")).map(gzipped))).toBeLessThanOrEqual(FONT_BUDGET_BYTES);
});

it("the rooms are on the screen after less than a second of work", async () => {
  await using opened = await openPage(browser, server.url);
  await opened.page.waitForSelector("[data-room=K1]");
  const devtools = await opened.page.context().newCDPSession(opened.page);
  await devtools.send("Performance.enable");
  const { metrics } = await devtools.send("Performance.getMetrics");
  // Of the page's process, s. How long it takes by the clock is also up to what else the machine does.
  const worked = metrics.find(({ name }) => name === "ProcessTime")!.value;
  expect(worked).toBeGreaterThan(0);
  expect(1000 * worked).toBeLessThan(INTERACTIVE_MS);
});

it("the chart's library is asked for by the room page alone", async () => {
  const isChart = (file: string) => /\/draw-[^/]*\.js$/.test(file);
  expect((await asked("/", "[data-room=K1]")).filter(isChart)).toEqual([]);
  expect((await asked("/rooms/K1", ".chart canvas")).filter(isChart).length).toBe(1);
});

it("looking whether the build is current takes no time worth noting", async () => {
  await ensureBuilt();
  // What it takes by the clock is also up to what else the machine does.
  const before = process.cpuUsage();
  expect(isStale()).toBe(false);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(LOOK_BUDGET_MS);
});
