/** MQTT 3.1.1 §3.1.2.5 and §3.14, by bytes: the word that a device has left for when it is lost. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BrokerAlone, on, openBrokerAlone } from "./broker-alone.ts";
import { disconnect, pingreq, publish, subscribe } from "./packets.ts";
import { startProxy } from "./proxy.ts";
import { openClient, type RawClient } from "./raw-client.ts";

let alone: BrokerAlone;
let listener: RawClient;
beforeEach(async () => {
  alone = await openBrokerAlone();
  listener = await openClient(alone.url, { id: "listener" });
  listener.send(subscribe(1, [on("status"), 1]));
  await listener.hear();
});
afterEach(async () => {
  await listener[Symbol.asyncDispose]();
  await alone[Symbol.asyncDispose]();
});

const will = { topic: on("status"), payload: "lost", qos: 1, retain: true } as const;
const lost = `publish qos1 ${on("status")} lost`;

describe("a will is published when the connection ends [MQTT-3.1.2-8]", () => {
  it.each<[string, (device: RawClient) => void]>([
    ["by itself", (device) => device.socket.end()],
    ["with a reset", (device) => device.socket.resetAndDestroy()],
    ["because the device sent what is no packet", (device) => device.send(Buffer.from([0xff, 0xff]))],
    ["because it published under packet identifier 0", (device) => device.send(publish({ topic: on("level"), id: 0 }))],
    ["because it was silent for longer than one and a half times what it had promised", () => {}],
  ])("%s, and is kept for who comes later [MQTT-3.1.2-17]", async (_, end) => {
    await using device = await openClient(alone.url, { id: "k1-1", keepaliveS: 1, will });
    end(device);
    expect(await listener.hear()).toEqual([lost]);
    expect(alone.heard).toEqual(["status lost"]);
    await using later = await openClient(alone.url, { id: "later" });
    later.send(subscribe(1, [on("status"), 1]));
    expect(await later.hear(2)).toEqual(["suback 1 1", `publish qos1 retained ${on("status")} lost`]);
  });

  it("because the network between has lost its way: neither side hears the other go", async () => {
    await using proxy = await startProxy(alone.url);
    await using device = await openClient(proxy.url, { id: "k1-1", keepaliveS: 1, will });
    proxy.swallow();
    const pings = setInterval(() => device.send(pingreq), 300);
    expect(await listener.hear()).toEqual([lost]);
    clearInterval(pings);
    expect([alone.heard, device.heard(), device.socket.destroyed]).toEqual([["status lost"], [], false]);
    await expect.poll(() => alone.broker.clients()).toBe(1);
  });

  it("because another has taken its name: before the other has its CONNACK, and the other's own later", async () => {
    await using first = await openClient(alone.url, { id: "k1-1", will });
    await using second = await openClient(alone.url, { id: "k1-1", will: { ...will, payload: "lost again" } });
    await first.rest();
    expect(alone.heard).toEqual(["status lost"]);
    second.socket.destroy();
    expect(await listener.hear(2)).toEqual([lost, `${lost} again`]);
  });
});

describe("a will is not published", () => {
  it("after DISCONNECT [MQTT-3.14.4-3], though it comes in the segment of the last message", async () => {
    await using device = await openClient(alone.url, { id: "k1-1", will });
    device.send(publish({ topic: on("level"), payload: "1", qos: 0 }), disconnect);
    await device.rest();
    await expect.poll(() => alone.heard).toEqual(["level 1"]);
    await using next = await openClient(alone.url, { id: "k1-1" });
    next.send(pingreq);
    await next.hear();
    expect([alone.heard, listener.heard()]).toEqual([["level 1"], []]);
  });

  it("where there is none [MQTT-3.1.2-12]; and one on another topic is the gateway's to refuse, and nobody else's to hear", async () => {
    await (await openClient(alone.url, { id: "k1-1" }))[Symbol.asyncDispose]();
    const odd = { topic: `${"deep/".repeat(150)}end`, payload: "{}", retain: true };
    await (await openClient(alone.url, { id: "k1-1", will: odd }))[Symbol.asyncDispose]();
    await expect.poll(() => alone.heard).toEqual(["end {}"]);
    expect(listener.heard()).toEqual([]);
  });
});
