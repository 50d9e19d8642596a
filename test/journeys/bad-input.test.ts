/** Outside clients: one that speaks the protocol is heard, ten thousand messages that do not leave nothing behind. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { createRandom } from "#firmware/world/random.ts";
import type { RoomView } from "#protocol/api.ts";
import { pathOf } from "#test/services/service.ts";
import { temporaryFolder } from "./folder.ts";
import { faults, type Malformed, malformed } from "./malformed.ts";
import { get, metric, runGateway } from "./running-gateway.ts";
import { roomState } from "./speaker.ts";

const run = promisify(execFile);
const COUNT = 10_000;
const AT_ONCE = 200;

/** Publishes with `mosquitto_pub`, QoS 1: it ends when the broker has acknowledged. */
async function mosquittoPub(broker: string, topic: string, payload: string): Promise<void> {
  const { hostname, port } = new URL(broker);
  await run(pathOf("mosquitto_pub"), ["-h", hostname, "-p", port, "-q", "1", "-t", topic, "-m", payload]);
}

const stateOf = (conversation: "on" | "off", seq: number) => {
  const now = Date.now();
  return JSON.stringify({ boot: "0a1b2c3d", seq, t: now, ...roomState(conversation, now - 5000) });
};

async function publishAll(broker: string, messages: readonly Malformed[]): Promise<number> {
  const client = await connectAsync(broker, { clientId: "stranger", protocolVersion: 4, reconnectPeriod: 0 });
  let disconnects = 0;
  client.on("close", () => disconnects++);
  for (let at = 0; at < messages.length; at += AT_ONCE)
    await Promise.all(
      messages.slice(at, at + AT_ONCE).map(({ topic, payload }) => client.publishAsync(topic, payload, { qos: 1 })),
    );
  const lost = disconnects;
  await client.endAsync();
  return lost;
}

const tally = (messages: readonly Malformed[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { reason } of messages) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
};

it("a valid reading by mosquitto_pub is seen; 10,000 malformed ones are counted and not stored; the next is seen", async () => {
  await using folder = await temporaryFolder();
  await using gateway = await runGateway({ data: join(folder.path, "data") });
  const room = async (id: string) => (await get<RoomView[]>(gateway.url, "/api/v1/rooms")).find((r) => r.id === id);
  expect(await room("K1")).toMatchObject({ conversation: "unknown", occupied: null });

  await mosquittoPub(gateway.broker, "fortrolig/v1/jobcentre/k1/state", stateOf("on", 0));
  await expect.poll(() => room("K1")).toMatchObject({ conversation: "on", occupied: true });
  const { journal } = gateway.pipeline;
  expect(journal.lastId()).toBe(1);

  const messages = malformed(COUNT, Date.now(), createRandom("malformed"));
  expect(faults.length).toBeGreaterThanOrEqual(30);
  expect(await publishAll(gateway.broker, messages)).toBe(0);

  const refused = Object.entries(await metric(gateway.url, "fortrolig_messages_refused_total"));
  expect(Object.fromEntries(refused.filter(([, count]) => count > 0))).toEqual(tally(messages));
  expect(refused.reduce((sum, [, count]) => sum + count, 0)).toBe(COUNT);
  expect(journal.lastId()).toBe(1);
  expect(gateway.pipeline.ingest.counts().accepted).toMatchObject({
    state: 1,
    level: 0,
    bands: 0,
  });
  await gateway.pipeline.settled();
  expect(await metric(gateway.url, "fortrolig_history_points_written_total")).toEqual({ "": 1 });
  expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
  expect(await get(gateway.url, "/readyz")).toMatchObject({ status: "ready" });

  await mosquittoPub(gateway.broker, "fortrolig/v1/jobcentre/k1/state", stateOf("off", 1));
  await expect.poll(() => room("K1")).toMatchObject({ conversation: "off" });
  expect(journal.lastId()).toBe(2);
}, 120_000);
