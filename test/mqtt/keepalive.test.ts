/** MQTT 3.1.1 §3.1.2.10 and §3.12, by bytes: who is silent for too long is let go, who says anything is not. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { connect, field, packet, pingreq, puback, publish, subscribe, uint16 } from "./packets.ts";
import { newBoot, openPort, type Port, reading, topic } from "./port.ts";
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
/** The broker's patience is a timer: it runs as far as a test says, and does not run out while the machine stands still. */
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const KEEPALIVE_S = 1;
/** One and a half times as long. */
const BORNE_MS = 1500;
const WATCHED_MS = 3 * BORNE_MS;
const PERIOD_MS = 400;

/** Time goes on; what was said before has been read, and whoever was let go knows it. */
async function pass(ms: number): Promise<void> {
  for (const turn of ["before", "after"]) {
    beside.send(pingreq);
    expect(await beside.hear()).toEqual(["pingresp"]);
    if (turn === "before") vi.advanceTimersByTime(ms);
  }
}

/** Says something again and again, for as long as it is watched. */
async function goOn(client: RawClient, say: (nth: number) => Uint8Array): Promise<void> {
  for (let nth = 0; nth * PERIOD_MS < WATCHED_MS; nth++) {
    client.send(say(nth));
    await pass(PERIOD_MS);
  }
}

describe("a client that has promised a word a second", () => {
  it.for<[string, (boot: string) => (nth: number) => Uint8Array]>([
    ["PINGREQ", () => () => pingreq],
    ["right readings of QoS 1 and nothing else", (boot) => (seq) => reading(boot, seq)],
    ["right readings of QoS 0", (boot) => (seq) => reading(boot, seq, { qos: 0 })],
    ["messages that are refused", () => (id) => publish({ topic: topic("level"), payload: "{", id: id + 1 })],
    ["SUBSCRIBE", () => (id) => subscribe(id + 1, [topic("config"), 1])],
    ["PUBACK", () => (id) => puback(id + 1)],
  ])("stays when its words are %s [MQTT-3.1.2-23]", async ([, say]) => {
    await using client = await openClient(port.url, { id: "", keepaliveS: KEEPALIVE_S });
    await goOn(client, say(newBoot()));
    expect(client.socket.closed).toBe(false);
  });

  it("is let go when it says nothing, after one and a half times as long [MQTT-3.1.2-24]", async () => {
    await using client = await openClient(port.url, { id: "", keepaliveS: KEEPALIVE_S });
    await pass(BORNE_MS - 100);
    expect(client.socket.closed).toBe(false);
    await pass(200);
    expect(await client.rest()).toEqual([]);
  });

  it("is let go when what it says is never a whole packet", async () => {
    await using client = await openClient(port.url, { id: "", keepaliveS: KEEPALIVE_S });
    const bytes = packet("publish", 2, field(topic("level")), uint16(1), Buffer.alloc(1000, 0x20));
    await goOn(client, (nth) => bytes.subarray(nth, nth + 1));
    expect(await client.rest()).toEqual([]);
  });
});

describe("a client that has promised nothing (0 s)", () => {
  it("stays, silent as it is", async () => {
    await using client = await openClient(port.url, { id: "" });
    await pass(WATCHED_MS);
    client.send(pingreq);
    expect(await client.hear()).toEqual(["pingresp"]);
  });
});

it("PINGREQ is answered once each [MQTT-3.12.4-1]", async () => {
  await using client = await openSocket(port.url);
  client.send(connect({ id: "", keepaliveS: 65_535 }), pingreq, pingreq, pingreq);
  expect(await client.hear(4)).toEqual(["connack 0 0", "pingresp", "pingresp", "pingresp"]);
});
