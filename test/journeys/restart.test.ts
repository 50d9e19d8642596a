/**
 * A gateway that is killed while an alert is pending, and again while it fires. The device keeps what was not confirmed;
 * in the end there is one alert, told once and resolved once, and one conversation.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openJournal } from "#gateway/journal/open-journal.ts";
import type { AlertView } from "#protocol/api.ts";
import { freePort } from "#test/services/service.ts";
import { readEvents } from "./event-stream.ts";
import { temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";
import { writeConversation } from "./recorded-talk.ts";
import { get, startGatewayProcess } from "./running-gateway.ts";

const SECOND = 1000;
const TALK_S = 75;
const ALERT_AFTER_S = 40;
const DEMO_SITE = fileURLToPath(import.meta.resolve("#protocol/demo-site.yaml"));

/** The demo site with a shorter patience. */
async function writeImpatientSite(file: string): Promise<void> {
  const demo = await readFile(DEMO_SITE, "utf8");
  const impatient = demo.replace("conversationAlertAfterS: 60", `conversationAlertAfterS: ${ALERT_AFTER_S}`);
  expect(impatient).not.toBe(demo);
  await writeFile(file, impatient);
}

it("killed while an alert is pending and while it fires, the gateway tells it once and resolves it once", async () => {
  await using folder = await temporaryFolder();
  const site = join(folder.path, "site.yaml");
  const wav = join(folder.path, "conversation.wav");
  await writeImpatientSite(site);
  const talk = await writeConversation(wav, TALK_S);
  const data = join(folder.path, "data");
  const mqtt = `127.0.0.1:${await freePort()}`;
  const start = () => startGatewayProcess({ data, site, mqtt });
  const alerts = (url: string, state = "") => get<AlertView[]>(url, `/api/v1/alerts${state && `?state=${state}`}`);

  await using first = await start();
  await using device = startProgram("firmware-sim/main.ts", [
    ...["--wav", wav, "--room", "K1", "--level", talk.levelFor(60).toFixed(2), "--noise", "30", "--tail", "40"],
    ...["--site", site, "--broker", `mqtt://${mqtt}`],
  ]);
  await expect.poll(() => alerts(first.url, "pending"), { interval: 100 }).toHaveLength(1);
  const [pending] = await alerts(first.url, "pending");
  expect(pending).toMatchObject({ room: "K1", firedAt: null });
  first.kill("SIGKILL");
  expect(await first.ended).toEqual({ code: null, signal: "SIGKILL" });

  await using second = await start();
  expect(await alerts(second.url)).toEqual([]);
  await expect.poll(() => alerts(second.url, "firing"), { interval: 100 }).toHaveLength(1);
  const [firing] = await alerts(second.url, "firing");
  expect(firing).toMatchObject({ id: pending!.id, startedAt: pending!.startedAt });
  expect(Date.parse(firing!.firedAt!) - Date.parse(firing!.startedAt)).toBeGreaterThanOrEqual(ALERT_AFTER_S * SECOND);
  expect(Date.parse(firing!.firedAt!) - Date.parse(firing!.startedAt)).toBeLessThan((ALERT_AFTER_S + 10) * SECOND);
  second.kill("SIGKILL");
  expect(await second.ended).toEqual({ code: null, signal: "SIGKILL" });

  await using third = await start();
  expect(await alerts(third.url)).toMatchObject([{ id: firing!.id, state: "firing", firedAt: firing!.firedAt }]);
  await using reader = await readEvents(third.url);
  await expect.poll(() => alerts(third.url, "resolved"), { timeout: 120_000 }).toHaveLength(1);
  expect(await alerts(third.url)).toMatchObject([
    { id: firing!.id, state: "resolved", firedAt: firing!.firedAt, reason: "conversation-ended" },
  ]);
  const told = reader.heard.filter(({ event }) => event === "alert").map(({ data: alert }) => alert as AlertView);
  expect(told.map(({ id, state }) => [id, state])).toEqual([
    [firing!.id, "firing"],
    [firing!.id, "resolved"],
  ]);
  expect(await device.ended, device.err).toEqual({ code: 0, signal: null });
  expect(device.out).toContain("everything is confirmed");
  third.kill("SIGTERM");
  expect(await third.ended).toEqual({ code: 0, signal: null });

  await using journal = await openJournal(data);
  const steps = (await journal.transitions(firing!.id)).map(({ to }) => to);
  expect(steps).toEqual(["pending", "firing", "resolved"]);
  const episodes = await journal.episodes(0, Date.now() + SECOND);
  const [startedAt, resolvedAt] = [firing!.startedAt, told.at(-1)?.resolvedAt ?? ""].map(Date.parse);
  expect(episodes).toMatchObject([{ room: "K1", start: startedAt, end: resolvedAt }]);
  const received = journal.received("k1");
  expect(received).toMatchObject([{ runs: [[0, expect.any(Number)]] }]);
  const stored = await journal.messagesAfter(0, 10_000);
  expect(stored.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(stored.map((_, seq) => seq));
  expect(stored.length).toBe(received[0]!.runs[0]![1] + 1);
}, 1_200_000);
