/** A device, a real Mosquitto and a gateway that share nothing else. The broker goes and comes back; nothing is lost. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { DeviceView, RoomView } from "#protocol/api.ts";
import { startMosquitto } from "#test/services/mosquitto.ts";
import { temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";
import { get, runGateway } from "./running-gateway.ts";

/** Longer than a level window, so that readings fall due while the broker is away. */
const AWAY_MS = 12_000;

it("what a device says through Mosquitto is in the gateway, also over the broker's restart", async () => {
  await using folder = await temporaryFolder();
  await using mosquitto = await startMosquitto();
  await using gateway = await runGateway({ data: join(folder.path, "data"), broker: mosquitto.url });
  await using device = startProgram("firmware-sim/main.ts", [
    ...["--world", "--open-now", "--device", "k1", "--broker", mosquitto.url, "--wait"],
  ]);
  const k1 = async () => (await get<RoomView[]>(gateway.url, "/api/v1/rooms")).find(({ id }) => id === "K1");
  const received = () => gateway.pipeline.journal.received("k1");
  const readings = () => received().reduce((sum, { runs }) => sum + runs.reduce((n, [a, b]) => n + b - a + 1, 0), 0);
  await expect.poll(async () => (await k1())?.conversation).toMatch(/on|off/);
  expect(await k1()).toMatchObject({ kind: "shared-office" });
  await expect.poll(readings).toBeGreaterThanOrEqual(2);

  await mosquitto.stop();
  await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status).toBe(503);
  // What was on its way when the broker went has come.
  await gateway.pipeline.settled();
  const before = readings();
  await sleep(AWAY_MS);
  expect(readings()).toBe(before);
  await mosquitto.start();
  await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status).toBe(200);
  await expect.poll(readings).toBeGreaterThanOrEqual(before + 3);

  device.kill("SIGTERM");
  expect(await device.ended, device.err).toEqual({ code: 0, signal: null });
  expect(device.out).toContain("everything is confirmed; goodbye");
  const [boot, ...more] = received();
  expect(more).toEqual([]);
  expect(boot?.runs).toEqual([[0, readings() - 1]]);
  const kept = await gateway.pipeline.journal.messagesAfter(0, 10_000);
  expect(kept.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: readings() }, (_, seq) => seq));
  // The broker passes its goodbye on when it has gone.
  const k1sDevice = async () => (await get<DeviceView[]>(gateway.url, "/api/v1/devices")).find(({ id }) => id === "k1");
  await expect.poll(k1sDevice).toMatchObject({ connection: "offline", received: readings(), refused: 0 });
}, 300_000);
