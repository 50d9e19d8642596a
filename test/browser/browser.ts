/** Debian's Chromium and its pages, as a test sets them up. */
import { type Browser, chromium, type Page } from "playwright-core";
import { da } from "#dashboard/texts/da.ts";
import { en } from "#dashboard/texts/en.ts";
import { chromiumLaunch } from "#test/services/chromium.ts";

export const openBrowser = (): Promise<Browser> => chromium.launch(chromiumLaunch());

export interface Look {
  readonly locale?: "da-DK" | "en-GB";
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
  /** Runs before the page goes to its address. */
  readonly before?: (page: Page) => unknown;
}

export interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** What the page complained about, and every request that did not go to its own server. */
  readonly complaints: readonly string[];
}

/** A page in its own context; goes to `url` and waits until the page knows who looks, and the names of house and rooms. */
export async function openPage(browser: Browser, url: string, look: Look = {}): Promise<Opened> {
  const { locale = "da-DK", colorScheme = "light", width = 1280, before } = look;
  const context = await browser.newContext({
    locale,
    colorScheme,
    timezoneId: "America/New_York",
    viewport: { width, height: 900 },
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
  await before?.(page);
  await page.goto(url);
  // While it asks there is a heading, and no menu yet; and before it knows the house's name it says what it is for.
  await page.waitForSelector(".mainmenu", { state: "attached" });
  await page.waitForFunction(
    (taglines) => !taglines.includes(document.querySelector(".top-site")?.textContent ?? ""),
    [da.tagline, en.tagline],
  );
  await page.waitForSelector("main h1");
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** A time as pages say it, in English: with the day where that is not today, as shortly after midnight. */
export const MOMENT = String.raw`(?:\w+ \d+ \w+ )?\d\d:\d\d`;

/** What a reader sees of an element, line by line as laid out. */
export const textOf = (page: Page, selector: string): Promise<string> => page.innerText(selector);

/** The words of what has the focus. */
export const focusedText = (page: Page): Promise<string> =>
  page.evaluate(() => document.activeElement?.textContent ?? "");

/** Watches for words to come onto the page; the answer gives when they did, ms, by the clock this machine's processes share. */
export async function shownAt(page: Page, words: string): Promise<() => Promise<number>> {
  await page.evaluate((awaited) => {
    const noted = window as unknown as { shownAt: number | undefined };
    noted.shownAt = undefined;
    new MutationObserver(() => {
      if (document.body.textContent?.includes(awaited)) noted.shownAt ??= Date.now();
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, words);
  return async () => {
    const seen = await page.waitForFunction(() => (window as unknown as { shownAt: number | undefined }).shownAt);
    return (await seen.jsonValue()) as number;
  };
}
