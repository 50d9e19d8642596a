/**
 * More than the gateway can take, from devices that wait for nothing: it lets them wait, sheds reports first and dashboards
 * second, goes on telling alerts, stays below its memory ceiling, keeps what it has acknowledged, and recovers.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { readConfig } from "#gateway/config.ts";
import { openJournal } from "#gateway/journal/open-journal.ts";
import type { AlertView } from "#protocol/api.ts";
import { asking } from "#test/journeys/asking.ts";
import { readEvents } from "#test/journeys/event-stream.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { metric, startGatewayProcess } from "#test/journeys/running-gateway.ts";
import { connectSpeaker, roomState } from "#test/journeys/speaker.ts";
import { connectFlooder, type Flooder } from "./flooder.ts";

const SECOND = 1000;
const FLOOD_S = 3;
/** A machine that takes everything that comes for so long is not flooded. */
const LIMIT_S = 30;
const MEGABYTE = 1024 * 1024;
const { memory: CEILING_MB } = readConfig({});
const flooding = ["k2", "k3", "k4", "k5", "s1", "s2", "s3", "s4"];
const BOOT = "f100d000";

interface Look {
  readonly level: number;
  readonly report: number;
  readonly rooms: number;
  readonly health: readonly number[];
}

/** What the gateway answers at one moment. */
async function look(url: string): Promise<Look> {
  const statusOf = async (path: string) => (await fetch(url + path, { headers: asking(url, path) })).status;
  const [report, rooms, levels, ...health] = await Promise.all([
    statusOf("/api/v1/report"),
    statusOf("/api/v1/rooms"),
    metric(url, "fortrolig_overload_level"),
    ...["/livez", "/readyz", "/api/v1/status"].map(statusOf),
  ]);
  return { level: levels[""] ?? Number.NaN, report, rooms, health };
}

/** Left alone, both generations grow by their garbage, and the ceiling would be a matter of when it is collected. */
const BOUNDED_HEAP = ["--max-semi-space-size=8", "--max-old-space-size=192"];

/** The most resident memory a process has ever had, MB. */
async function peakMemory(pid: number): Promise<number> {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))!;
  return (Number(kilobytes) * 1024) / MEGABYTE;
}

it("a flood is held back, reports are shed first, alerts go on, nothing acknowledged is lost, and ease returns", async () => {
  await using folder = await temporaryFolder();
  const data = join(folder.path, "data");
  await using gateway = await startGatewayProcess({ data }, BOUNDED_HEAP);
  await using reader = await readEvents(gateway.url);
  await using speaker = await connectSpeaker(gateway.broker, "k1", "0a1b2c3d");
  await using floods = new AsyncDisposableStack();
  const from = Date.now() - 5 * 24 * 3600 * SECOND;
  const flooders: Flooder[] = [];
  for (const device of flooding)
    flooders.push(
      floods.use(await connectFlooder({ broker: gateway.broker, site: "jobcentre", device, boot: BOOT, from })),
    );

  for (const flooder of flooders) flooder.pour();
  const looks: Look[] = [];
  const began = Date.now();
  const shed = () => looks.some(({ report }) => report !== 200);
  while (Date.now() < began + (shed() ? FLOOD_S : LIMIT_S) * SECOND) {
    looks.push(await look(gateway.url));
    await sleep(100);
  }
  const now = Date.now();
  await speaker.say("state", now, roomState("on", now - 70 * SECOND));
  const told = () => reader.heard.filter(({ event }) => event === "alert").map(({ data }) => (data as AlertView).state);
  await expect.poll(told, { timeout: 30 * SECOND }).toEqual(["firing"]);
  looks.push(await look(gateway.url));
  const peak = await peakMemory(gateway.pid);
  for (const flooder of flooders) flooder.stop();
  const sent = flooders.reduce((sum, flooder) => sum + flooder.sent, 0);
  await floods.disposeAsync();
  const acknowledged = flooders.reduce((sum, flooder) => sum + flooder.acknowledged, 0);
  process.stdout.write(
    `flood: ${sent} sent, ${acknowledged} acknowledged, levels ${looks.map(({ level }) => level).join("")}, at most ${Math.round(peak)} MB\n`,
  );

  expect(looks.flatMap(({ health }) => health).filter((status) => status !== 200)).toEqual([]);
  const refused = (what: "report" | "rooms") => looks.findIndex((one) => one[what] === 503);
  expect(refused("report")).toBeGreaterThanOrEqual(0);
  if (refused("rooms") >= 0) expect(refused("report")).toBeLessThanOrEqual(refused("rooms"));
  expect(peak).toBeLessThan(CEILING_MB);

  await expect.poll(async () => (await look(gateway.url)).level, { timeout: 60 * SECOND, interval: 250 }).toBe(0);
  expect(await look(gateway.url)).toEqual({ level: 0, report: 200, rooms: 200, health: [200, 200, 200] });
  gateway.kill("SIGTERM");
  expect(await gateway.ended).toEqual({ code: 0, signal: null });

  await using journal = await openJournal(data);
  for (const [i, device] of flooding.entries()) {
    const runs = journal.received(device).find(({ boot }) => boot === BOOT)?.runs ?? [];
    const isStored = (seq: number) => runs.some(([first, last]) => first <= seq && seq <= last);
    const lost = Array.from({ length: flooders[i]!.sent }, (_, seq) => seq).filter(
      (seq) => flooders[i]!.isAcknowledged(seq) && !isStored(seq),
    );
    expect([device, lost]).toEqual([device, []]);
  }
}, 180_000);
