/** A real Mosquitto between devices and gateway, and what can go wrong between the two. */
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { openOutsideBroker } from "#gateway/ingest/outside-broker.ts";
import type { RoomView } from "#protocol/api.ts";
import { claimTopic, delivery } from "#protocol/topics.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { startProgram } from "#test/journeys/program.ts";
import { get, metric, runGateway } from "#test/journeys/running-gateway.ts";
import { quietLevel, roomState } from "#test/journeys/speaker.ts";
import { startMosquitto } from "#test/services/mosquitto.ts";
import { level, newBoot, SITE, topic } from "./port.ts";
import { startProxy } from "./proxy.ts";

const HOUR = 3600_000;

/** Speaks to a broker as a device would that knows only the topics. */
async function speak(
  url: string,
  ...messages: readonly { topic: string; payload: string | Buffer; retain?: boolean }[]
) {
  const client = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 });
  for (const { topic: at, payload, retain = false } of messages)
    await client.publishAsync(at, payload, { qos: 1, retain });
  await client.endAsync();
}

/** A gateway's side of an outside broker, and what it has been told and has heard. */
function openSide(url: string, options: { keepaliveS?: number; standByMs?: number; random?: () => number } = {}) {
  const pauses: number[] = [];
  const states: string[] = [];
  const heard: string[] = [];
  const broker = openOutsideBroker({
    url,
    site: SITE,
    random: () => 0,
    onState: (state) => {
      states.push(state.kind === "waiting" ? state.reason : state.kind);
      if (state.kind === "waiting") pauses.push(state.ms);
    },
    ...options,
  });
  broker.onMessages(async (messages) => {
    for (const { payload } of messages) heard.push(Buffer.from(payload).toString());
  });
  return { broker, states, pauses, heard };
}

describe.concurrent("an outside broker", () => {
  it("that has vanished without a word is noticed by its silence, and found again; it has kept what was said meanwhile", async ({
    expect,
  }) => {
    await using mosquitto = await startMosquitto();
    await using proxy = await startProxy(mosquitto.url);
    const { broker, states, heard } = openSide(proxy.url, { keepaliveS: 1 });
    await using _ = broker;
    await expect.poll(() => states).toEqual(["connected"]);

    proxy.swallow();
    await speak(mosquitto.url, { topic: topic("level"), payload: "said into the void" });
    // Tries that come to nothing follow.
    await expect.poll(() => states.slice(0, 2)).toEqual(["connected", "Keepalive timeout"]);
    proxy.heal();
    await expect.poll(() => states.at(-1)).toBe("connected");
    await expect.poll(() => heard).toContain("said into the void");
    await speak(mosquitto.url, { topic: topic("level"), payload: "said aloud" });
    await expect.poll(() => heard.at(-1)).toBe("said aloud");
  });

  it("that has vanished without a word holds up nobody who closes, and what it had not acknowledged is told as unsaid", async ({
    expect,
  }) => {
    await using mosquitto = await startMosquitto();
    await using proxy = await startProxy(mosquitto.url);
    const { broker, states } = openSide(proxy.url, { keepaliveS: 2 });
    await expect.poll(() => states).toEqual(["connected"]);
    proxy.swallow();
    const lost = broker.publish(topic("lease"), "{}", delivery.lease);
    await expect(lost).rejects.toThrow();
    expect(states).toEqual(["connected", "Keepalive timeout"]);
    proxy.heal();
    await expect.poll(() => states.at(-1)).toBe("connected");
    proxy.swallow();
    const unsaid = expect(broker.publish(topic("lease"), "{}", delivery.lease)).rejects.toThrow();
    await broker[Symbol.asyncDispose]();
    await unsaid;
  });

  it("with retained readings from years ago, hours ago and of no sense: none is taken for what is now, each is counted", async ({
    expect,
  }) => {
    const boot = newBoot();
    const now = Date.now();
    await using mosquitto = await startMosquitto();
    const old = { boot, seq: 0, t: now - 3 * 365 * 24 * HOUR };
    const hoursOld = { boot, seq: 1, t: now - 5 * HOUR };
    await speak(
      mosquitto.url,
      { topic: topic("level"), payload: JSON.stringify({ ...old, ...quietLevel }), retain: true },
      {
        topic: topic("state"),
        payload: JSON.stringify({ ...hoursOld, ...roomState("on", now - 5 * HOUR - 60_000) }),
        retain: true,
      },
      { topic: topic("stats"), payload: Buffer.from([0xff, 0x00]), retain: true },
      { topic: topic("health"), payload: '{"health":"good"}', retain: true },
    );
    await using folder = await temporaryFolder();
    await using gateway = await runGateway({ data: join(folder.path, "data"), broker: mosquitto.url });
    const refused = async () =>
      Object.entries(await metric(gateway.url, "fortrolig_messages_refused_total")).filter(([, count]) => count > 0);
    const accepted = () => gateway.pipeline.ingest.counts().accepted;
    await expect.poll(refused).toEqual([
      ["not-json", 1],
      ["schema", 1],
      ["clock-behind", 1],
    ]);
    // The one of five hours ago is a reading like another that comes late: stored once, with its own time.
    await expect.poll(accepted).toMatchObject({ state: 1, level: 0, stats: 0, health: 0 });
    await gateway.pipeline.settled();
    const rooms = await get<RoomView[]>(gateway.url, "/api/v1/rooms");
    expect(rooms.find(({ id }) => id === "K1")).toMatchObject({ conversation: "unknown", privacy: "unknown" });
    expect(await get(gateway.url, "/api/v1/alerts")).toEqual([]);
  });

  it("killed, and back without anything it had kept: what a device had said and nobody had stored it says again", async ({
    expect,
  }) => {
    await using folder = await temporaryFolder();
    await using mosquitto = await startMosquitto(["persistence false"]);
    await using gateway = await runGateway({ data: join(folder.path, "data"), broker: mosquitto.url });
    await using device = startProgram("firmware-sim/main.ts", [
      ...["--world", "--open-now", "--device", "k1", "--broker", mosquitto.url, "--wait"],
    ]);
    const received = () => gateway.pipeline.journal.received("k1");
    await expect.poll(received).not.toEqual([]);

    await mosquitto.kill();
    await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    const [before] = received();
    await mosquitto.start();
    const last = () => received()[0]!.runs.at(-1)![1];
    await expect.poll(last).toBeGreaterThan(before!.runs.at(-1)![1]);
    device.kill("SIGTERM");
    expect(await device.ended, device.err).toEqual({ code: 0, signal: null });
    expect(device.out).toContain("everything is confirmed; goodbye");
    const boots = received();
    expect(boots.map(({ runs }) => runs)).toEqual([[[0, last()]]]);
  }, 120_000);

  it("on which one site has two gateways by mistake: the second is told so and waits, the first is not disturbed; when that goes, the second takes the site", async ({
    expect,
  }) => {
    await using mosquitto = await startMosquitto();
    const first = openSide(mosquitto.url);
    await using stack = new AsyncDisposableStack();
    const goodbye = () => first.broker[Symbol.asyncDispose]();
    stack.defer(goodbye);
    await expect.poll(() => first.states).toEqual(["connected"]);

    const second = openSide(mosquitto.url, { standByMs: 300 });
    stack.use(second.broker);
    await expect.poll(() => second.states.length).toBeGreaterThanOrEqual(3);
    expect([...new Set(second.states)]).toEqual([
      expect.stringMatching(
        new RegExp(
          `^another gateway reads this site: process ${process.pid} on .+, since .+Z; give each gateway a site of its own$`,
        ),
      ),
    ]);
    expect(second.broker.connected()).toBe(false);
    await speak(mosquitto.url, { topic: topic("level"), payload: "to the first" });
    await expect.poll(() => first.heard).toEqual(["to the first"]);
    expect([first.states, second.heard]).toEqual([["connected"], []]);

    await goodbye();
    await expect.poll(() => second.states.at(-1)).toBe("connected");
    await speak(mosquitto.url, { topic: topic("level"), payload: "to the second" });
    await expect.poll(() => second.heard).toEqual(["to the second"]);
  });

  it("with the claim of a gateway that is dead and whose will was lost: it is asked, does not answer, and is in nobody's way", async ({
    expect,
  }) => {
    await using mosquitto = await startMosquitto();
    const dead = { instance: "of-another-time", host: "old", pid: 1, since: new Date(0).toISOString() };
    await speak(mosquitto.url, { topic: claimTopic(SITE), payload: JSON.stringify(dead), retain: true });
    const { broker, states } = openSide(mosquitto.url);
    await using _ = broker;
    await expect.poll(() => states).toEqual(["connected"]);
  });

  it("that another client has claimed our name on is not fought over without pause: the pauses grow, and the reason is told", async ({
    expect,
  }) => {
    await using mosquitto = await startMosquitto();
    const { broker, states, pauses } = openSide(mosquitto.url, { random: () => 0.1 });
    await using _ = broker;
    await expect.poll(() => states).toEqual(["connected"]);
    const imposter = () =>
      connectAsync(mosquitto.url, { protocolVersion: 4, clientId: `fortrolig-gateway-${SITE}`, reconnectPeriod: 0 });
    for (let i = 1; i <= 3; i++) {
      const client = await imposter();
      await expect.poll(() => states.length).toBeGreaterThanOrEqual(2 * i);
      await expect.poll(() => states.length).toBe(2 * i + 1);
      await client.endAsync(true);
    }
    const why = `the broker has hung up; does another client use the name fortrolig-gateway-${SITE}?`;
    expect(states).toEqual(["connected", why, "connected", why, "connected", why, "connected"]);
    expect(pauses).toEqual([600, 700, 900]);
  });
});

it("a level of now, said to be retained, is stored once and not again at every connection", async () => {
  const boot = newBoot();
  await using mosquitto = await startMosquitto();
  await using folder = await temporaryFolder();
  const message = { topic: topic("level"), payload: level(boot, 0), retain: true };
  for (let run = 0; run < 2; run++) {
    await using gateway = await runGateway({ data: join(folder.path, "data"), broker: mosquitto.url });
    if (run === 0) await speak(mosquitto.url, message);
    const count = () => {
      const { accepted, duplicates } = gateway.pipeline.ingest.counts();
      return [accepted.level, duplicates.level];
    };
    await expect.poll(count).toEqual(run === 0 ? [1, 0] : [0, 1]);
    expect(gateway.pipeline.journal.lastId()).toBe(1);
  }
});
