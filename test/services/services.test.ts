import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { chromiumLaunch } from "./chromium.ts";
import { startInfluxd } from "./influxd.ts";
import { startMosquitto } from "./mosquitto.ts";
import { pathOf } from "./service.ts";

describe("services for tests", () => {
  it("a missing program is named together with what to run", () => {
    expect(() => pathOf("no-such-program")).toThrow("no-such-program is not installed; run: npm run services");
  });

  it("influxd keeps its data and port over a stop and a crash", async () => {
    await using influxd = await startInfluxd();
    await influxd.query("CREATE DATABASE kept");
    await influxd.stop();
    expect(influxd.pid).toBeUndefined();
    await expect(fetch(`${influxd.url}/ping`)).rejects.toThrow();
    await influxd.start();
    await influxd.kill();
    await influxd.start();
    expect(await influxd.query("SHOW DATABASES")).toMatchObject({
      results: [{ series: [{ values: expect.arrayContaining([["kept"]]) }] }],
    });
  });

  it("influxd asks for credentials when an administrator is given", async () => {
    await using influxd = await startInfluxd({ admin: { username: "root", password: "secret" } });
    expect((await fetch(`${influxd.url}/query?q=SHOW+DATABASES`)).status).toBe(401);
    expect(await influxd.query("SHOW DATABASES")).toHaveProperty("results");
  });

  it("mosquitto answers again on the same port after a restart", async () => {
    await using mosquitto = await startMosquitto();
    const first = mosquitto.pid;
    await mosquitto.stop();
    await mosquitto.start();
    expect(mosquitto.pid).not.toBe(first);
  });

  it("chromium opens a page", async () => {
    const browser = await chromium.launch(chromiumLaunch());
    try {
      const page = await browser.newPage();
      await page.setContent("<h1>Fortrolig</h1>");
      expect(await page.textContent("h1")).toBe("Fortrolig");
    } finally {
      await browser.close();
    }
  });
});
