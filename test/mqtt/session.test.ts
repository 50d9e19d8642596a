/** MQTT 3.1.1 §3.1.2.4 and §4.4, by bytes: what a session keeps for a device that is away. It lasts as long as the gateway's process. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BrokerAlone, on, openBrokerAlone } from "./broker-alone.ts";
import { connect, disconnect, identifierOf, pingreq, puback, subscribe, words } from "./packets.ts";
import { openClient, openSocket } from "./raw-client.ts";

let alone: BrokerAlone;
beforeEach(async () => {
  alone = await openBrokerAlone();
});
afterEach(() => alone[Symbol.asyncDispose]());

const lasting = { id: "k1-1", clean: false };
const asked = subscribe(1, [on("lease"), 1], [on("receipt"), 0]);

/** A lasting session of k1-1 that listens for leases and receipts; its device has gone. */
async function leaveSession(): Promise<void> {
  await using device = await openClient(alone.url, lasting);
  device.send(asked);
  await device.hear();
  device.send(disconnect);
  await device.rest();
}

describe("a session that is to last", () => {
  it("keeps what comes while its device is away: QoS 1 in order, QoS 0 not [MQTT-3.1.2-5] [MQTT-3.2.2-2]", async () => {
    await leaveSession();
    for (const text of ["1", "2", "3"]) {
      await alone.say("lease", text);
      await alone.say("receipt", text);
    }
    await using back = await openSocket(alone.url);
    back.send(connect(lasting));
    const kept = ["1", "2", "3"].map((text) => `publish qos1 ${on("lease")} ${text}`);
    expect(await back.hear(4)).toEqual(["connack 1 0", ...kept]);
    await alone.say("lease", "4");
    expect(await back.hear()).toEqual([`publish qos1 ${on("lease")} 4`]);
  });

  it("says again under the same packet identifier what was not acknowledged, and nothing that was [MQTT-4.4.0-1]; without the DUP flag, which aedes does not set", async () => {
    const identifiers: number[] = [];
    {
      await using device = await openClient(alone.url, lasting);
      device.send(asked);
      await device.hear();
      for (const text of ["1", "2", "3"]) await alone.say("lease", text);
      for (let i = 0; i < 3; i++) identifiers.push(identifierOf(await device.packet()));
      device.send(puback(identifiers[1]!), pingreq);
      await device.hear();
    }
    await using back = await openSocket(alone.url);
    back.send(connect(lasting));
    expect(await back.hear()).toEqual(["connack 1 0"]);
    const again = [await back.packet(), await back.packet()];
    expect(again.map(words)).toEqual(["1", "3"].map((text) => `publish qos1 ${on("lease")} ${text}`));
    expect(again.map(identifierOf)).toEqual([identifiers[0], identifiers[2]]);
    back.send(...again.map((packet) => puback(identifierOf(packet))), pingreq);
    expect(await back.hear()).toEqual(["pingresp"]);
    await using last = await openSocket(alone.url);
    last.send(connect(lasting), pingreq);
    expect(await last.hear(2)).toEqual(["connack 1 0", "pingresp"]);
  });

  it("is forgotten when its device comes back for a clean one [MQTT-3.1.2-6] [MQTT-3.2.2-1]", async () => {
    await leaveSession();
    await alone.say("lease", "1");
    for (const clean of [true, false]) {
      await using back = await openSocket(alone.url);
      back.send(connect({ ...lasting, clean }), pingreq);
      expect(await back.hear(2)).toEqual(["connack 0 0", "pingresp"]);
      await alone.say("lease", "2");
      back.send(pingreq);
      expect(await back.hear()).toEqual(["pingresp"]);
    }
  });

  it("keeps nothing that was refused it, also when it was asked for beside what was granted", async () => {
    {
      await using device = await openClient(alone.url, { id: "p1-1", clean: false });
      device.send(subscribe(1, [on("lease", "p1-1"), 1], [on("lease", "k1-1"), 1]));
      expect(await device.hear()).toEqual(["suback 1 1 128"]);
    }
    await alone.say("lease", "for k1-1");
    await alone.say("lease", "for p1-1", "p1-1");
    await using back = await openSocket(alone.url);
    back.send(connect({ id: "p1-1", clean: false }));
    expect(await back.hear(2)).toEqual(["connack 1 0", `publish qos1 ${on("lease", "p1-1")} for p1-1`]);
    back.send(pingreq);
    expect(await back.hear()).toEqual(["pingresp"]);
  });

  it("is one device's own: another of the same name takes it over, with what it had not acknowledged", async () => {
    await using first = await openClient(alone.url, lasting);
    first.send(asked);
    await first.hear();
    await alone.say("lease", "1");
    await first.hear();
    await using second = await openSocket(alone.url);
    second.send(connect(lasting));
    expect(await second.hear(2)).toEqual(["connack 1 0", `publish qos1 ${on("lease")} 1`]);
    expect(await first.rest()).toEqual([]);
  });
});

it("a clean session ends with its connection: what was said meanwhile does not come, what is retained does [MQTT-3.1.2-7]", async () => {
  {
    await using device = await openClient(alone.url, { id: "k1-1" });
    device.send(asked);
    await device.hear();
  }
  await alone.say("lease", "1");
  await alone.say("config", "2");
  await using back = await openSocket(alone.url);
  back.send(connect({ id: "k1-1" }), subscribe(2, [on("lease"), 1], [on("config"), 1]));
  expect(await back.hear(3)).toEqual(["connack 0 0", "suback 2 1 1", `publish qos1 retained ${on("config")} 2`]);
});
