/** MQTT 3.1.1 §3.1.2.10 and §3.12, by bytes: who is silent for too long is let go, who says anything is not. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connect, field, packet, pingreq, puback, publish, subscribe, uint16 } from "./packets.ts";
import { newBoot, openPort, type Port, reading, topic } from "./port.ts";
import { openClient, openSocket, type RawClient } from "./raw-client.ts";

let port: Port;
beforeAll(async () => {
  port = await openPort();
});
afterAll(() => port[Symbol.asyncDispose]());

const KEEPALIVE_S = 1;
/** Three times as long as silence is borne. */
const WATCHED_MS = 4500;
const PERIOD_MS = 400;

/** Says something again and again; answers whether the connection was still there in the end. */
async function outlives(client: RawClient, say: (nth: number) => Uint8Array): Promise<boolean> {
  let nth = 0;
  const timer = setInterval(() => client.send(say(nth++)), PERIOD_MS);
  const ended = client.rest().then(
    () => false,
    () => true,
  );
  const watched = new Promise<boolean>((resolve) => setTimeout(resolve, WATCHED_MS, true));
  const outcome = await Promise.race([ended, watched]);
  clearInterval(timer);
  return outcome;
}

describe.concurrent("a client that has promised a word a second", () => {
  it.for<[string, (boot: string) => (nth: number) => Uint8Array]>([
    ["PINGREQ", () => () => pingreq],
    ["right readings of QoS 1 and nothing else", (boot) => (seq) => reading(boot, seq)],
    ["right readings of QoS 0", (boot) => (seq) => reading(boot, seq, { qos: 0 })],
    ["messages that are refused", () => (id) => publish({ topic: topic("level"), payload: "{", id: id + 1 })],
    ["SUBSCRIBE", () => (id) => subscribe(id + 1, [topic("config"), 1])],
    ["PUBACK", () => (id) => puback(id + 1)],
  ])("stays when its words are %s [MQTT-3.1.2-23]", async ([, say]) => {
    await using client = await openClient(port.url, { id: "", keepaliveS: KEEPALIVE_S });
    expect(await outlives(client, say(newBoot()))).toBe(true);
  });

  it("is let go when it says nothing, after one and a half times as long [MQTT-3.1.2-24]", async () => {
    await using client = await openClient(port.url, { id: "", keepaliveS: KEEPALIVE_S });
    const since = performance.now();
    expect(await client.rest()).toEqual([]);
    expect(performance.now() - since).toBeGreaterThanOrEqual(1400);
  });

  it("is let go when what it says is never a whole packet", async () => {
    await using client = await openClient(port.url, { id: "", keepaliveS: KEEPALIVE_S });
    const bytes = packet("publish", 2, field(topic("level")), uint16(1), Buffer.alloc(1000, 0x20));
    expect(await outlives(client, (nth) => bytes.subarray(nth, nth + 1))).toBe(false);
  });
});

describe.concurrent("a client that has promised nothing (0 s)", () => {
  it("stays, silent as it is", async () => {
    await using client = await openClient(port.url, { id: "" });
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
    client.send(pingreq);
    expect(await client.hear()).toEqual(["pingresp"]);
  });
});

it("PINGREQ is answered once each [MQTT-3.12.4-1]", async () => {
  await using client = await openSocket(port.url);
  client.send(connect({ id: "", keepaliveS: 65_535 }), pingreq, pingreq, pingreq);
  expect(await client.hear(4)).toEqual(["connack 0 0", "pingresp", "pingresp", "pingresp"]);
});
