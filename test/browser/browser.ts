/** Debian's Chromium and its pages, as a test sets them up. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumLaunch } from "#test/services/chromium.ts";

export const openBrowser = (): Promise<Browser> => chromium.launch(chromiumLaunch());

export interface Look {
  readonly locale?: "da-DK" | "en-GB";
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
  readonly options?: BrowserContextOptions;
}

export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** What the page complained about, and every request that did not go to its own server. */
  readonly complaints: readonly string[];
}

/** A page in its own context; goes to `url` and waits until the page has its data. */
export async function openPage(browser: Browser, url: string, look: Look = {}): Promise<Opened> {
  const { locale = "da-DK", colorScheme = "light", width = 1280, options } = look;
  const context = await browser.newContext({
    locale,
    colorScheme,
    timezoneId: "America/New_York",
    viewport: { width, height: 900 },
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(new URL(url).origin)) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector("main h1");
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}
