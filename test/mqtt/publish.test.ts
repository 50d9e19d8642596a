/** MQTT 3.1.1 §3.3 and §4.3, by bytes: what becomes of a message, and when it is acknowledged. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEmbeddedBroker } from "#gateway/ingest/embedded-broker.ts";
import { BOOT, samples, topic as sampleTopic, site } from "#gateway/ingest/sample.fixture.ts";
import { pingreq, publish, pubrel, subscribe } from "./packets.ts";
import { level, newBoot, nonsense, openPort, type Port, reading, status, topic } from "./port.ts";
import { openClient } from "./raw-client.ts";

let port: Port;
beforeAll(async () => {
  port = await openPort();
});
afterAll(() => port[Symbol.asyncDispose]());

/** What a broker had to say before this connection was let in and went, it has said. */
const roundTrip = async (url: string) => (await openClient(url, { id: "" }))[Symbol.asyncDispose]();

const counting = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe("a reading", () => {
  it("of QoS 0 is stored and not acknowledged [MQTT-3.3.4-1]", async () => {
    const boot = newBoot();
    await using client = await openClient(port.url);
    client.send(reading(boot, 0, { qos: 0 }), pingreq);
    expect(await client.hear()).toEqual(["pingresp"]);
    await expect.poll(() => port.stored(boot)).toEqual([0]);
  });

  it("of QoS 1 is stored when its PUBACK comes [MQTT-4.3.2-2]", async () => {
    const boot = newBoot();
    await using client = await openClient(port.url);
    client.send(reading(boot, 0, { id: 65_535 }));
    expect(await client.hear()).toEqual(["puback 65535"]);
    expect(await port.stored(boot)).toEqual([0]);
  });

  it("of QoS 2, which no device of ours uses, is stored when its PUBREC comes, once however often it is said [MQTT-4.3.3-2]", async () => {
    const boot = newBoot();
    await using client = await openClient(port.url);
    client.send(reading(boot, 0, { qos: 2 }));
    expect(await client.hear()).toEqual(["pubrec 1"]);
    expect(await port.stored(boot)).toEqual([0]);
    client.send(reading(boot, 0, { qos: 2, dup: true }));
    expect(await client.hear()).toEqual(["pubrec 1"]);
    client.send(pubrel(1));
    expect(await client.hear()).toEqual(["pubcomp 1"]);
    client.send(pubrel(1));
    expect(await client.hear()).toEqual(["pubcomp 1"]);
    expect(await port.stored(boot)).toEqual([0]);
  });

  it("said again, with DUP or under another packet identifier, is acknowledged each time and stored once", async () => {
    const boot = newBoot();
    await using client = await openClient(port.url);
    const again = [{}, { dup: true }, { dup: true }, { id: 9 }, { qos: 0 as const }, { qos: 0 as const, dup: true }];
    client.send(...again.map((odd) => reading(boot, 0, odd)), reading(boot, 1));
    expect(await client.hear(5)).toEqual(["puback 1", "puback 1", "puback 1", "puback 9", "puback 2"]);
    expect(await port.stored(boot)).toEqual([0, 1]);
  });

  it("is taken from any client, since nobody signs in yet, and to be retained is not kept for others [MQTT-3.3.1-5 does not apply]", async () => {
    const boot = newBoot();
    await using client = await openClient(port.url, { id: "somebody" });
    client.send(reading(boot, 0, { retain: true }));
    expect(await client.hear()).toEqual(["puback 1"]);
    client.send(subscribe(2, [topic("level"), 1]), pingreq);
    expect((await client.hear(2)).sort()).toEqual(["pingresp", "suback 2 128"]);
  });
});

describe("PUBACKs leave in the order in which the messages came [MQTT-4.6.0-2]", () => {
  it("of a thousand readings in as few segments as they fit in", async () => {
    const boot = newBoot();
    await using client = await openClient(port.url);
    client.send(...counting(1000).map((seq) => reading(boot, seq)));
    expect(await client.hear(1000)).toEqual(counting(1000).map((seq) => `puback ${seq + 1}`));
    expect(await port.stored(boot)).toEqual(counting(1000));
  });

  it("of messages that are stored, known, refused, passed on and none of ours, in turn", async () => {
    const boot = newBoot();
    await using client = await openClient(port.url);
    const kinds = [
      (id: number) => reading(boot, id, { id }),
      (id: number) => nonsense("level", { id }),
      (id: number) => reading(boot, id - 2, { id, dup: true }),
      (id: number) => publish({ topic: topic("status"), payload: status(boot, "online"), retain: true, id }),
      (id: number) => publish({ topic: "somewhere/else", payload: "x", id }),
      (id: number) => publish({ topic: topic("level", "stranger"), payload: level(boot, id), id }),
      (id: number) => nonsense("bands", { id }),
    ];
    const ids = counting(210).map((i) => i + 1);
    client.send(...ids.map((id) => kinds[(id - 1) % kinds.length]!(id)));
    expect(await client.hear(210)).toEqual(ids.map((id) => `puback ${id}`));
    expect(await port.stored(boot)).toEqual(ids.filter((id) => id % 7 === 1));
  });

  it("whatever takes longest to be safe", async () => {
    const safe = counting(4).map(() => Promise.withResolvers<void>());
    await using broker = await openEmbeddedBroker({ host: "127.0.0.1", port: 0, site });
    broker.onMessages(async (messages) => {
      for (const { payload } of messages) await safe[JSON.parse(Buffer.from(payload).toString()).seq]!.promise;
    });
    await using client = await openClient(broker.url, { id: "k1-1" });
    const say = (seq: number) =>
      publish({ topic: sampleTopic("level"), payload: JSON.stringify({ ...samples.level, seq }), id: seq + 1 });
    client.send(...counting(4).map(say), pingreq);
    expect(await client.hear()).toEqual(["pingresp"]);
    for (const seq of [3, 1, 2]) safe[seq]!.resolve();
    await roundTrip(broker.url);
    expect(client.heard()).toEqual([]);
    safe[0]!.resolve();
    expect(await client.hear(4)).toEqual(counting(4).map((seq) => `puback ${seq + 1}`));
  });
});

describe("PUBACK only when the journal has it", () => {
  it("none comes while a message is on its way, and none at all when it cannot be kept: the connection ends", async () => {
    const disk = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using broker = await openEmbeddedBroker({ host: "127.0.0.1", port: 0, site });
    broker.onMessages(() => {
      asked.resolve();
      return disk.promise;
    });
    await using client = await openClient(broker.url, { id: "k1-1" });
    client.send(publish({ topic: sampleTopic("level"), payload: JSON.stringify({ ...samples.level, boot: BOOT }) }));
    await asked.promise;
    await roundTrip(broker.url);
    expect(client.heard()).toEqual([]);
    disk.reject(new Error("the disk is full"));
    expect(await client.rest()).toEqual([]);
  });

  it("a client that says goodbye at once has its readings stored all the same", async () => {
    const boot = newBoot();
    await using client = await openClient(port.url);
    client.send(reading(boot, 0), reading(boot, 1), Buffer.from([0xe0, 0]));
    await client.rest();
    await expect.poll(() => port.stored(boot)).toEqual([0, 1]);
  });
});

describe("a message that is MQTT but none of ours is acknowledged, counted and kept aside; nobody is cut off for it", () => {
  it.each<[string, Parameters<typeof publish>[0], string]>([
    ["an empty payload", { topic: topic("level"), payload: "" }, "not-json"],
    ["an empty payload to be retained", { topic: topic("state"), payload: "", retain: true }, "not-json"],
    [
      "a payload that is not UTF-8",
      { topic: topic("level"), payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) },
      "not-json",
    ],
    [
      "a payload with half a surrogate pair",
      { topic: topic("level"), payload: Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]) },
      "not-json",
    ],
    [
      "a payload that begins with a byte order mark",
      { topic: topic("level"), payload: `\uFEFF${level("0a0b0c0d", 1)}` },
      "not-json",
    ],
    ["4,097 bytes", { topic: topic("level"), payload: " ".repeat(4097) }, "oversize"],
    ["200,000 bytes", { topic: topic("level"), payload: Buffer.alloc(200_000, 0x20) }, "oversize"],
    ["a topic of 200 levels", { topic: "level/".repeat(200), payload: "{}" }, "bad-topic"],
    [
      "a topic of 65,535 bytes, the longest there is [MQTT-4.7.3-3]",
      { topic: "t".repeat(65_535), payload: "{}" },
      "bad-topic",
    ],
    ["a topic of slashes only [MQTT-4.7.3-1]", { topic: "///", payload: "{}" }, "bad-topic"],
    [
      "a topic that begins with a byte order mark, which is part of it [MQTT-1.5.3-3]",
      { topic: `\uFEFF${topic("level")}`, payload: "{}" },
      "bad-topic",
    ],
    ["a topic in other case [MQTT-4.7.3-4]", { topic: topic("level").toUpperCase(), payload: "{}" }, "bad-topic"],
    ["a topic of $SYS", { topic: "$SYS/broker/uptime", payload: "1", retain: true }, "bad-topic"],
    [
      "a channel on which only the gateway speaks",
      { topic: topic("config"), payload: "{}", retain: true },
      "bad-topic",
    ],
    [
      "a device that nobody knows",
      { topic: topic("level", "stranger"), payload: level("0a0b0c0d", 1) },
      "unknown-device",
    ],
  ])("%s", async (_, message, reason) => {
    const before = (await port.refused())[reason] ?? 0;
    const boot = newBoot();
    await using client = await openClient(port.url);
    client.send(publish({ ...message, id: 77 }), reading(boot, 0));
    expect(await client.hear(2)).toEqual(["puback 77", "puback 1"]);
    expect((await port.refused())[reason]).toBe(before + 1);
    expect(await port.stored(boot)).toEqual([0]);
  });
});
