/** Script and style that the start page loads, gzipped, and how long until the rooms are on the screen. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { ensureBuilt } from "#dashboard/build.ts";
import { openAccess } from "#gateway/access/access.ts";
import { readConfig } from "#gateway/config.ts";
import { openBrowser, openPage } from "#test/browser/browser.ts";
import { signedIn } from "#test/browser/sign-in.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { startGatewayProcess } from "#test/journeys/running-gateway.ts";
import type { Measured, Row } from "../figure.ts";

const LOADS = 5;
const KNOWN_MS = 5000;

export const firstView: Row = {
  name: "first-view",
  title: "Dashboard, first view: script and style, gzipped (interactive within 1,000 ms: see conditions)",
  unit: "kB",
  goal: 150,
  reach: "at most",
  runs: 1,
  measure,
  beside: async () => [],
};

const dist = join(import.meta.dirname, "../../../dashboard/dist");
const gzippedBytes = (file: string): number => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

async function measure(): Promise<Measured> {
  await ensureBuilt();
  await using folder = await temporaryFolder();
  const data = join(folder.path, "data");
  await using gateway = await startGatewayProcess({ data });
  await using access = openAccess({ file: join(data, "access.db") });
  const signIn = signedIn(access, gateway.url, "team-lead", readConfig({}).site);
  const browser = await openBrowser();
  try {
    const times: number[] = [];
    let files = new Set<string>();
    for (let i = 0; i < LOADS; i++) {
      files = new Set();
      times.push(await shownMs(browser, gateway.url, files, signIn));
    }
    const code = [...files].filter((file) => /\.(js|css)$/.test(file));
    times.sort((a, b) => a - b);
    return {
      value: code.reduce((bytes, file) => bytes + gzippedBytes(file), 0) / 1000,
      lost: 0,
      details: {
        files: code.length,
        interactiveMs: `median ${Math.round(times[LOADS >> 1]!)}, greatest ${Math.round(times.at(-1)!)} of ${LOADS} first loads`,
        browser: browser.version(),
      },
    };
  } finally {
    await browser.close();
  }
}

/** From the navigation to the first room on the page; notes the files of the build that were asked for. */
async function shownMs(
  browser: Browser,
  url: string,
  files: Set<string>,
  signIn: (page: Page) => Promise<void>,
): Promise<number> {
  const before = async (page: Page) => {
    await signIn(page);
    await known(page, url);
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/assets/")) files.add(pathname);
    });
    return page.addInitScript(() => {
      const noted = window as unknown as { shownMs?: number };
      new MutationObserver(() => {
        if (document.querySelector("[data-room]")) noted.shownMs ??= performance.now();
      }).observe(document, { subtree: true, childList: true });
    });
  };
  await using opened = await openPage(browser, url, { before });
  await opened.page.waitForSelector("[data-room]");
  return await opened.page.evaluate(() => (window as unknown as { shownMs: number }).shownMs);
}

/** The gateway is another process, which takes over within a second who was let in here. */
async function known(page: Page, url: string): Promise<void> {
  for (const limit = performance.now() + KNOWN_MS; ; await sleep(50)) {
    if ((await page.context().request.get(`${url}/api/v1/me`)).ok()) return;
    if (performance.now() > limit) throw new Error(`the gateway knows nobody after ${KNOWN_MS} ms`);
  }
}
