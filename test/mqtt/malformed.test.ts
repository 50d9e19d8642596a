/** MQTT 3.1.1 §2, §1.5 and §4.8, by bytes: what is no packet ends its connection, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  connect,
  disconnect,
  field,
  packet,
  pingreq,
  publish,
  remainingLength,
  subscribe,
  uint16,
  unsubscribe,
} from "./packets.ts";
import { level, newBoot, openPort, type Port, reading, topic } from "./port.ts";
import { openClient, openSocket, type RawClient } from "./raw-client.ts";

let port: Port;
let beside: RawClient;
beforeAll(async () => {
  port = await openPort();
  beside = await openClient(port.url, { id: "beside" });
});
afterAll(async () => {
  await beside[Symbol.asyncDispose]();
  await port[Symbol.asyncDispose]();
});

const none = Buffer.alloc(0);
const oddFlags: [string, Uint8Array][] = (
  [
    ["puback", uint16(1)],
    ["pubrec", uint16(1)],
    ["pubrel", uint16(1)],
    ["pubcomp", uint16(1)],
    ["subscribe", Buffer.concat([uint16(1), field(topic("status")), Buffer.from([1])])],
    ["unsubscribe", Buffer.concat([uint16(1), field(topic("status"))])],
    ["pingreq", none],
    ["disconnect", none],
  ] as const
).flatMap(([type, body]) => {
  const right = ["pubrel", "subscribe", "unsubscribe"].includes(type) ? 2 : 0;
  return Array.from({ length: 16 }, (_, flags) => flags)
    .filter((flags) => flags !== right)
    .map((flags): [string, Uint8Array] => [`${type} with flags ${flags}`, packet(type, flags, body)]);
});

describe("what is no packet of a client ends the connection without an answer [MQTT-4.8.0-1]", () => {
  const cases: [string, Uint8Array][] = [
    ["a PUBLISH of QoS 3 [MQTT-3.3.1-4]", publish({ topic: topic("level"), payload: "{}", qos: 3 })],
    ["packet identifier 0 [MQTT-2.3.1-1]", publish({ topic: topic("level"), payload: level(newBoot(), 0), id: 0 })],
    [
      "packet identifier 0 under QoS 2 [MQTT-2.3.1-1]",
      publish({ topic: topic("level"), payload: level(newBoot(), 0), qos: 2, id: 0 }),
    ],
    ["a PUBLISH that ends in its topic", packet("publish", 2, Buffer.from([0, 5, 0x61]))],
    ["a PUBLISH that ends in its packet identifier", packet("publish", 2, field(topic("level")), Buffer.from([1]))],
    ["an empty topic [MQTT-4.7.3-1]", publish({ topic: "", payload: "{}" })],
    ["a topic with + [MQTT-3.3.2-2]", publish({ topic: "fortrolig/v1/+/k1/level", payload: "{}" })],
    ["a topic with # [MQTT-3.3.2-2]", publish({ topic: "fortrolig/v1/#", payload: "{}" })],
    ["a topic that is not UTF-8 [MQTT-1.5.3-1]", publish({ topic: Buffer.from([0x66, 0xff, 0xfe]), payload: "{}" })],
    [
      "a topic with half a surrogate pair [MQTT-1.5.3-1]",
      publish({ topic: Buffer.from([0xed, 0xa0, 0x80]), payload: "{}" }),
    ],
    ["a topic with an overlong form [MQTT-1.5.3-1]", publish({ topic: Buffer.from([0xc0, 0xaf]), payload: "{}" })],
    ["a null character in a topic [MQTT-4.7.3-2]", publish({ topic: `${topic("level")}\0`, payload: "{}" })],
    ["packet type 0", packet(0, 0)],
    ["packet type 15", packet(15, 0)],
    ["a CONNACK", packet("connack", 0, Buffer.from([0, 0]))],
    ["a SUBACK", packet("suback", 0, Buffer.from([0, 1, 0]))],
    ["a PINGRESP", packet("pingresp", 0)],
    ["a SUBSCRIBE without a filter [MQTT-3.8.3-3]", subscribe(1)],
    ["a SUBSCRIBE with QoS 3 [MQTT-3.8.3-4]", subscribe(1, [topic("status"), 3])],
    ["a SUBSCRIBE with reserved bits [MQTT-3.8.3-4]", subscribe(1, [topic("status"), 0x81])],
    ["a SUBSCRIBE that ends before its QoS", packet("subscribe", 2, uint16(1), field(topic("status")))],
    ["a filter with something after # [MQTT-4.7.1-2]", subscribe(1, ["fortrolig/#/x", 0])],
    ["a remaining length of five bytes", Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])],
    ...oddFlags.map(([what, bytes]): [string, Uint8Array] => [`${what} [MQTT-2.2.2-2]`, bytes]),
  ];

  it("one and all, each on a connection of its own; nothing of them is stored, and who is beside them goes on", async () => {
    const answers = await Promise.all(
      cases.map(async ([what, bytes]) => {
        await using client = await openClient(port.url, { id: "" });
        client.send(bytes);
        return [what, await client.rest()];
      }),
    );
    expect(answers).toEqual(cases.map(([what]) => [what, []]));
    const boot = newBoot();
    beside.send(reading(boot, 0));
    expect(await beside.hear()).toEqual(["puback 1"]);
    expect(await port.stored(boot)).toEqual([0]);
  });

  it("a topic that is not UTF-8 is counted all the same", async () => {
    const before = (await port.refused())["bad-topic"] ?? 0;
    await using client = await openClient(port.url, { id: "" });
    client.send(publish({ topic: Buffer.from([0xff]), payload: "{}" }));
    await client.rest();
    expect((await port.refused())["bad-topic"]).toBe(before + 1);
  });
});

describe("what the standard forbids and aedes does not mind is answered: a limit of ours, told here", () => {
  it.each<[string, Uint8Array, string]>([
    ["an UNSUBSCRIBE without a filter (should close, [MQTT-3.10.3-2])", unsubscribe(3), "unsuback 3"],
    [
      "a SUBSCRIBE under packet identifier 0 (should close, [MQTT-2.3.1-1])",
      subscribe(0, [topic("status"), 1]),
      "suback 0 1",
    ],
    ["a PINGREQ with a body", packet("pingreq", 0, Buffer.from([1])), "pingresp"],
  ])("%s", async (_, bytes, answer) => {
    await using client = await openClient(port.url, { id: "k1" });
    client.send(bytes);
    expect(await client.hear()).toEqual([answer]);
  });
});

describe("the remaining length (§2.2.3)", () => {
  it.each([0, 127, 128, 16_383, 16_384, 200_000])(
    "of %i bytes of padding around a reading, in as many digits as it needs",
    async (padding) => {
      const boot = newBoot();
      await using client = await openClient(port.url, { id: "k1" });
      client.send(publish({ topic: "padding", payload: Buffer.alloc(padding, 0x20), id: 9 }), reading(boot, 0));
      expect(await client.hear(2)).toEqual(["puback 9", "puback 1"]);
      expect(await port.stored(boot)).toEqual([0]);
    },
  );

  it.each([2, 3, 4])("in %i digits where one is enough is read as what it is worth", async (digits) => {
    await using client = await openClient(port.url, { id: "k1" });
    client.send(Buffer.concat([Buffer.from([0xc0]), remainingLength(0, digits)]), pingreq);
    expect(await client.hear(2)).toEqual(["pingresp", "pingresp"]);
  });

  it("of 268,435,455, the most there is, ends the connection before the bytes are there", async () => {
    await using client = await openClient(port.url, { id: "k1" });
    client.send(Buffer.concat([Buffer.from([0x30]), remainingLength(268_435_455)]));
    expect(await client.rest()).toEqual([]);
  });
});

describe("a dialogue", () => {
  const dialogue = (boot: string) => [
    connect({ id: `split-${boot}` }),
    subscribe(2, [topic("status"), 1], [topic("level"), 1]),
    publish({ topic: topic("level"), payload: level(boot, 0), id: 3 }),
    publish({ topic: topic("level"), payload: level(boot, 1), qos: 0 }),
    publish({ topic: "none/of/ours", payload: "x", id: 4 }),
    pingreq,
    unsubscribe(5, topic("status")),
  ];
  const answers = ["connack 0 0", "pingresp", "puback 3", "puback 4", "suback 2 1 128", "unsuback 5"];
  const boots: string[] = [];
  const makeDialogue = () => {
    const boot = newBoot();
    boots.push(boot);
    return Buffer.concat(dialogue(boot));
  };
  const length = Buffer.concat(dialogue(newBoot())).length;

  it("is the same however its bytes are cut in two: at every one of them", async () => {
    await using stack = new AsyncDisposableStack();
    const halves = await Promise.all(
      Array.from({ length: length - 1 }, async (_, i) => {
        const bytes = makeDialogue();
        const client = stack.use(await openSocket(port.url));
        client.send(bytes.subarray(0, i + 1));
        return { client, second: bytes.subarray(i + 1) };
      }),
    );
    // A round trip on a connection that was opened last: the gateway has read what the others have sent before.
    await (await openClient(port.url, { id: "" }))[Symbol.asyncDispose]();
    for (const { client, second } of halves) client.send(second);
    const heard = await Promise.all(halves.map(async ({ client }) => (await client.hear(answers.length)).sort()));
    expect(heard).toEqual(halves.map(() => answers));
    await expect.poll(() => port.storedOf(boots)).toEqual(boots.map(() => [0, 1]));
  });

  it("is the same byte by byte", async () => {
    const bytes = makeDialogue();
    await using client = await openSocket(port.url);
    for (const byte of bytes) {
      client.send(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.hear(answers.length)).sort()).toEqual(answers);
    await expect.poll(() => port.stored(boots.at(-1)!)).toEqual([0, 1]);
  });

  it("is the same in one segment with its goodbye, which nothing follows [MQTT-3.14.4-2]", async () => {
    const bytes = makeDialogue();
    await using client = await openSocket(port.url);
    client.send(bytes, disconnect, pingreq);
    expect((await client.rest()).filter((word) => word === "pingresp").length).toBeLessThanOrEqual(1);
    await expect.poll(() => port.stored(boots.at(-1)!)).toEqual([0, 1]);
  });
});
