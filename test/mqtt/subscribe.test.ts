/**
 * MQTT 3.1.1 §3.8 to §3.11, by bytes: who hears what. The port has no wildcards, and of what devices say it passes on only
 * `birth` and `status`; both may be refused by the standard ([MQTT-3.8.3-2], [MQTT-3.9.3-2]).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BrokerAlone, on, openBrokerAlone } from "./broker-alone.ts";
import { pingreq, puback, publish, subscribe, unsubscribe } from "./packets.ts";
import { openClient, type RawClient } from "./raw-client.ts";

let alone: BrokerAlone;
let device: RawClient;
beforeEach(async () => {
  alone = await openBrokerAlone();
  device = await openClient(alone.url, { id: "k1-1" });
});
afterEach(async () => {
  await device[Symbol.asyncDispose]();
  await alone[Symbol.asyncDispose]();
});

describe("SUBACK", () => {
  it("answers each filter in order, under the packet's identifier [MQTT-3.8.4-2] [MQTT-3.8.4-5] [MQTT-3.9.3-1]", async () => {
    device.send(subscribe(513, [on("receipt"), 0], [on("config"), 1], [on("status"), 2], [on("level"), 1]));
    expect(await device.hear()).toEqual(["suback 513 0 1 2 128"]);
  });

  it.each([
    ["all that there is", "#"],
    ["all of the site", "fortrolig/v1/demo/#"],
    ["one channel of all devices", "fortrolig/v1/demo/+/status"],
    ["the broker's own words [MQTT-4.7.2-1]", "$SYS/#"],
    ["the broker's own words by a wildcard in front", "+/new/clients"],
    ["readings", on("level")],
    ["what is said to another device", on("config", "p1-1")],
    ["another site", "fortrolig/v1/elsewhere/k1-1/config"],
    ["a filter of 200 levels", "a/".repeat(200)],
    ["a filter with a null character", `${on("config")}\0`],
    ["a shared subscription, which MQTT 3.1.1 does not know", `$share/all/${on("config")}`],
  ])("refuses %s with 128", async (_, filter) => {
    device.send(subscribe(7, [filter, 1]), pingreq);
    expect((await device.hear(2)).sort()).toEqual(["pingresp", "suback 7 128"]);
  });
});

describe("a message to a device", () => {
  it("comes with the lower of its own QoS and the subscription's [MQTT-3.8.4-6]", async () => {
    device.send(subscribe(1, [on("lease"), 0], [on("indicator"), 1], [on("receipt"), 1]));
    await device.hear();
    await alone.say("lease", "1");
    expect(await device.hear()).toEqual([`publish qos0 ${on("lease")} 1`]);
    await alone.say("indicator", "2");
    expect(await device.hear()).toEqual([`publish qos1 ${on("indicator")} 2`]);
    await alone.say("receipt", "3");
    expect(await device.hear()).toEqual([`publish qos0 ${on("receipt")} 3`]);
  });

  it("comes once, though it was asked for twice: wildcards being refused, filters overlap only when they are the same [MQTT-3.3.5-1]", async () => {
    device.send(subscribe(1, [on("lease"), 1], [on("lease"), 0]), subscribe(2, [on("lease"), 1]));
    expect(await device.hear(2)).toEqual(["suback 1 0", "suback 2 1"]);
    for (const text of ["1", "2"]) await alone.say("lease", text);
    expect(await device.hear(2)).toEqual([`publish qos1 ${on("lease")} 1`, `publish qos1 ${on("lease")} 2`]);
  });

  it("comes in the order in which the gateway spoke [MQTT-4.6.0-6]", async () => {
    device.send(subscribe(1, [on("lease"), 1]));
    await device.hear();
    const words = Array.from({ length: 200 }, (_, i) => String(i));
    await Promise.all(words.map((text) => alone.say("lease", text)));
    expect(await device.hear(200)).toEqual(words.map((text) => `publish qos1 ${on("lease")} ${text}`));
  });

  it("comes no more after UNSUBSCRIBE, which is answered also when nothing matches [MQTT-3.10.4-2] [MQTT-3.10.4-5]", async () => {
    device.send(subscribe(1, [on("lease"), 0], [on("config"), 0]));
    await device.hear();
    device.send(unsubscribe(2, on("lease"), "never/asked/for", "#"));
    expect(await device.hear()).toEqual(["unsuback 2"]);
    await alone.say("lease", "1");
    await alone.say("config", "2");
    expect(await device.hear()).toEqual([`publish qos0 ${on("config")} 2`]);
    device.send(unsubscribe(3, on("lease")), pingreq);
    expect((await device.hear(2)).sort()).toEqual(["pingresp", "unsuback 3"]);
  });
});

describe("what is retained", () => {
  it("comes to a new subscription with RETAIN [MQTT-3.3.1-8], to one that is there without [MQTT-3.3.1-9]", async () => {
    await alone.say("config", "1");
    await alone.say("config", "2");
    device.send(subscribe(1, [on("config"), 1]));
    expect(await device.hear(2)).toEqual(["suback 1 1", `publish qos1 retained ${on("config")} 2`]);
    await alone.say("config", "3");
    expect(await device.hear()).toEqual([`publish qos1 ${on("config")} 3`]);
  });

  it("comes again when the same filter is asked for again [MQTT-3.8.4-3]", async () => {
    await alone.say("config", "1");
    for (const id of [1, 2]) {
      device.send(subscribe(id, [on("config"), 0]));
      expect(await device.hear(2)).toEqual([`suback ${id} 0`, `publish qos0 retained ${on("config")} 1`]);
    }
  });

  it("of a device is its birth and status, and is gone when it says so with nothing [MQTT-3.3.1-10] [MQTT-3.3.1-11]", async () => {
    await using listener = await openClient(alone.url, { id: "listener" });
    device.send(publish({ topic: on("status"), payload: "here", retain: true, id: 4 }));
    expect(await device.hear()).toEqual(["puback 4"]);
    listener.send(subscribe(1, [on("status"), 1]));
    expect(await listener.hear(2)).toEqual(["suback 1 1", `publish qos1 retained ${on("status")} here`]);
    device.send(publish({ topic: on("status"), payload: "passing", id: 5 }));
    expect(await listener.hear()).toEqual([`publish qos1 ${on("status")} passing`]);
    listener.send(subscribe(2, [on("status"), 1]));
    // [MQTT-3.3.1-12]: what is not to be retained leaves what is retained alone.
    expect(await listener.hear(2)).toEqual(["suback 2 1", `publish qos1 retained ${on("status")} here`]);
    device.send(publish({ topic: on("status"), payload: "", retain: true, id: 6 }));
    expect(await listener.hear()).toEqual([`publish qos1 ${on("status")} `]);
    listener.send(subscribe(3, [on("status"), 1]), pingreq);
    expect((await listener.hear(2)).sort()).toEqual(["pingresp", "suback 3 1"]);
  });

  it("is nothing that a device says to be retained elsewhere: a reading, a command, a $-topic", async () => {
    await using stranger = await openClient(alone.url, { id: "stranger" });
    const topics = [on("level"), on("config"), "$SYS/x", "$SYS/aedes/new/clients", "any/thing"];
    stranger.send(...topics.map((topic, i) => publish({ topic, payload: "{}", retain: true, id: i + 1 })));
    expect(await stranger.hear(5)).toEqual(topics.map((_, i) => `puback ${i + 1}`));
    device.send(subscribe(1, [on("config"), 1]), pingreq);
    expect((await device.hear(2)).sort()).toEqual(["pingresp", "suback 1 1"]);
    expect(alone.heard.length).toBe(5);
  });
});

it("a PUBACK for nothing is let pass", async () => {
  device.send(puback(99), pingreq);
  expect(await device.hear()).toEqual(["pingresp"]);
});
