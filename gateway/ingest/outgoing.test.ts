import type { AedesPublishPacket } from "aedes";
import { expect, it } from "vitest";
import { boundedOutgoing } from "./outgoing.ts";

let counter = 0;
const message = (topic: string, payload: Uint8Array = Buffer.from(String(counter))): AedesPublishPacket => ({
  cmd: "publish",
  brokerId: "b",
  brokerCounter: ++counter,
  topic,
  payload: payload as Buffer,
  qos: 1,
  retain: false,
  dup: false,
});

async function kept(outgoing: ReturnType<typeof boundedOutgoing>, id: string): Promise<(string | undefined)[]> {
  const topics: (string | undefined)[] = [];
  for await (const { cmd, topic } of outgoing.messages.outgoingStream({ id })) topics.push(topic ?? cmd);
  return topics;
}

it("of a session that is full the oldest message goes of the topic that has the most, and is counted", async () => {
  const outgoing = boundedOutgoing(4);
  for (const topic of ["config", "lease1", "status", "status", "status", "status", "indicator", "status"])
    await outgoing.messages.outgoingEnqueueCombi([{ clientId: "one" }], message(topic));
  expect(await kept(outgoing, "one")).toEqual(["config", "lease1", "indicator", "status"]);
  expect([await kept(outgoing, "other"), outgoing.dropped()]).toEqual([[], 4]);
  outgoing.forget("one");
  expect(await kept(outgoing, "one")).toEqual([]);
});

it("what is acknowledged makes room; what was dropped goes out and is acknowledged all the same", async () => {
  const { messages, dropped } = boundedOutgoing(1);
  const [first, second] = [message("lease"), message("lease")];
  for (const packet of [first, second]) await messages.outgoingEnqueue({ clientId: "one" }, packet);
  const client = { id: "one" };
  await messages.outgoingUpdate(client, { ...first, messageId: 7 });
  await messages.outgoingUpdate(client, { ...second, messageId: 8 });
  expect(await messages.outgoingClearMessageId(client, { cmd: "puback", messageId: 7 })).toBeUndefined();
  await messages.outgoingUpdate(client, { cmd: "pubrel", messageId: 8 });
  expect(await messages.outgoingClearMessageId(client, { cmd: "pubcomp", messageId: 8 })).toEqual({
    cmd: "pubrel",
    messageId: 8,
  });
  await messages.outgoingEnqueue({ clientId: "one" }, message("lease"));
  expect(dropped()).toBe(1);
});

it("holds no more memory than the message has, whatever it was read with", async () => {
  const { messages } = boundedOutgoing(1);
  const chunk = Buffer.alloc(65_536, "x");
  await messages.outgoingEnqueue({ clientId: "one" }, message("status", chunk.subarray(10, 20)));
  for await (const { payload } of messages.outgoingStream({ id: "one" }))
    expect([payload.toString(), payload.buffer.byteLength]).toEqual(["x".repeat(10), 10]);
});
