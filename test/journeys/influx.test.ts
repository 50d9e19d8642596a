/**
 * An hour of ten devices, over MQTT into the gateway and on into a real influxd: what was acknowledged is there, counted
 * by the database itself. The same when the database is away for part of it.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AlertView } from "#protocol/api.ts";
import type { SequencedChannel } from "#protocol/readings.ts";
import { type Influxd, startInfluxd } from "#test/services/influxd.ts";
import { temporaryFolder } from "./folder.ts";
import { get, metric, runGateway } from "./running-gateway.ts";
import { connectSpeaker, fiveMinutes, quietLevel, roomState, type Speaker, wellness } from "./speaker.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const devices = ["k1", "k2", "k3", "k4", "k5", "s1", "s2", "s3", "s4", "s5"];

type Counts = Record<SequencedChannel, number>;

/** Each device says at its cadences what it would say from `from` until `until`, one after the other in time. */
async function speakFrom(speakers: readonly Speaker[], from: number, until: number): Promise<void> {
  for (let t = from; t < until; t += MINUTE) {
    await Promise.all(speakers.flatMap((speaker, device) => sayMinute(speaker, t + device)));
  }
}

function sayMinute(speaker: Speaker, minute: number): Promise<void>[] {
  const said = [0, 10, 20, 30, 40, 50].map((s) => {
    const laeq = 40 + ((minute / MINUTE + s) % 40) / 2;
    return speaker.say("level", minute + s * SECOND, { ...quietLevel, laeq: Math.round(laeq * 2) / 2 });
  });
  said.push(...[0, 30].map((s) => speaker.say("state", minute + s * SECOND, roomState("off", minute - 5 * MINUTE))));
  said.push(speaker.say("health", minute, wellness));
  if (minute % (5 * MINUTE) < MINUTE) said.push(speaker.say("stats", minute, fiveMinutes));
  return said;
}

const acknowledged = (speakers: readonly Speaker[]): Counts => {
  const of = (channel: SequencedChannel) => speakers.reduce((sum, speaker) => sum + speaker.acknowledged[channel], 0);
  return { state: of("state"), level: of("level"), stats: of("stats"), health: of("health") };
};

/** Asked of the database, past everything of ours. */
async function stored(influxd: Influxd): Promise<Counts> {
  const count = async (field: string, measurement: string) => {
    const answer = await influxd.query(`SELECT count(${field}) FROM "raw"."${measurement}"`, "fortrolig");
    const { results } = answer as { results: { series?: { values: number[][] }[] }[] };
    return results[0]?.series?.[0]?.values[0]?.[1] ?? 0;
  };
  return {
    state: await count("occupied", "presence"),
    level: await count("laeq", "level"),
    stats: await count("speechSeconds", "spectrum"),
    health: await count("uptime", "health"),
  };
}

const HOUR_OF_TEN: Counts = { state: 1200, level: 3600, stats: 120, health: 600 };

async function setting() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const influxd = stack.use(await startInfluxd());
  const history = `influxdb://127.0.0.1:${influxd.port}/fortrolig`;
  const gateway = stack.use(await runGateway({ data: join(folder.path, "data"), history }));
  const speakers = await Promise.all(
    devices.map(async (id, i) => stack.use(await connectSpeaker(gateway.broker, id, `0000000${i}`))),
  );
  return { influxd, gateway, speakers, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

interface Readiness {
  readonly status: string;
  readonly checks: { readonly history: { readonly state: string; readonly detail: string } };
}

describe("an hour of ten devices in InfluxDB", () => {
  it("holds every reading that was acknowledged", async () => {
    await using journey = await setting();
    const { influxd, gateway, speakers } = journey;
    const from = Math.floor(Date.now() / HOUR) * HOUR - 24 * HOUR;
    await speakFrom(speakers, from, from + HOUR);
    expect(acknowledged(speakers)).toEqual(HOUR_OF_TEN);
    await gateway.pipeline.settled();
    expect(await stored(influxd)).toEqual(acknowledged(speakers));
    expect(await metric(gateway.url, "fortrolig_history_behind_messages")).toEqual({ "": 0 });
    expect(await get(gateway.url, "/readyz")).toMatchObject({ status: "ready" });
  }, 120_000);

  it("holds them as well when the database was away, and meanwhile alerts go on", async () => {
    await using journey = await setting();
    const { influxd, gateway, speakers } = journey;
    const from = Math.floor(Date.now() / HOUR) * HOUR - 24 * HOUR;
    await speakFrom(speakers, from, from + 20 * MINUTE);
    await influxd.stop();
    await speakFrom(speakers, from + 20 * MINUTE, from + 40 * MINUTE);
    const keptNow = async () => {
      const { status, checks } = await get<Readiness>(gateway.url, "/readyz");
      return {
        status,
        state: checks.history.state,
        kept: Number(/(\d+) messages are kept/.exec(checks.history.detail)?.[1]),
      };
    };
    await expect.poll(keptNow).toMatchObject({ status: "degraded", state: "degraded" });
    expect((await keptNow()).kept).toBeGreaterThanOrEqual(20 * 92);

    const now = Date.now();
    await speakers[0]!.say("state", now, roomState("on", now - 70 * SECOND));
    const alerts = () => get<AlertView[]>(gateway.url, "/api/v1/alerts");
    await expect.poll(alerts).toMatchObject([{ room: "K1", state: "firing" }]);

    await influxd.start();
    await speakFrom(speakers, from + 40 * MINUTE, from + HOUR);
    expect(acknowledged(speakers)).toEqual({ ...HOUR_OF_TEN, state: HOUR_OF_TEN.state + 1 });
    await gateway.pipeline.settled();
    expect(await stored(influxd)).toEqual(acknowledged(speakers));
    expect(await get(gateway.url, "/readyz")).toMatchObject({ status: "ready" });
  }, 180_000);
});
