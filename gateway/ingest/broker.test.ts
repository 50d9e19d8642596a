import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { promisify } from "node:util";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ReadingChannel } from "#protocol/readings.ts";
import { delivery, topicFor } from "#protocol/topics.ts";
import { startMosquitto } from "#test/services/mosquitto.ts";
import { pathOf } from "#test/services/service.ts";
import type { Broker } from "./broker.ts";
import { openEmbeddedBroker } from "./embedded-broker.ts";
import { openOutsideBroker } from "./outside-broker.ts";
import { BOOT, bytes, packet, samples, site, topic } from "./sample.fixture.ts";
import { until } from "./until.fixture.ts";

const run = promisify(execFile);

/** A broker under test, and the address its devices connect to. */
interface Setup extends AsyncDisposable {
  readonly broker: Broker;
  readonly url: string;
}

async function embedded(): Promise<Setup> {
  const broker = await openEmbeddedBroker({ host: "127.0.0.1", port: 0, site });
  return { broker, url: broker.url, [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() };
}

async function outside(): Promise<Setup> {
  const mosquitto = await startMosquitto();
  const connected = Promise.withResolvers<void>();
  const broker = openOutsideBroker({
    url: mosquitto.url,
    site: site.site,
    onState: ({ kind }) => kind === "connected" && connected.resolve(),
  });
  await connected.promise;
  return {
    broker,
    url: mosquitto.url,
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]();
      await mosquitto[Symbol.asyncDispose]();
    },
  };
}

const happens = (client: MqttClient, event: "connect" | "close") =>
  new Promise<void>((resolve) => client.once(event, () => resolve()));

const clients: MqttClient[] = [];
async function device(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = mqtt.connect(url, { protocolVersion: 4, clientId: "k1-1", reconnectPeriod: 0, ...options });
  clients.push(client);
  client.on("error", () => {});
  await happens(client, "connect");
  return client;
}
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
});

const say = <C extends ReadingChannel>(client: MqttClient, channel: C, over = {}) => {
  const { payload } = packet(channel, over);
  return client.publishAsync(topic(channel), Buffer.from(payload), delivery[channel]);
};
const heardBy = (broker: Broker) => {
  const heard: { topic: string; text: string }[] = [];
  broker.onMessages(async (messages) => {
    for (const { topic: at, payload } of messages) heard.push({ topic: at, text: new TextDecoder().decode(payload) });
  });
  return heard;
};

describe.each([
  ["embedded", embedded],
  ["outside (mosquitto)", outside],
] as const)("%s broker", (_, open) => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await open();
  });
  afterEach(() => setup[Symbol.asyncDispose]());

  it("hears what devices say on every channel, as they said it", async () => {
    const heard = heardBy(setup.broker);
    const client = await device(setup.url);
    const channels = Object.keys(samples) as ReadingChannel[];
    for (const channel of channels) await say(client, channel);
    await until(() => heard.length === channels.length);
    const expected = channels.map((c) => ({ topic: topic(c), text: JSON.stringify(samples[c]) }));
    expect(heard.sort((a, b) => a.topic.localeCompare(b.topic))).toEqual(
      expected.sort((a, b) => a.topic.localeCompare(b.topic)),
    );
  });

  it("keeps the order of one device's readings", async () => {
    const heard = heardBy(setup.broker);
    const client = await device(setup.url);
    await Promise.all(Array.from({ length: 300 }, (_, seq) => say(client, "level", { seq })));
    await until(() => heard.length === 300);
    expect(heard.map((h) => JSON.parse(h.text).seq)).toEqual(Array.from({ length: 300 }, (_, seq) => seq));
  });

  it("says to a device what is meant for it; what is retained also to one that comes later", async () => {
    const config = JSON.stringify({ version: 3, silent: false });
    await setup.broker.publish(topicFor("demo", "k1-1", "config"), config, delivery.config);
    const client = await device(setup.url);
    const got: string[] = [];
    client.on("message", (at, payload) => got.push(`${at.split("/").at(-1)} ${payload}`));
    await client.subscribeAsync([topicFor("demo", "k1-1", "config"), topicFor("demo", "k1-1", "receipt")], { qos: 1 });
    await until(() => got.length === 1);
    const receipt = JSON.stringify({ boot: BOOT, through: 5, beyond: [] });
    await setup.broker.publish(topicFor("demo", "k1-1", "receipt"), receipt, delivery.receipt);
    await until(() => got.length === 2);
    expect(got).toEqual([`config ${config}`, `receipt ${receipt}`]);
  });

  it("tells of a device that is lost by its will", async () => {
    const heard = heardBy(setup.broker);
    const payload = JSON.stringify({ ...samples.status, status: "offline" });
    const client = await device(setup.url, {
      will: { topic: topic("status"), payload: Buffer.from(payload), qos: 1, retain: true },
    });
    client.stream.destroy();
    await until(() => heard.length === 1);
    expect(heard).toEqual([{ topic: topic("status"), text: payload }]);
  });

  it("a handler that cannot keep a message does not stop those that come after", async () => {
    let refuse = true;
    const kept: string[] = [];
    setup.broker.onMessages(async (messages) => {
      if (refuse) throw new Error("the disk is full");
      for (const { payload } of messages) kept.push(new TextDecoder().decode(payload));
    });
    const unlucky = await device(setup.url);
    await Promise.race([say(unlucky, "level").catch(() => {}), happens(unlucky, "close")]);
    refuse = false;
    await say(await device(setup.url), "level", { seq: 1 });
    await until(() => kept.some((text) => JSON.parse(text).seq === 1));
  });

  it("takes mosquitto_pub for a device", async () => {
    const heard = heardBy(setup.broker);
    const { hostname, port } = new URL(setup.url);
    const message = JSON.stringify(samples.state);
    const args = ["-h", hostname, "-p", port, "-t", topic("state"), "-m", message];
    await run(pathOf("mosquitto_pub"), args);
    await run(pathOf("mosquitto_pub"), [...args, "-q", "1"]);
    await until(() => heard.length === 2);
    expect(heard).toEqual([0, 1].map(() => ({ topic: topic("state"), text: message })));
  });
});

describe("the embedded broker", () => {
  let setup: Setup;
  beforeEach(async () => {
    setup = await embedded();
  });
  afterEach(() => setup[Symbol.asyncDispose]());
  const tick = () => new Promise((resolve) => setImmediate(resolve));

  it("acknowledges only what is safe", async () => {
    const safe = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    setup.broker.onMessages(() => {
      arrived.resolve();
      return safe.promise;
    });
    let acknowledged = false;
    const published = say(await device(setup.url), "level").then(() => {
      acknowledged = true;
    });
    await arrived.promise;
    for (let i = 0; i < 100; i++) await tick();
    expect(acknowledged).toBe(false);
    safe.resolve();
    await published;
  });

  it("does not acknowledge what could not be kept, and lets the device try again", async () => {
    setup.broker.onMessages(() => Promise.reject(new Error("the disk is full")));
    const client = await device(setup.url);
    let acknowledged = false;
    say(client, "level").then(
      () => {
        acknowledged = true;
      },
      () => {},
    );
    await happens(client, "close");
    expect(acknowledged).toBe(false);
  });

  it("keeps a device connected whatever it publishes, and hands all of it over", async () => {
    const heard = heardBy(setup.broker);
    const client = await device(setup.url);
    const odd = ["no/topic/of/ours", "$SYS/broker", "fortrolig/v1/demo/k1-1/receipt", "fortrolig/v1/demo/zz/level"];
    for (const at of odd) await client.publishAsync(at, Buffer.from(bytes("{")), { qos: 1, retain: true });
    expect(heard.map((h) => h.topic)).toEqual(odd);
    expect(client.connected).toBe(true);
    await say(client, "level");
    expect(heard.length).toBe(5);
  });

  it("says all that is said to a device at one time, whichever of it is ready first", async () => {
    await using one = await embedded();
    const lasting = await device(one.url, { clean: false });
    const got: string[] = [];
    lasting.on("message", (at) => got.push(at.split("/").at(-1)!));
    const channels = ["config", "indicator", "lease", "receipt"] as const;
    await lasting.subscribeAsync(
      channels.map((channel) => topicFor("demo", "k1-1", channel)),
      { qos: 1 },
    );
    await Promise.all(
      channels.map((channel) => one.broker.publish(topicFor("demo", "k1-1", channel), "{}", delivery[channel])),
    );
    await until(() => got.length >= channels.length || !lasting.connected);
    expect(got.toSorted()).toEqual(channels);
    expect(lasting.connected).toBe(true);
  });

  it("takes a long message as it is, and cuts off one that would fill the memory before it has arrived", async () => {
    const heard = heardBy(setup.broker);
    const client = await device(setup.url);
    await client.publishAsync(topic("level"), Buffer.alloc(200_000, 0x20), { qos: 1 });
    expect(heard.map((h) => h.text.length)).toEqual([200_000]);
    const closed = happens(client, "close");
    // The header of a publication of 200 MB, and nothing of it.
    client.stream.write(Buffer.from([0x30, 0x80, 0x84, 0xaf, 0x5f]));
    await closed;
    await say(await device(setup.url), "level");
    expect(heard.length).toBe(2);
  });

  it("passes on to other clients only a device's birth and status, and keeps nothing else", async () => {
    heardBy(setup.broker);
    const sender = await device(setup.url);
    const forged = topicFor("demo", "k1-1", "config");
    await sender.publishAsync(forged, JSON.stringify({ version: 9, silent: true }), { qos: 1, retain: true });
    const { payload } = packet("level");
    await sender.publishAsync(topic("level"), Buffer.from(payload), { qos: 1, retain: true });
    await say(sender, "status");
    const listener = await device(setup.url, { clientId: "k1-1-beside" });
    const got: string[] = [];
    listener.on("message", (at, _, { retain }) => got.push(`${at.split("/").at(-1)} ${retain}`));
    const granted = await listener
      .subscribeAsync([forged, topic("status"), topic("level")], { qos: 1 })
      .catch(() => []);
    await until(() => got.length > 0);
    await sender.publishAsync(forged, "{}", { qos: 1 });
    await say(sender, "status", { status: "offline" });
    await until(() => got.length > 1);
    expect(got).toEqual(["status true", "status false"]);
    expect(granted.length === 0 || granted.some(({ qos }) => qos === 128)).toBe(true);
  });

  it.each([
    "#",
    "fortrolig/#",
    "$SYS/#",
    "+/+/+/+/+",
    topicFor("demo", "k1-1", "level"),
    topicFor("demo", "p1-1", "config"),
  ])("does not let a device subscribe to %s", async (filter) => {
    const client = await device(setup.url);
    const packets: { cmd: string; granted?: unknown }[] = [];
    client.on("packetreceive", (p) => packets.push(p as never));
    await client.subscribeAsync(filter).catch(() => {});
    expect(packets.filter((p) => p.cmd === "suback").map((p) => p.granted)).toEqual([[128]]);
  });

  it("refuses a lasting session without a name, with the code the standard gives", async () => {
    const { port } = new URL(setup.url);
    const socket = connectTcp(Number(port), "127.0.0.1");
    // CONNECT, MQTT 3.1.1, flags 0 (clean session off), keep-alive 60 s, empty client id.
    socket.write(Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0, 0, 60, 0, 0]));
    const [connack] = (await once(socket, "data")) as [Buffer];
    expect([...connack]).toEqual([0x20, 2, 0, 2]);
    await once(socket, "close");
  });

  it("takes no more clients than it is set to", async () => {
    await using small = await openEmbeddedBroker({ host: "127.0.0.1", port: 0, site, maxClients: 2 });
    small.onMessages(async () => {});
    await device(small.url, { clientId: "a" });
    await device(small.url, { clientId: "b" });
    expect(small.clients()).toBe(2);
    const third = mqtt.connect(small.url, { protocolVersion: 4, clientId: "c", reconnectPeriod: 0 });
    clients.push(third);
    const error = await new Promise<Error>((resolve) => third.once("error", resolve));
    expect((error as Error & { code?: number }).code).toBe(3);
  });

  it("says in one line that its port is taken, and what to do", async () => {
    const { port } = new URL(setup.url);
    await expect(openEmbeddedBroker({ host: "127.0.0.1", port: Number(port), site })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken; set FORTROLIG_MQTT=host:port`,
    );
  });

  it("closes with clients connected, and takes their wills for no news", async () => {
    const heard = heardBy(setup.broker);
    const will = { topic: topic("status"), payload: Buffer.from("{}"), qos: 1, retain: true } as const;
    const connected = [];
    for (const clientId of ["a", "b", "c"]) connected.push(await device(setup.url, { clientId, will }));
    const closed = connected.map((client) => happens(client, "close"));
    await setup[Symbol.asyncDispose]();
    await Promise.all(closed);
    expect(heard).toEqual([]);
  });
});

describe("an outside broker", () => {
  it("that is away is waited for, and heard again after a restart, with what it kept meanwhile", async () => {
    await using mosquitto = await startMosquitto();
    const states: string[] = [];
    await using broker = openOutsideBroker({
      url: mosquitto.url,
      site: site.site,
      random: () => 0,
      onState: (state) => states.push(state.kind),
    });
    const heard = heardBy(broker);
    await until(() => broker.connected() && states.includes("connected"));
    await mosquitto.stop();
    await until(() => states.at(-1) === "waiting");
    await expect(broker.publish("any", "x", delivery.receipt)).rejects.toThrow("the outside broker is not connected");
    await mosquitto.start();
    // Before the gateway is back: the broker keeps it for the gateway's session.
    await say(await device(mosquitto.url), "level", { seq: 41 });
    await until(() => states.at(-1) === "connected");
    await until(() => heard.length === 1);
    await say(await device(mosquitto.url), "level", { seq: 42 });
    await until(() => heard.length === 2);
    expect(heard.map((h) => JSON.parse(h.text).seq)).toEqual([41, 42]);
  });

  it("is told on connecting what is to be retained, and again when it has lost it", async () => {
    await using mosquitto = await startMosquitto(["persistence false"]);
    await mosquitto.stop();
    const states: string[] = [];
    await using broker = openOutsideBroker({
      url: mosquitto.url,
      site: site.site,
      random: () => 0,
      onState: (state) => states.push(state.kind),
    });
    await until(() => states.includes("waiting"));
    const config = topicFor("demo", "k1-1", "config");
    await broker.publish(config, '{"version":1,"silent":true}', delivery.config);
    await broker.publish(config, '{"version":2,"silent":true}', delivery.config);
    for (let start = 0; start < 2; start++) {
      await mosquitto.start();
      await until(() => states.at(-1) === "connected");
      const client = await device(mosquitto.url);
      const got: string[] = [];
      client.on("message", (_, payload) => got.push(String(payload)));
      await client.subscribeAsync(config, { qos: 1 });
      await until(() => got.length > 0);
      expect(got).toEqual(['{"version":2,"silent":true}']);
      await mosquitto.stop();
      await until(() => states.at(-1) === "waiting");
    }
  });

  it("that is not there when the gateway starts does not stop it", async () => {
    const states: object[] = [];
    const broker = openOutsideBroker({ url: "mqtt://127.0.0.1:1", site: site.site, onState: (s) => states.push(s) });
    await until(() => states.length > 0);
    expect(broker.connected()).toBe(false);
    expect(states[0]).toMatchObject({ kind: "waiting", reason: expect.stringContaining("ECONNREFUSED") });
    await broker[Symbol.asyncDispose]();
  });

  it("is acknowledged at once, however long a message takes to be safe", async () => {
    await using setup = await outside();
    const safe = Promise.withResolvers<void>();
    let arrived = 0;
    setup.broker.onMessages(() => {
      arrived++;
      return safe.promise;
    });
    const client = await device(setup.url);
    await Promise.all(Array.from({ length: 1000 }, (_, seq) => say(client, "level", { seq })));
    await until(() => arrived === 1000);
    safe.resolve();
  });
});
