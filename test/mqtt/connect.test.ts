/** MQTT 3.1.1 §3.1 and §3.2, by bytes: who is let in, and with which answer. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, field, packet, pingreq, uint16 } from "./packets.ts";
import { newBoot, openPort, type Port, reading } from "./port.ts";
import { openClient, openSocket } from "./raw-client.ts";

let port: Port;
beforeAll(async () => {
  port = await openPort();
});
afterAll(() => port[Symbol.asyncDispose]());

/** Everything that is answered to these bytes on a connection of their own, once that is closed. */
async function answerTo(...bytes: readonly Uint8Array[]): Promise<string[]> {
  await using client = await openSocket(port.url);
  client.send(...bytes);
  return await client.rest();
}

/** A CONNECT of which everything after the protocol level is said byte by byte. */
const odd = (flags: number, ...fields: readonly Uint8Array[]) =>
  packet("connect", 0, field("MQTT"), Buffer.from([4, flags]), uint16(0), ...fields);

describe("a connection is let in", () => {
  it.each<[string, Uint8Array]>([
    ["with CONNACK 0 as the first packet [MQTT-3.2.0-1], no session being present [MQTT-3.2.2-1]", connect()],
    ["with an empty client id, when its session ends with it [MQTT-3.1.3-6]", connect({ id: "" })],
    ["with 23 letters and digits for a client id [MQTT-3.1.3-5]", connect({ id: "0123456789abcdefghijXYZ" })],
    ["with a client id that is longer, and of any letters", connect({ id: "måler i samtalerum 1".repeat(5) })],
    ["with user name and password, which nobody asks for yet", odd(0xc2, field("k1"), field("name"), field("word"))],
    [
      "by the older name of the protocol (3.1), which the standard leaves open [MQTT-3.1.2-1]",
      connect({ protocol: "MQIsdp", level: 3 }),
    ],
  ])("%s", async (_, bytes) => {
    await using client = await openSocket(port.url);
    client.send(bytes, pingreq);
    expect(await client.hear(2)).toEqual(["connack 0 0", "pingresp"]);
  });

  it("before it has its CONNACK it may publish, more than a hundred messages in one segment [MQTT-3.1.4-4]", async () => {
    const boot = newBoot();
    await using client = await openSocket(port.url);
    client.send(connect(), ...Array.from({ length: 300 }, (_, seq) => reading(boot, seq)));
    const acknowledged = Array.from({ length: 300 }, (_, seq) => `puback ${seq + 1}`);
    expect(await client.hear(301)).toEqual(["connack 0 0", ...acknowledged]);
    expect(await port.stored(boot)).toEqual(Array.from({ length: 300 }, (_, seq) => seq));
  });
});

describe("a connection is refused, with the code that the standard gives, and closed [MQTT-3.2.2-5]", () => {
  it.each<[string, Uint8Array, string]>([
    ["a session that is to last, without a name: 2 [MQTT-3.1.3-8]", connect({ id: "", clean: false }), "connack 0 2"],
    ["level 6: 1 [MQTT-3.1.2-2]", connect({ level: 6 }), "connack 0 1"],
    ["level 0: 1 [MQTT-3.1.2-2]", connect({ level: 0 }), "connack 0 1"],
    [
      "MQTT 5: 1 [MQTT-3.1.2-2]",
      packet("connect", 0, field("MQTT"), Buffer.from([5, 2]), uint16(0), Buffer.from([0]), field("k1")),
      "connack 0 1",
    ],
  ])("%s", async (_, bytes, answer) => {
    const boot = newBoot();
    // [MQTT-3.1.4-5]: nothing that follows is taken.
    expect(await answerTo(bytes, reading(boot, 0))).toEqual([answer]);
    expect(await port.stored(boot)).toEqual([]);
  });
});

describe("a connection is closed without an answer [MQTT-3.1.4-1]", () => {
  it.each<[string, Uint8Array]>([
    ["by another name of the protocol [MQTT-3.1.2-1]", connect({ protocol: "MQTX" })],
    ["with the reserved flag [MQTT-3.1.2-3]", connect({ flags: 1 })],
    [
      "with reserved bits in its first byte [MQTT-2.2.2-2]",
      packet("connect", 1, field("MQTT"), Buffer.from([4, 2]), uint16(0), field("k1")),
    ],
    ["with a will's QoS and no will [MQTT-3.1.2-13]", connect({ flags: 8 })],
    ["with a will to be retained and no will [MQTT-3.1.2-15]", connect({ flags: 32 })],
    ["with a will of QoS 3 [MQTT-3.1.2-14]", odd(0x1e, field("k1"), field("a"), field("b"))],
    ["with a password and no user name [MQTT-3.1.2-22]", odd(0x42, field("k1"), field("word"))],
    ["with a user name by its flag only [MQTT-3.1.2-19]", odd(0x82, field("k1"))],
    ["without a client id [MQTT-3.1.3-3]", odd(2)],
    ["with a client id that is not UTF-8 [MQTT-3.1.3-4]", odd(2, field(Buffer.from([0x6b, 0xff])))],
    ["with a null character in its client id [MQTT-1.5.3-2]", odd(2, field("k\0"))],
    [
      "with a will's topic that is not UTF-8 [MQTT-3.1.3-10]",
      odd(6, field("k1"), field(Buffer.from([0xc0, 0x80])), field("x")),
    ],
    ["of MQTT 5 without its fields", connect({ level: 5 })],
    ["cut off after the level", packet("connect", 0, field("MQTT"), Buffer.from([4]))],
    ["when its first packet is another [MQTT-3.1.0-1]", pingreq],
  ])("%s", async (_, bytes) => {
    expect(await answerTo(bytes)).toEqual([]);
  });

  it("when its first packet is a right reading, which is not stored [MQTT-3.1.0-1]", async () => {
    const boot = newBoot();
    expect(await answerTo(reading(boot, 0), connect())).toEqual([]);
    expect(await port.stored(boot)).toEqual([]);
  });

  it("at a second CONNECT [MQTT-3.1.0-2]", async () => {
    await using client = await openClient(port.url);
    client.send(connect());
    expect(await client.rest()).toEqual([]);
  });
});

describe("of two clients of one name", () => {
  it("the one that is there goes when another comes [MQTT-3.1.4-2]", async () => {
    await using first = await openClient(port.url, { id: "twin" });
    await using second = await openClient(port.url, { id: "twin" });
    expect(await first.rest()).toEqual([]);
    second.send(pingreq);
    expect(await second.hear()).toEqual(["pingresp"]);
  });
});
