/** A sensor's access from beginning to end, as people meet it: real gateway that asks for credentials, real browser, a simulated device. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBuilt } from "#dashboard/build.ts";
import { BY_GATEWAY } from "#gateway/audit/entry.ts";
import { readConfig } from "#gateway/config.ts";
import type { Gateway } from "#gateway/gateway.ts";
import { claimPassword } from "#protocol/enrolment.ts";
import type { Role } from "#protocol/roles.ts";
import { type Folder, temporaryFolder } from "#test/journeys/folder.ts";
import { startProgram } from "#test/journeys/program.ts";
import { runGateway } from "#test/journeys/running-gateway.ts";
import { openPort, type Port } from "#test/mqtt/port.ts";
import { openClient } from "#test/mqtt/raw-client.ts";
import { seriousFindings } from "./accessibility.ts";
import { type Look, openBrowser, openPage, textOf } from "./browser.ts";
import { signedIn } from "./sign-in.ts";

let folder: Folder;
let port: Port;
let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  folder = await temporaryFolder();
  [port, browser] = await Promise.all([openPort({ deviceAccess: "enrolled" }), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await port?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

const openDevices = (role: Role, look: Look = {}, { access, url }: Gateway = port.gateway) =>
  openPage(browser, `${url}/devices`, { ...look, before: signedIn(access, url, role, readConfig({}).site) });
const cells = (page: Page, device: string) =>
  page.$$eval(`[data-enrolment=${device}] > *`, (all) =>
    all.map((cell) => (cell as HTMLElement).innerText.replaceAll(/\s+/g, " ")),
  );
const row = (device: string, credential: string) => `[data-enrolment=${device}][data-credential=${credential}]`;
const activeText = (page: Page) =>
  page.evaluate(() => (document.activeElement as HTMLElement).innerText.replaceAll(/\s+/g, " "));
/** A device that is enrolled by other means than the page. */
async function enrol(device: string): Promise<void> {
  const { code } = port.gateway.devices!.offer(device, BY_GATEWAY);
  const hello = { id: `${device}-hello-1`, user: device, password: claimPassword(code, "s".repeat(43)) };
  await (await openClient(port.url, hello))[Symbol.asyncDispose]();
}

it("a code made on the page lets a device in by the command that stands there; revoked, it is out within a second", async () => {
  await using opened = await openDevices("it-admin");
  const { page, complaints } = opened;
  await page.waitForSelector(`${row("k1", "none")} .where`);
  expect(await cells(page, "k1")).toEqual(["k1 Kontor K1", "Intet", "–", "Lav en kode k1"]);

  await page.focus(`${row("k1", "none")} button`);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-fate=waiting]");
  await page.waitForSelector("textarea:focus");
  const code = await page.evaluate(() => (document.activeElement as HTMLTextAreaElement).value);
  expect(code).toMatch(/^\S{4}(-\S{4}){3}$/);
  const command = await page.inputValue("[aria-labelledby=claim-command]");
  expect(command).toBe(`npm run device -- --device k1 --claim ${code} --broker ${port.url}`);
  await page.waitForSelector("[data-enrolment=k1] >> text=venter, gælder til");
  expect(await seriousFindings(page)).toEqual([]);

  const credentials = ["--credentials", folder.path];
  await using claiming = startProgram("firmware-sim/main.ts", [...command.split(" ").slice(4), ...credentials]);
  expect(await claiming.ended, claiming.err).toEqual({ code: 0, signal: null });
  await page.waitForSelector("[data-fate=used]");
  expect(await textOf(page, "[data-fate] [role=status]")).toBe("Koden er brugt: k1 har nu sit adgangsbevis.");
  expect(await page.content()).not.toContain(code);
  await page.waitForSelector(row("k1", "secret"));

  const living = ["--device", "k1", "--broker", port.url, "--world", "--open-now", ...credentials];
  await using device = startProgram("firmware-sim/main.ts", living);
  await page.waitForSelector("[data-device=k1] >> text=Kalibreret");

  await page.focus(`${row("k1", "secret")} button:last-child`);
  await page.keyboard.press("Enter");
  await expect
    .poll(() => activeText(page))
    .toMatch(/^Skal k1 miste sin adgang\? Sensoren kobles fra inden for et sekund/);
  expect(await seriousFindings(page)).toEqual([]);
  await page.keyboard.press("Tab");
  const since = performance.now();
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-device=k1] .sign-mode-offline");
  expect(performance.now() - since).toBeLessThan(1000);
  await page.waitForSelector(row("k1", "revoked"));
  await page.waitForSelector("text=k1 har ikke længere adgang.");
  await expect.poll(() => activeText(page)).toBe("Lav en kode k1");
  await device.says(/does not take this credential/);
  expect(complaints).toEqual([]);
});

describe("somebody else's deeds", () => {
  it("show by themselves: another code makes the one that stands here no good, a code that is used is a credential", async () => {
    await using opened = await openDevices("it-admin", { locale: "en-GB" });
    const { page } = opened;
    await page.click(`${row("k2", "none")} button`);
    await page.waitForSelector("[data-fate=waiting]");
    port.gateway.devices!.offer("k2", BY_GATEWAY);
    await page.waitForSelector("[data-fate=replaced]");
    expect(await textOf(page, "[data-fate]")).toBe("The code is no longer good: a newer one was made for k2.");
    await enrol("k2");
    await page.waitForSelector(row("k2", "secret"));
    port.gateway.devices!.revoke("k2", BY_GATEWAY);
    await page.waitForSelector(row("k2", "revoked"));
  });
});

it("what the gateway refuses is said, and nothing else is changed; who does not mean it goes back", async () => {
  await enrol("k3");
  await using opened = await openDevices("it-admin");
  const { page } = opened;
  const revoke = `${row("k3", "secret")} >> text=Træk adgang tilbage`;
  await page.click(revoke);
  await page.click(".confirm >> text=Fortryd");
  await expect.poll(() => activeText(page)).toBe("Lav en kode k3");
  expect(await page.$(".confirm")).toBeNull();
  await page.route("**/api/v1/enrolments/k3", (route) =>
    route.fulfill({
      status: 409,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "no-credential-needed", title: "no", status: 409 }),
    }),
  );
  await page.click(revoke);
  await page.click(".confirm .button-primary");
  await page.waitForSelector("[role=alert]");
  await expect.poll(() => activeText(page)).toBe("Sensorer behøver intet adgangsbevis her.");
  expect(port.gateway.devices!.of("k3").credential).toBe("secret");
});

describe("who may do nothing about it", () => {
  it.each(["facilities", "staff-rep"] as const)("%s sees what there is, and since when", async (role) => {
    port.gateway.devices!.offer("s1", BY_GATEWAY);
    await using opened = await openDevices(role, { locale: "en-GB" });
    const { page } = opened;
    await page.waitForSelector(`${row("s1", "none")} .where`);
    expect(await cells(page, "s1")).toEqual([
      "s1 Conversation room S1",
      "None",
      expect.stringMatching(/^waits, good until .* \d\d:\d\d$/),
    ]);
    expect(await page.$$("[data-enrolment] button")).toEqual([]);
  });

  it.each(["room-staff", "team-lead", "dpo"] as const)("%s sees nothing of it", async (role) => {
    await using opened = await openDevices(role);
    const { page, complaints } = opened;
    await page.waitForSelector("[data-device=k1]");
    expect([await page.$("#enrolment-title"), complaints]).toEqual([null, []]);
  });
});

describe.each([
  { locale: "da-DK", colorScheme: "light", width: 1280 },
  { locale: "en-GB", colorScheme: "dark", width: 1280 },
  { locale: "da-DK", colorScheme: "dark", width: 390 },
  { locale: "en-GB", colorScheme: "light", width: 320 },
] as const)("in $locale, $colorScheme, $width px wide", (look) => {
  it("codes and questions have no serious finding, and nothing is wider than the screen", async () => {
    await enrol("s2");
    await using opened = await openDevices("it-admin", look);
    const { page, complaints } = opened;
    await page.click("[data-enrolment=s3] button");
    await page.waitForSelector("[data-fate=waiting]");
    await page.click(`${row("s2", "secret")} button:last-child`);
    await page.waitForSelector(".confirm");
    expect(await seriousFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(look.width);
    expect(complaints).toEqual([]);
  });
});

it("where no device needs a credential, one sentence says so", async () => {
  await using open = await runGateway({ data: `${folder.path}/open` });
  await using opened = await openDevices("it-admin", { locale: "en-GB" }, open);
  await opened.page.waitForSelector("text=Sensors need no credential here");
  expect(await opened.page.$("[data-enrolment]")).toBeNull();
});
