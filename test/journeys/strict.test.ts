/**
 * The same conversation in the office K1 of a normal and of a strict house: the light on the sensor says at once that it can
 * be overheard in both; in the strict one nothing and nobody else is told.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { openHook, SECRET } from "#gateway/deliver/hook.fixture.ts";
import type { AlertView, RoomView } from "#protocol/api.ts";
import type { Readings } from "#protocol/readings.ts";
import { delivery, topicFor } from "#protocol/topics.ts";
import { asking } from "./asking.ts";
import { readEvents } from "./event-stream.ts";
import { temporaryFolder } from "./folder.ts";
import { get, startGatewayProcess } from "./running-gateway.ts";

const SECOND = 1000;
const siteWith = (privacy: "normal" | "strict") => `
site: house
name: House
timeZone: Europe/Copenhagen
policy: { privacy: ${privacy} }
rooms:
  - { id: K1, name: { da: Kontor K1, en: Office K1 }, kind: shared-office, assigned: 3 }
  - { id: K2, name: { da: Kontor K2, en: Office K2 }, kind: shared-office, assigned: 3 }
  - { id: S1, name: { da: Samtalerum S1, en: Conversation room S1 }, kind: conversation-room }
boundaries:
  - { between: [K1, K2], kind: wall, rw: 40 }
devices:
  - { id: k1, room: K1 }
`;

async function conversationIn(privacy: "normal" | "strict") {
  await using folder = await temporaryFolder();
  const file = (name: string) => join(folder.path, name);
  await using hook = await openHook();
  await writeFile(file("site.yaml"), siteWith(privacy));
  await writeFile(file("fortrolig.yaml"), JSON.stringify({ webhooks: { hook: { url: hook.url, secret: SECRET } } }));
  const settings = { data: file("data"), site: file("site.yaml"), config: file("fortrolig.yaml"), log: "info" };
  await using gateway = await startGatewayProcess(settings);
  await using reader = await readEvents(gateway.url);

  const device = await connectAsync(gateway.broker, { clientId: "k1" });
  await using _ = { [Symbol.asyncDispose]: () => device.endAsync() };
  const lights: string[] = [];
  device.on("message", (_topic, payload) => lights.push(JSON.parse(payload.toString()).show));
  await device.subscribeAsync(topicFor("house", "k1", "indicator"));
  let seq = 0;
  const say = <C extends "state" | "status">(channel: C, body: Omit<Readings[C], "boot" | "seq" | "t">) =>
    device.publishAsync(
      topicFor("house", "k1", channel),
      JSON.stringify({ boot: "0000001a", seq: seq++, t: Date.now(), ...body }),
      delivery[channel],
    );
  await say("status", { status: "online" });
  const since = Math.floor(Date.now() / SECOND - 70) * SECOND;
  await say("state", { occupied: true, confidence: 0.9, conversation: "on", hint: "unknown", since });
  await expect.poll(() => lights.at(-1)).toBe("overheard");
  // Whatever is told of it is told by now.
  const [alerts, rooms] = [
    await get<AlertView[]>(gateway.url, "/api/v1/alerts"),
    await get<RoomView[]>(gateway.url, "/api/v1/rooms"),
  ];
  const metrics = await (await fetch(`${gateway.url}/metrics`, { headers: asking(gateway.url, "/metrics") })).text();
  if (privacy === "normal") await expect.poll(() => hook.taken.length).toBe(1);
  return {
    alerts: alerts.map(({ room, state }) => `${room} ${state}`),
    rooms: rooms.map(({ id, privacy }) => `${id} ${privacy}`),
    events: reader.heard.map(({ event }) => event).filter((event) => event === "alert"),
    counted: metrics.match(/^.*(alert|deliver|conversation-in).*$/gm) ?? [],
    sent: hook.taken.map(({ body }) => JSON.parse(body).type),
    logged: gateway.err.match(/"alert firing"/g) ?? [],
  };
}

it("of a conversation in an office its own people are told by the light, others as the house has it", async () => {
  expect(await conversationIn("normal")).toEqual({
    alerts: ["K1 firing"],
    rooms: ["K1 overheard", "K2 unknown", "S1 unknown"],
    events: ["alert"],
    counted: [],
    sent: ["alert.firing"],
    logged: ['"alert firing"'],
  });
  expect(await conversationIn("strict")).toEqual({
    alerts: [],
    rooms: ["S1 unknown"],
    events: [],
    counted: [],
    sent: [],
    logged: [],
  });
});
