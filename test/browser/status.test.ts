/** The banner that says how the gateway itself is: on every page, in both languages, also when nothing else can be had. */
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBuilt } from "#dashboard/build.ts";
import { readConfig } from "#gateway/config.ts";
import type { StatusView } from "#protocol/api.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { get, metric, runGateway } from "#test/journeys/running-gateway.ts";
import { connectSpeaker, quietLevel } from "#test/journeys/speaker.ts";
import { startInfluxd } from "#test/services/influxd.ts";
import { seriousFindings } from "./accessibility.ts";
import { MOMENT, openBrowser, openPage, textOf } from "./browser.ts";
import { iso } from "./recorded-site.ts";
import { signedIn } from "./sign-in.ts";
import { openStandIn } from "./stand-in.ts";

const MINUTE = 60_000;
const TEN_SECONDS = 10_000;

let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  browser = await openBrowser();
});
afterAll(() => browser?.close());

const well: StatusView = {
  history: { state: "flowing", reason: null, behind: 12, oldest: null },
  journal: { state: "ok", reason: null },
};
const held = (behind: number): StatusView => ({
  ...well,
  history: { state: "held", reason: "sign-in", behind, oldest: iso(Date.now() - 37.5 * MINUTE) },
});
const full: StatusView = { ...held(12_840), journal: { state: "failing", reason: "full" } };
const BANNER = "[data-trouble]";

describe("the gateway's banner", () => {
  it("comes with the trouble, says what is kept, and goes with it; figures that change are not read out", async () => {
    await using server = await openStandIn();
    await using opened = await openPage(browser, server.url, { locale: "en-GB" });
    const { page } = opened;
    await page.waitForSelector("[data-room=K2]");
    await server.opened();
    expect(await page.$(BANNER)).toBeNull();
    const heading = page.locator("strong[role=status]");
    expect(await heading.textContent()).toBe("");

    server.tell("status", held(12_840));
    await page.waitForSelector('[data-trouble="held"]');
    expect((await textOf(page, BANNER)).split("\n").filter(Boolean)).toEqual([
      "The database must be looked at",
      "It refuses the gateway's access. This does not pass by itself: tell IT.",
      "Nothing is lost: 12,840 readings are kept on the gateway and will move over. History and reports lack the latest until then.",
      expect.stringMatching(new RegExp(`^The oldest is from ${MOMENT} \\(37 mins ago\\)\\.$`)),
    ]);
    expect(await heading.textContent()).toBe("The database must be looked at");
    const readOut = await page.evaluateHandle(() => {
      const changes: MutationRecord[] = [];
      const region = document.querySelector("strong[role=status]")!;
      new MutationObserver((records) => changes.push(...records)).observe(region, {
        subtree: true,
        childList: true,
        characterData: true,
      });
      return changes;
    });
    server.tell("status", held(1));
    await page.waitForSelector(`${BANNER} >> text=1 reading is kept`);
    expect(await readOut.evaluate((changes) => changes.length)).toBe(0);

    server.tell("status", well);
    await page.waitForSelector(BANNER, { state: "detached" });
  });

  it.each([
    ["/", "da-DK", "light", 1280],
    ["/report", "en-GB", "dark", 320],
  ] as const)(
    "on %s in %s, %s, %i px wide: no serious finding, nothing wider than the screen",
    async (path, locale, colorScheme, width) => {
      await using server = await openStandIn();
      server.now.status = full;
      await using opened = await openPage(browser, server.url + path, { locale, colorScheme, width });
      await opened.page.waitForSelector('[data-trouble="failing"]');
      expect(await textOf(opened.page, BANNER)).toContain(
        locale === "da-DK" ? "Gatewayens disk er fuld." : "The gateway's disk is full.",
      );
      expect(await seriousFindings(opened.page)).toEqual([]);
      expect(await opened.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      expect(opened.complaints).toEqual([]);
    },
  );

  it("a gateway that can keep nothing answers no stream, and still says why", async () => {
    await using server = await openStandIn();
    server.refuseStreams(true);
    server.now.status = full;
    await using opened = await openPage(browser, server.url);
    await opened.page.waitForSelector('[data-trouble="failing"]');
    expect((await textOf(opened.page, BANNER)).split("\n").filter(Boolean)).toEqual([
      "Målinger kan ikke gemmes",
      "Gatewayens disk er fuld. Det går ikke over af sig selv: Sig det til IT med det samme.",
      "Sensorerne får ikke svar, så de beholder deres målinger og sender dem igen, til de er gemt. Det, siden viser, er måske ikke det nyeste.",
    ]);
  });
});

it("a real database goes and comes back: banner, API, readiness and figures say so, and every reading is there", async () => {
  await using folder = await temporaryFolder();
  await using influxd = await startInfluxd();
  const history = `influxdb://127.0.0.1:${influxd.port}/fortrolig`;
  await using gateway = await runGateway({ data: join(folder.path, "data"), history });
  await using k1 = await connectSpeaker(gateway.broker, "k1", "0000001a");
  const from = Math.floor(Date.now() / TEN_SECONDS) * TEN_SECONDS - 60 * MINUTE;
  const say = (n: number) => k1.say("level", from + n * TEN_SECONDS, quietLevel);
  const status = () => get<StatusView>(gateway.url, "/api/v1/status");
  await say(0);
  await gateway.pipeline.settled();
  await using opened = await openPage(browser, `${gateway.url}/devices`, {
    before: signedIn(gateway.access, gateway.url, "team-lead", readConfig({}).site),
  });
  const { page } = opened;
  await page.waitForSelector("[data-device=k1]");
  expect([await status(), await page.$(BANNER)]).toEqual([{ ...well, history: { ...well.history, behind: 0 } }, null]);

  await influxd.stop();
  for (const n of [1, 2, 3]) await say(n);
  await page.waitForSelector('[data-trouble="waiting"]');
  await expect.poll(() => textOf(page, BANNER)).toContain("3 målinger er gemt på gatewayen");
  expect(await textOf(page, BANNER)).toContain("Den svarer ikke. Gatewayen prøver selv igen.");
  expect(await status()).toEqual({
    ...well,
    history: { state: "waiting", reason: "no-answer", behind: 3, oldest: expect.any(String) },
  });
  expect(await get(gateway.url, "/readyz")).toMatchObject({ status: "degraded", checks: { journal: { state: "ok" } } });
  expect(await metric(gateway.url, "fortrolig_history_state")).toEqual({ flowing: 0, waiting: 1, held: 0 });
  expect((await metric(gateway.url, "fortrolig_history_oldest_unconfirmed_seconds"))[""]).toBeGreaterThan(0);
  expect(await metric(gateway.url, "fortrolig_quarantine_messages")).toEqual({ "": 0 });
  expect(await metric(gateway.url, "fortrolig_journal_failing")).toEqual({ "": 0 });

  await influxd.start();
  await page.waitForSelector(BANNER, { state: "detached", timeout: 40_000 });
  await gateway.pipeline.settled();
  const answer = await influxd.query(`SELECT count(laeq) FROM "raw"."level"`, "fortrolig");
  expect(answer).toMatchObject({ results: [{ series: [{ values: [[0, 4]] }] }] });
  expect(await metric(gateway.url, "fortrolig_history_state")).toEqual({ flowing: 1, waiting: 0, held: 0 });
  expect(await metric(gateway.url, "fortrolig_history_oldest_unconfirmed_seconds")).toEqual({ "": 0 });
  expect(opened.complaints).toEqual([]);
});
