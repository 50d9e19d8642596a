/** The stream as a reader meets it: alerts appear by themselves, silence is told, nothing old is shown as present. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { seriousFindings } from "./accessibility.ts";
import { openBrowser, openPage, shownAt, textOf } from "./browser.ts";
import { alertView } from "./recorded.ts";
import { iso } from "./recorded-site.ts";
import { openStandIn, type StandIn } from "./stand-in.ts";

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

const MINUTE = 60_000;
const ready = async (page: Page) => {
  await page.waitForSelector("[data-room=K2]");
  await server.opened();
};
const stateOf = (page: Page, room: string) => page.getAttribute(`[data-room=${room}]`, "data-state");

it("shows an alert within a second of its being raised, without a reload, and announces it politely", async () => {
  await using opened = await openPage(browser, server.url);
  const { page } = opened;
  await ready(page);
  const shown = await shownAt(page, "Mulig overhøring i Kontor K2");
  const raised = Date.now();
  const alert = alertView("K2", "firing", raised - MINUTE);
  server.tell("alert", alert);
  server.tell("room", {
    ...server.now.rooms.find(({ id }) => id === "K2")!,
    conversation: "on",
    privacy: "overheard",
    since: alert.startedAt,
  });
  await page.waitForSelector("[data-room=K2][data-state=overheard]");
  expect((await shown()) - raised).toBeLessThan(1000);
  const headings = () => page.$$eval(".alarm h3", (items) => items.map((item) => item.textContent));
  expect(await headings()).toEqual([
    "Mulig overhøring i Kontor K2",
    "Mulig overhøring: Samtalerum S1 kan høres i Gang",
    "Mulig overhøring i Kontor K1",
    "Samtalerum S2 kan høres bedre i Gang end før",
  ]);
  const live = page.locator("#announcements");
  expect(await live.getAttribute("aria-live")).toBe("polite");
  expect(await live.textContent()).toBe("Mulig overhøring i Kontor K2");

  server.tell("alert", { ...alert, state: "resolved", resolvedAt: iso(raised + MINUTE), reason: "conversation-ended" });
  await page.waitForFunction(() => document.querySelectorAll(".alarm").length === 3);
  expect(await textOf(page, ".recent tbody tr")).toContain("Kontor K2");
  expect(await live.textContent()).toBe("Slut: Mulig overhøring i Kontor K2");
});

it("names a room as free the moment it is", async () => {
  await using opened = await openPage(browser, server.url);
  await ready(opened.page);
  server.tell("room", {
    ...server.now.rooms.find(({ id }) => id === "S1")!,
    conversation: "off",
    free: true,
    since: iso(Date.now()),
  });
  await opened.page.waitForSelector("[data-room=S1][data-state=free]");
  expect(await textOf(opened.page, ".free p")).toContain("S1, S2, S4");
});

describe("when the connection is lost", () => {
  it("says so after 20 s of silence with its age, and shows nothing as quiet, free or private", async () => {
    server.now.silent = true;
    await using opened = await openPage(browser, server.url, { before: (page) => page.clock.install() });
    const { page } = opened;
    await ready(page);
    expect(await page.$(".stale")).toBeNull();
    // From now on its time goes on as the test says, and this is the last that it has heard.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + MINUTE);
    server.tell("room", { ...server.now.rooms.find(({ id }) => id === "S1")!, conversation: "off", free: true });
    await page.waitForSelector("[data-room=S1][data-state=free]");
    expect(await page.$(".stale")).toBeNull();
    await page.clock.runFor(20_000);
    expect(await page.$(".stale")).toBeNull();
    await page.clock.runFor(11_000);
    expect(await textOf(page, ".stale")).toMatch(/Der er ikke kommet nyt fra gatewayen i 31 sekunder\. Det/);
    const shown = await page.$$eval("[data-room] .sign", (signs) =>
      [...new Set(signs.map((sign) => sign.textContent))].sort(),
    );
    expect(shown).toEqual(["Ukendt", "Vises ikke"]);
    const privacies = await page.$$eval("[data-privacy]", (lines) => [
      ...new Set(lines.map((line) => line.getAttribute("data-privacy"))),
    ]);
    expect(privacies).toEqual(["unknown"]);
    expect(await textOf(page, "[data-room=K2]")).toContain("Senest kendt: stille");
    expect(await textOf(page, ".free")).toBe("Det kan ikke ses lige nu, om et samtalerum er ledigt.");
    expect(await page.locator("#announcements").textContent()).toBe("Ingen forbindelse");
    await page.clock.resume();
    expect(await seriousFindings(page)).toEqual([]);

    server.tell("heartbeat", { at: iso(Date.now()) });
    await page.waitForSelector("[data-room=K2][data-state=quiet]");
    expect(await page.$(".stale")).toBeNull();
  });

  it("says so at once after a farewell, and is itself again with the next stream, without what ended meanwhile", async () => {
    await using opened = await openPage(browser, server.url);
    const { page } = opened;
    await ready(page);
    server.refuseStreams(true);
    server.tell("bye", { reason: "shutdown" });
    server.hangUp();
    await page.waitForSelector(".stale");
    expect(await textOf(page, ".stale strong")).toBe("Gatewayen er lukket ned");
    expect(await stateOf(page, "K2")).toBe("unknown");
    const firing = server.now.alerts.findIndex(({ state, room }) => state === "firing" && room === "K1");
    server.now.alerts[firing] = {
      ...server.now.alerts[firing]!,
      state: "resolved",
      resolvedAt: iso(Date.now()),
      reason: "conversation-ended",
    };
    server.now.rooms = server.now.rooms.map((room) =>
      room.id === "K1" ? { ...room, conversation: "off", privacy: "private" } : room,
    );
    server.refuseStreams(false);
    await page.waitForSelector("[data-room=K1][data-state=quiet]");
    expect(await page.$(".stale")).toBeNull();
    const open = await page.$$eval(".alarm h3", (items) => items.map((item) => item.textContent));
    expect(open.filter((heading) => heading?.includes("K1"))).toEqual([]);
    expect(await textOf(page, ".recent tbody tr")).toContain("Kontor K1");
  });
});
