/** One's own account, on recorded answers that come when a test says so. */
import { expect, it } from "vitest";
import { openBrowser, openPage, textOf } from "./browser.ts";
import { openStandIn } from "./stand-in.ts";

it("a page stays what it is while a changed password replaces its session, however late the answer", async () => {
  await using browser = await openBrowser();
  await using server = await openStandIn();
  await using opened = await openPage(browser, `${server.url}/account`, { locale: "en-GB" });
  const { page } = opened;
  await page.fill("#token-label", "Grafana");
  await server.opened();
  const answer = Promise.withResolvers<void>();
  server.now.replaced = answer.promise;
  const notKnown = page.waitForResponse((response) => response.url().endsWith("/me") && response.status() === 401);
  await page.fill("#current", "as it was before");
  await page.fill("#new", "as it is from now on");
  await page.click("text=Change password");
  await notKnown;
  answer.resolve();
  await page.waitForSelector("text=The password has been changed.");
  expect([await textOf(page, "h1"), await page.inputValue("#token-label")]).toEqual(["Your account", "Grafana"]);
});

it("is not thrown out by an answer to the session of before that comes when the new one has begun", async () => {
  await using browser = await openBrowser();
  await using server = await openStandIn();
  await using opened = await openPage(browser, `${server.url}/account`, { locale: "en-GB" });
  const { page } = opened;
  await page.fill("#token-label", "Grafana");
  await server.opened();
  const [answer, asked, late] = [0, 1, 2].map(() => Promise.withResolvers<void>());
  server.now.replaced = answer!.promise;
  await page.route("**/api/v1/me", async (route) => {
    const response = await route.fetch();
    asked!.resolve();
    await late!.promise;
    await route.fulfill({ response });
  });
  await page.fill("#current", "as it was before");
  await page.fill("#new", "as it is from now on");
  await page.click("text=Change password");
  await asked!.promise;
  answer!.resolve();
  await page.waitForSelector("text=The password has been changed.");
  const notKnown = page.waitForResponse((response) => response.url().endsWith("/me") && response.status() === 401);
  late!.resolve();
  await (await notKnown).finished();
  // What the page makes of it, it has made of it when another answer has come.
  await page.evaluate(() => fetch("/api/v1/site").then((response) => response.json()));
  expect([await textOf(page, "h1"), await page.inputValue("#token-label")]).toEqual(["Your account", "Grafana"]);
});
