/** The built dashboard on the real gateway: a device speaks over MQTT, a reader sees it; the gateway goes and comes back. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ensureBuilt } from "#dashboard/build.ts";
import { readConfig } from "#gateway/config.ts";
import { type Gateway, openGateway } from "#gateway/gateway.ts";
import type { AlertView } from "#protocol/api.ts";
import type { Readings } from "#protocol/readings.ts";
import type { Role } from "#protocol/roles.ts";
import { delivery, topicFor } from "#protocol/topics.ts";
import { seriousFindings } from "./accessibility.ts";
import { openBrowser, openPage, shownAt, textOf } from "./browser.ts";
import { signedIn } from "./sign-in.ts";

const SECOND = 1000;
const TEN_SECONDS = 10 * SECOND;

let data: string;
let gateway: Gateway;
let browser: Browser;

const open = (http: string) =>
  openGateway(
    readConfig({ FORTROLIG_DATA: data, FORTROLIG_HTTP: http, FORTROLIG_MQTT: "127.0.0.1:0", FORTROLIG_LOG: "silent" }),
  );

const as = (role: Role) => signedIn(gateway.access, gateway.url, role, readConfig({}).site);

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), "fortrolig-browser-"));
  await ensureBuilt();
  gateway = await open("127.0.0.1:0");
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.[Symbol.asyncDispose]();
  await rm(data, { recursive: true, force: true });
});

/** A device of the demo site that says what a test wants it to. */
async function connect(id: string, boot: string) {
  const client: MqttClient = await connectAsync(gateway.broker, { clientId: id });
  let seq = 0;
  const say = <C extends "state" | "level" | "status">(
    channel: C,
    t: number,
    body: Omit<Readings[C], "boot" | "seq" | "t">,
  ) =>
    client.publishAsync(
      topicFor("jobcentre", id, channel),
      JSON.stringify({ boot, seq: seq++, t, ...body }),
      delivery[channel],
    );
  await say("status", Date.now(), { status: "online" });
  return {
    say,
    state: (occupied: boolean, conversation: "on" | "off", sinceMs: number) => {
      const t = Date.now();
      const since = Math.floor((t - sinceMs) / SECOND) * SECOND;
      return say("state", t, { occupied, confidence: 0.9, conversation, hint: "unknown", since });
    },
    [Symbol.asyncDispose]: () => client.endAsync(),
  };
}

/** When the gateway raises its next alert, ms. */
const raisedAt = ({ pipeline }: Gateway) =>
  new Promise<number>((resolve) => {
    const stop = pipeline.live.subscribe(({ event, data }) => {
      if (event !== "alert" || (data as AlertView).state !== "firing") return;
      stop();
      resolve(Date.now());
    });
  });

it("shows what the devices say, as it happens, and survives the gateway's restart", async () => {
  await using opened = await openPage(browser, gateway.url, { before: as("team-lead") });
  const { page, complaints } = opened;
  await page.waitForSelector("[data-room=K1][data-state=unknown]");
  expect(await textOf(page, "[data-room=K1]")).toContain("Systemet er lige startet");

  await using s2 = await connect("s2", "0000002a");
  await s2.state(false, "off", 90 * SECOND);
  await page.waitForSelector("[data-room=S2][data-state=free]");

  await using k1 = await connect("k1", "0000001a");
  const raised = raisedAt(gateway);
  const shown = await shownAt(page, "Mulig overhøring i Kontor K1");
  await k1.state(true, "on", 70 * SECOND);
  expect((await shown()) - (await raised)).toBeLessThan(SECOND);
  expect(await page.textContent(".alarm h3")).toBe("Mulig overhøring i Kontor K1");
  expect(await page.textContent(".alarm-action")).toBe("Flyt samtalen til S2.");
  expect(await page.getAttribute("[data-room=K1]", "data-state")).toBe("overheard");
  expect(await page.textContent("#announcements")).toContain("Mulig overhøring i Kontor K1");

  const window = Math.floor(Date.now() / TEN_SECONDS - 2) * TEN_SECONDS;
  const level = { laeq: 52.5, lafmax: 63, l90: 37.5, speechRatio: 0.7, noiseLimited: false, clipped: false };
  await k1.say("level", window, level);
  // The past minute by minute is for whoever watches over the gateway; a team lead sees it in groups.
  await using watching = await openPage(browser, `${gateway.url}/rooms/K1`, { before: as("dpo") });
  const history = () => watching.page.request.get(`${gateway.url}/api/v1/history/K1?resolution=raw`);
  await expect.poll(async () => (await history()).text()).toContain("52.5");
  await page.click("[data-room=K1] h3 a");
  await page.waitForSelector(".room-history");
  const past = watching.page;
  await past.check('input[value="1h"]');
  await past.waitForSelector(".chart canvas");
  await past.click("summary");
  await past.waitForSelector(".figures td >> text=52,5");
  const measured = () =>
    past.$$eval(".figures tbody tr", (rows) =>
      rows
        .map((row) => [...row.children].slice(1).map((cell) => cell.textContent))
        .filter((cells) => cells[0] !== "ingen måling"),
    );
  expect(await measured()).toEqual([["52,5", "63,0", "37,5", "70\u00a0%", "100\u00a0%"]]);
  expect([await seriousFindings(past), watching.complaints]).toEqual([[], []]);

  await page.click(".mainmenu >> text=Lydlæk");
  await page.click('.matrix [data-pair="K1→G1"] a');
  await page.waitForSelector("#noise-title");
  expect(await textOf(page, ".pair-facts")).toContain("R'w mindst 30 dB (vejledningen til BR18)");
  expect(await page.getAttribute(".now", "data-state")).toBe("unknown");

  await page.click(".mainmenu >> text=Sensorer");
  await page.waitForSelector("[data-device=k1] .sign");
  await page.click(".mainmenu >> text=Rapport");
  await page.waitForSelector(".figures-brief");
  expect(complaints).toEqual([]);

  await page.click(".mainmenu >> text=Rum");
  const { host } = new URL(gateway.url);
  await gateway[Symbol.asyncDispose]();
  await page.waitForSelector(".stale");
  expect(await page.getAttribute("[data-room=S2]", "data-state")).toBe("unknown");
  gateway = await open(host);
  await page.waitForSelector(".stale", { state: "detached" });
  expect(await page.textContent(".alarm h3")).toBe("Mulig overhøring i Kontor K1");
});

it("serves a page of the dashboard at its own address, and refuses what is none", async () => {
  await using opened = await openPage(browser, `${gateway.url}/rooms/K6`, { locale: "en-GB", before: as("team-lead") });
  await opened.page.waitForSelector(".why");
  expect(await textOf(opened.page, "h1")).toBe("Office K6");
  const missing = await opened.page.request.get(`${gateway.url}/api/v1/nothing`);
  expect(missing.status()).toBe(404);
});
