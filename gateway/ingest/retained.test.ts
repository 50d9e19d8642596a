import type { AedesPublishPacket } from "aedes";
import { expect, it } from "vitest";
import { retainedByTopic } from "./retained.ts";

const packet = (topic: string, payload: string): AedesPublishPacket => ({
  cmd: "publish",
  topic,
  payload: Buffer.from(payload),
  qos: 1,
  retain: true,
  dup: false,
  brokerId: "broker",
  brokerCounter: 1,
});

it("the newest message of each topic is retained until an empty one comes, and given to who names the topic", async () => {
  const retained = retainedByTopic();
  for (const [topic, payload] of [
    ["a", "1"],
    ["b", "1"],
    ["a", "2"],
    ["c", "1"],
    ["b", ""],
  ] as const)
    await retained.storeRetained(packet(topic, payload));
  const given: string[] = [];
  for await (const { topic, payload } of retained.createRetainedStreamCombi(["c", "a", "b", "d"]))
    given.push(`${topic} ${payload}`);
  expect(given).toEqual(["c 1", "a 2"]);
});
