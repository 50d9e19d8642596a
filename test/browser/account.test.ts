/** One's own account, on recorded answers that come when a test says so. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { openBrowser, openPage, textOf } from "./browser.ts";
import { openStandIn } from "./stand-in.ts";

/** With a form begun, and a change of password that is answered when the test says so. */
async function openAccount() {
  await using opening = new AsyncDisposableStack();
  const browser = opening.use(await openBrowser());
  const server = opening.use(await openStandIn());
  const { page } = opening.use(await openPage(browser, `${server.url}/account`, { locale: "en-GB" }));
  await page.fill("#token-label", "Grafana");
  await server.opened();
  const { promise, resolve: answer } = Promise.withResolvers<void>();
  server.now.replaced = promise;
  const held = opening.move();
  return { page, answer, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

async function changePassword(page: Page): Promise<void> {
  await page.fill("#current", "as it was before");
  await page.fill("#new", "as it is from now on");
  await page.click("text=Change password");
}

/** An answer that takes who asks for nobody. */
const notKnown = (page: Page) =>
  page.waitForResponse((response) => response.url().endsWith("/me") && response.status() === 401);

const shown = async (page: Page) => [await textOf(page, "h1"), await page.inputValue("#token-label")];

it("a page stays what it is while a changed password replaces its session, however late the answer", async () => {
  await using account = await openAccount();
  const { page } = account;
  const before = notKnown(page);
  await changePassword(page);
  await before;
  account.answer();
  await page.waitForSelector("text=The password has been changed.");
  expect(await shown(page)).toEqual(["Your account", "Grafana"]);
});

it("is not thrown out by an answer to the session of before that comes when the new one has begun", async () => {
  await using account = await openAccount();
  const { page } = account;
  const [asked, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await page.route("**/api/v1/me", async (route) => {
    const response = await route.fetch();
    asked.resolve();
    await late.promise;
    await route.fulfill({ response });
  });
  await changePassword(page);
  await asked.promise;
  account.answer();
  await page.waitForSelector("text=The password has been changed.");
  const after = notKnown(page);
  late.resolve();
  await (await after).finished();
  // What the page makes of it, it has made of it when another answer has come.
  await page.evaluate(() => fetch("/api/v1/site").then((response) => response.json()));
  expect(await shown(page)).toEqual(["Your account", "Grafana"]);
});
