/** What one device can make the broker keep, by bytes: nothing that was refused, and of a lasting session so much. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_PAYLOAD_BYTES } from "#protocol/topics.ts";
import { metric } from "#test/journeys/running-gateway.ts";
import { on, openBrokerAlone } from "./broker-alone.ts";
import { connect, disconnect, identifierOf, pingreq, puback, publish, subscribe, words } from "./packets.ts";
import { newBoot, nonsense, openPort, type Port, status, topic } from "./port.ts";
import { openClient, openSocket } from "./raw-client.ts";

describe("what the gateway has refused", () => {
  let port: Port;
  beforeAll(async () => {
    port = await openPort();
  });
  afterAll(() => port[Symbol.asyncDispose]());

  const oversize = "x".repeat(MAX_PAYLOAD_BYTES + 1);

  it("is acknowledged and goes on to nobody, nor is it retained; what it has taken does and is", async () => {
    const online = status(newBoot(), "online");
    await using listener = await openClient(port.url, { id: "listener" });
    listener.send(subscribe(1, [topic("status"), 1]));
    await listener.hear();
    await using device = await openClient(port.url);
    device.send(publish({ topic: topic("status"), payload: online, retain: true, id: 1 }));
    expect(await device.hear()).toEqual(["puback 1"]);
    device.send(
      nonsense("status", { retain: true, id: 2 }),
      publish({ topic: topic("status"), payload: oversize, retain: true, id: 3 }),
      publish({ topic: topic("status"), payload: "", retain: true, id: 4 }),
      nonsense("birth", { qos: 0, retain: true }),
      nonsense("birth", { qos: 2, retain: true, id: 5 }),
      publish({ topic: topic("status"), payload: online, id: 6 }),
    );
    expect((await device.hear(5)).sort()).toEqual(["puback 2", "puback 3", "puback 4", "puback 6", "pubrec 5"]);
    const said = `publish qos1 ${topic("status")} ${online}`;
    expect(await listener.hear(2)).toEqual([said, said]);
    await using later = await openClient(port.url, { id: "later" });
    later.send(subscribe(1, [topic("status"), 1]), pingreq);
    expect((await later.hear(3)).sort()).toEqual([
      "pingresp",
      `publish qos1 retained ${topic("status")} ${online}`,
      "suback 1 1",
    ]);
    expect([listener.heard(), later.heard()]).toEqual([[], []]);
  });

  it("is no will either", async () => {
    await using listener = await openClient(port.url, { id: "listener" });
    listener.send(subscribe(1, [topic("status", "k2"), 1]));
    await listener.hear();
    const offline = status(newBoot(), "offline");
    for (const payload of ["lost", oversize, offline]) {
      const will = { topic: topic("status", "k2"), payload, qos: 1, retain: true } as const;
      await using device = await openClient(port.url, { id: "k2", will });
      device.socket.destroy();
      await expect.poll(() => port.clients()).toBe(1);
    }
    expect(await listener.hear()).toEqual([`publish qos1 ${topic("status", "k2")} ${offline}`]);
    expect(listener.heard()).toEqual([]);
  });
});

describe("a lasting session", () => {
  const lasting = { id: "k1-1", clean: false };
  const asked = subscribe(1, [on("lease"), 1], [on("config"), 1], [on("status"), 1]);
  const leases = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => `publish qos1 ${on("lease")} ${from + i}`);

  it("of a device that is away is owed a hundred messages: of what was said most the newest, of everything else all", async () => {
    await using alone = await openBrokerAlone();
    await using device = await openClient(alone.url, lasting);
    device.send(asked);
    await device.hear();
    device.send(disconnect);
    await device.rest();
    await alone.say("config", "told once");
    for (let i = 0; i < 250; i++) await alone.say("lease", String(i));
    expect(alone.broker.dropped()).toBe(151);
    await using back = await openSocket(alone.url);
    back.send(connect(lasting), pingreq);
    expect((await back.hear(102)).filter((text) => text !== "pingresp")).toEqual([
      "connack 1 0",
      `publish qos1 retained ${on("config")} told once`,
      ...leases(151, 250),
    ]);
  });

  it("of a device that acknowledges nothing is told everything while it is there, and the newest once more when it comes back", async () => {
    await using alone = await openBrokerAlone();
    {
      await using device = await openClient(alone.url, lasting);
      device.send(asked);
      await device.hear();
      await Promise.all(Array.from({ length: 250 }, (_, i) => alone.say("lease", String(i))));
      expect(await device.hear(250)).toEqual(leases(0, 250));
    }
    await using back = await openSocket(alone.url);
    back.send(connect(lasting));
    expect(await back.hear()).toEqual(["connack 1 0"]);
    const again = [];
    for (let i = 0; i < 100; i++) again.push(await back.packet());
    expect(again.map(words)).toEqual(leases(150, 250));
    back.send(...again.map((packet) => puback(identifierOf(packet))), pingreq);
    expect(await back.hear()).toEqual(["pingresp"]);
    await using last = await openSocket(alone.url);
    last.send(connect(lasting), pingreq);
    expect(await last.hear(2)).toEqual(["connack 1 0", "pingresp"]);
  });

  it("does not fill the memory with what its own device says and leaves unacknowledged; what is dropped is counted", async () => {
    await using port = await openPort();
    const online = status(newBoot(), "online");
    await using device = await openClient(port.url, { clean: false });
    device.send(subscribe(1, [topic("status"), 1]));
    await device.hear();
    for (let i = 0; i < 300; i++) device.send(publish({ topic: topic("status"), payload: online, id: 1 + i }));
    await device.hear(600);
    expect(await metric(port.gateway.url, "fortrolig_mqtt_dropped_total")).toEqual({ "": 200 });
  });
});
