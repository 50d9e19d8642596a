/**
 * The database is away for ten minutes, for an hour: every reading is there afterwards, and meanwhile nobody who looks at
 * the rooms or waits for an alert notices.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COLLECT_MS } from "#gateway/history/forwarder.ts";
import type { AlertView } from "#protocol/api.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import { freePort } from "#test/services/service.ts";
import { type Crowd, devices, openCrowd } from "./crowd.ts";
import { type FaultProxy, type Seen, startFaultProxy } from "./proxy.ts";

const SECOND = 1000;
const MINUTE = 60;
/** Real time, on a machine that may be busy with others. */
const LIMIT_MS = 90_000;

let influxd: Influxd;
beforeAll(async () => {
  influxd = await startInfluxd();
});
afterAll(() => influxd?.[Symbol.asyncDispose]());

async function arrange(database: string, time: "clock" | "data") {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const proxy = stack.use(await startFaultProxy(influxd.url));
  const crowd = stack.use(await openCrowd(folder.path, `influxdb://127.0.0.1:${proxy.port}/${database}`, time));
  return { proxy, crowd, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Lets time pass until something holds, but none while the database is asked. */
async function until(holds: () => boolean, { clock }: Crowd, proxy: FaultProxy): Promise<void> {
  while (!holds()) {
    if (proxy.open === 0) clock.advanceTo(clock.now() + SECOND / 2);
    await sleep(1);
  }
}

/** Levels of each device in the database, asked past everything of ours. */
async function stored(database: string): Promise<Record<string, number>> {
  const answer = await influxd.query(`SELECT count(laeq) FROM "raw"."level" GROUP BY device`, database);
  const { results } = answer as {
    results: { series?: { tags: { device: string }; values: number[][] }[] }[];
  };
  return Object.fromEntries((results[0]?.series ?? []).map(({ tags, values }) => [tags.device, values[0]![1]!]));
}
const each = (count: number) => Object.fromEntries(devices.map((device) => [device, count]));

const isReadings = ({ path, body }: Seen) => path === "/write" && /^(level|presence),/.test(body);
const lastTime = ({ body }: Seen) => Math.max(...body.matchAll(/ (\d+)$/gm).map(([, t]) => Number(t)));

describe.concurrent("a database that is away", { timeout: LIMIT_MS }, () => {
  it("for ten minutes: what was acknowledged is all there, and what is kept is told", async () => {
    await using outage = await arrange("ten", "data");
    const { proxy, crowd } = outage;
    const { forwarder, status } = crowd.pipeline;
    const flows = () => forwarder.status().behind === 0 && forwarder.status().state === "flowing";
    await crowd.speak(1 * MINUTE);
    await until(flows, crowd, proxy);
    await proxy.down();
    const since = crowd.clock.now();
    await crowd.speak(10 * MINUTE);
    await until(() => status().history.state === "waiting", crowd, proxy);
    const { behind, oldest } = status().history;
    expect([behind, Date.parse(oldest!) - since]).toEqual([10 * MINUTE * devices.length, SECOND]);
    await proxy.up();
    await until(flows, crowd, proxy);
    expect(await stored("ten")).toEqual(each(11 * MINUTE));
    expect(crowd.acknowledged).toBe(11 * MINUTE * devices.length);
    expect(status().history).toEqual({ state: "flowing", reason: null, behind: 0, oldest: null });
  });

  it("for an hour: an alert is told while the backlog stands still, and live readings overtake it", async () => {
    await using outage = await arrange("hour", "clock");
    const { proxy, crowd } = outage;
    const { forwarder, live, lane, journal } = crowd.pipeline;
    const flows = () => forwarder.status().behind === 0 && forwarder.status().state === "flowing";
    await crowd.speak(1 * MINUTE);
    await until(flows, crowd, proxy);
    await proxy.down();
    await crowd.speak(60 * MINUTE);
    await until(() => forwarder.status().state === "waiting", crowd, proxy);

    // The database is back, takes one portion of the backlog, and then takes its time with the next.
    let portions = 0;
    const late = Promise.withResolvers<void>();
    proxy.onRequest((seen) => (isReadings(seen) && ++portions === 2 ? late.promise : undefined));
    await proxy.up();
    await until(() => portions === 2, crowd, proxy);
    const alerts: AlertView["state"][] = [];
    live.subscribe(({ event, data }) => event === "alert" && alerts.push((data as AlertView).state));
    await crowd.converse();
    const said = crowd.clock.now();
    while (alerts.length === 0) {
      crowd.clock.advanceTo(crowd.clock.now() + SECOND);
      await lane.drained();
      await sleep(1);
    }
    expect(alerts).toEqual(["firing"]);
    expect(crowd.clock.now() - said).toBeLessThan(60 * SECOND);
    expect((await journal.alerts()).map(({ room, state }) => [room, state])).toEqual([["K1", "firing"]]);
    expect(forwarder.status().behind).toBeGreaterThan(20_000);

    const liveFrom = crowd.clock.now() + SECOND;
    await crowd.speak(5);
    // Live readings are collected for so long, by the time of the archive's thread, which is this machine's.
    await sleep(COLLECT_MS);
    late.resolve();
    await until(flows, crowd, proxy);
    const isLive = proxy.seen.filter(isReadings).map((seen) => lastTime(seen) >= liveFrom);
    expect(isLive).toContain(true);
    expect(isLive.lastIndexOf(false)).toBeGreaterThan(isLive.indexOf(true));
    expect(await stored("hour")).toEqual(each(61 * MINUTE + 5));
    expect(crowd.acknowledged).toBe((61 * MINUTE + 5) * devices.length);
  });
});

it("a backlog ten times as long takes no more memory", { timeout: LIMIT_MS }, async () => {
  await using folder = await temporaryFolder();
  const nobody = `influxdb://127.0.0.1:${await freePort()}/away`;
  const program = join(import.meta.dirname, "backlog-memory.fixture.ts");
  const args = ["--expose-gc", program, folder.path, nobody, "1000"];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { short, long } = JSON.parse(stdout);
  expect([short.behind, long.behind]).toEqual([1000 * devices.length, 10_000 * devices.length]);
  expect(long.heap / short.heap).toBeLessThan(1.1);
});
