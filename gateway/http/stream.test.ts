import type { AddressInfo } from "node:net";
import { createConnection, type Socket } from "node:net";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeviceView } from "#protocol/api.ts";
import type { Identify } from "../access/person.ts";
import { sightsOf } from "../access/sight.ts";
import type { Alert } from "../alerts/alert.ts";
import { handClock } from "../clock.ts";
import { readConfig } from "../config.ts";
import { createLiveViews, type LiveViews } from "../deliver/live-views.ts";
import { deviceView, unknownDevice } from "../ingest/device.ts";
import type { Load } from "../overload.ts";
import { guardRoutes, installAccess } from "./access.ts";
import { heldPairs } from "./held-pairs.ts";
import type { RouteParts } from "./parts.ts";
import { identifyByName } from "./people.fixture.ts";
import { installProblems } from "./problem.ts";
import { eventStream } from "./stream.ts";

const T = Date.parse("2026-11-23T10:00:00Z");
const KEPT = 512;
const clock = handClock(T);
const status = {
  history: { state: "flowing", reason: null, behind: 0, oldest: null },
  journal: { state: "ok", reason: null },
};
let live: LiveViews;
let load: Load;
let app: FastifyInstance;
/** Whose session has ended. */
let nobody: Set<string>;
/** Who has other rooms now. */
let changed: Map<string, readonly string[]>;
/** The gateway's end of each connection. */
let ends: Socket[];

beforeEach(async () => {
  load = "ease";
  ends = [];
  const { site } = readConfig({});
  live = createLiveViews({ site, startedAt: T, devices: () => [], keep: KEPT });
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  installProblems(app);
  app.server.on("connection", (socket) => ends.push(socket));
  const journal = { audit: async () => {} };
  nobody = new Set();
  changed = new Map();
  const identify: Identify = (credentials) => {
    const person = identifyByName(credentials);
    if (person === undefined || nobody.has(person.id)) return undefined;
    return { ...person, rooms: changed.get(person.id) ?? person.rooms };
  };
  installAccess(app, { identify });
  guardRoutes(app);
  await app.register(eventStream, {
    site,
    live,
    clock,
    journal,
    identify,
    sightOf: sightsOf(site),
    heldPairs: heldPairs({ live, clock, site }),
    status: () => status,
    load: () => load,
  } as unknown as RouteParts);
  await app.listen({ port: 0, host: "127.0.0.1" });
});
afterEach(() => app.close());

interface Client extends AsyncDisposable {
  readonly socket: Socket;
  /** Each event after the opening that is not of a room, and a word of what it says. */
  heard(): string[];
  text(): string;
}

async function connect(headers = "", who = "team-lead K1"): Promise<Client> {
  const socket = createConnection({ port: (app.server.address() as AddressInfo).port, host: "127.0.0.1" });
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => {});
  socket.write(`GET /api/v1/stream HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${who}\r\n${headers}\r\n`);
  await expect.poll(() => text).toContain("retry: ");
  return {
    socket,
    text: () => text,
    heard: () => {
      const told = [...text.matchAll(/^id: ([\w-]{22})\nevent: (\w+)\ndata: (.*)$/gm)];
      const opening = told[0]?.[1];
      return told
        .filter(([, id, event]) => id !== opening && event !== "room")
        .map(([, , event, data]) => `${event} ${wordOf(JSON.parse(data!))}`);
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await ended;
    },
  };
}
const wordOf = ({ id, received, state, reason }: Record<string, unknown>) =>
  [id, received ?? state ?? reason].filter((word) => word !== undefined).join(" ");

const device = (id: string, received: number): DeviceView => ({
  ...deviceView(unknownDevice(id, "K1", T), T),
  received,
});
const alert = (state: Alert["state"]): Alert => ({
  id: "a",
  rule: "conversation-in-shared-office",
  room: "K1",
  pair: null,
  state,
  severity: "warning",
  startedAt: T,
  firedAt: T,
  acknowledgedAt: null,
  resolvedAt: state === "resolved" ? T : null,
  reason: null,
});

describe("a stream", () => {
  it("tells every change at once while there is ease", async () => {
    await using client = await connect();
    for (const received of [1, 2, 3]) {
      live.device(device("k1", received));
      await expect.poll(client.heard).toHaveLength(received);
    }
    expect(client.heard()).toEqual(["device k1 1", "device k1 2", "device k1 3"]);
  });

  it("tells the last word on each device now and then while the gateway is overloaded, and alerts at once", async () => {
    await using client = await connect();
    load = "overloaded";
    for (const received of [1, 2, 3]) live.device(device("k1", received));
    live.device(device("k2", 7));
    await expect.poll(client.heard).toEqual(["device k1 3", "device k2 7"]);
    const end = ends.at(-1)!;
    const written = end.bytesWritten;
    for (const received of [8, 9]) live.device(device("k1", received));
    expect(end.bytesWritten).toBe(written);
    live.alert(alert("firing"));
    expect(end.bytesWritten).toBeGreaterThan(written);
    live.alert(alert("resolved"));
    await expect.poll(() => client.heard().slice(2)).toEqual(["device k1 9", "alert a firing", "alert a resolved"]);
  });

  it("that is not read takes no more memory than a buffer, and goes on where it was with the last words", async () => {
    await using client = await connect();
    client.socket.pause();
    const end = ends.at(-1)!;
    let most = 0;
    // Fewer after it takes no more than are kept.
    let missed = 0;
    for (let received = 1; missed < KEPT / 4; received++) {
      live.device(device("k1", received));
      if (end.writableNeedDrain) missed++;
      most = Math.max(most, end.writableLength);
      if (received % 50 === 0) await new Promise(setImmediate);
    }
    for (let i = 0; i < KEPT / 2; i++) live.device(device("k2", i));
    live.alert(alert("firing"));
    expect(end.writableLength).toBeLessThan(2 * end.writableHighWaterMark);
    expect(most).toBeLessThan(2 * end.writableHighWaterMark);
    client.socket.resume();
    await expect.poll(() => client.heard().at(-1)).toBe("alert a firing");
    const received = client.heard().flatMap((heard) => (heard.startsWith("device k1 ") ? Number(heard.slice(10)) : []));
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(client.heard().at(-2)).toBe("device k2 255");
    expect(client.text()).not.toContain("event: bye");
  });

  it("that has fallen behind what is kept is ended with bye", async () => {
    await using client = await connect();
    client.socket.pause();
    const end = ends.at(-1)!;
    for (let received = 1; !end.writableNeedDrain; received++) {
      live.device(device("k1", received));
      if (received % 50 === 0) await new Promise(setImmediate);
    }
    for (let received = 0; received < 3 * KEPT; received++) live.device(device("k2", received));
    client.socket.resume();
    await expect.poll(client.text).toMatch(/event: bye\ndata: {"reason":"behind"}\n\n\r\n0\r\n\r\n$/);
  });

  it("that takes nothing for half a minute is ended, and holds no memory any more", async () => {
    await using client = await connect();
    client.socket.pause();
    const end = ends.at(-1)!;
    for (let received = 1; !end.writableNeedDrain; received++) {
      live.device(device("k1", received));
      if (received % 50 === 0) await new Promise(setImmediate);
    }
    clock.advanceTo(clock.now() + 31_000);
    await expect.poll(() => end.destroyed).toBe(true);
  });

  it("tells each reader what they may see: a team lead and the people of the room the same, others no room", async () => {
    const people = ["team-lead K1", "room-staff k1", "room-staff K2", "facilities K1", "it-admin K1"];
    const clients = await Promise.all(people.map((who) => connect("", who)));
    live.situation({ room: "K1", conversation: "on", reason: null, occupied: true, since: T });
    live.situation({ room: "S1", conversation: "off", reason: null, occupied: false, since: T });
    live.alert(alert("firing"));
    live.device(device("k1", 123));
    const told = (client: Client) =>
      [...client.text().matchAll(/^event: (.*)\ndata: (.*)$/gm)]
        .map(([, event, data]) => [event, JSON.parse(data!)] as const)
        .flatMap(([event, { id, state, conversation, received }]) =>
          event === "pair" || event === "status" ? [] : [`${event} ${id} ${state ?? conversation ?? received}`],
        );
    await Promise.all(clients.map((client) => expect.poll(() => told(client).at(-1)).toMatch(/^device k1/)));
    const free = ["S1", "S2", "S3", "S4", "S5"].map((room) => `free-room ${room} unknown`);
    const toK1 = [
      "room K1 unknown",
      ...free,
      "room K1 on",
      "free-room S1 free",
      "room K1 on",
      "alert a firing",
      "device k1 123",
    ];
    expect(clients.map(told)).toEqual([
      toK1,
      toK1,
      ["room K2 unknown", ...free, "free-room S1 free", "device k1 null"],
      [...free, "free-room S1 free", "device k1 null"],
      ["device k1 null"],
    ]);
    expect(clients[0]!.text().replace(/^date: .*$/m, "")).toBe(clients[1]!.text().replace(/^date: .*$/m, ""));
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  });

  it("resumes after the last event a reader was told, with what they may see of the rest", async () => {
    const who = "team-lead K1";
    const idsOf = (client: Client) => [...client.text().matchAll(/^id: ([\w-]+)$/gm)].map(([, id]) => id);
    await using first = await connect("", who);
    live.device(device("k1", 1));
    await expect.poll(first.heard).toEqual(["device k1 1"]);
    const last = idsOf(first).at(-1);
    live.situation({ room: "K2", conversation: "on", reason: null, occupied: true, since: T });
    live.alert(alert("firing"));
    await using again = await connect(`last-event-id: ${last}\r\n`, who);
    await expect.poll(again.text).toContain("event: alert");
    const told = [...again.text().matchAll(/^event: (\w+)$/gm)].map(([, event]) => event);
    expect(told).toEqual(["room", "alert"]);
    expect(again.text()).not.toContain("K2");
    await using strange = await connect("last-event-id: 1764000000000001\r\n", who);
    await expect.poll(strange.text).toContain("event: status");
  });

  it("says nothing by its ids of what a reader may not see", async () => {
    await using client = await connect("", "team-lead K2");
    live.device(device("k2", 7));
    await expect.poll(client.heard).toEqual(["device k2"]);
    live.situation({ room: "K1", conversation: "on", reason: null, occupied: true, since: T });
    live.alert(alert("firing"));
    await app.close();
    await expect.poll(client.text).toContain("event: bye");
    const [told, bye] = [...client.text().matchAll(/^id: (.*)\nevent: (?:device|bye)$/gm)].map(([, id]) => id);
    expect(bye).toBe(told);
  });

  it("of who may see other rooms now ends within seconds, so that they begin with what they may see", async () => {
    await using client = await connect("", "team-lead K1");
    await using other = await connect("", "team-lead K2");
    changed.set("team-lead K1", ["K2"]).set("team-lead K2", ["k2"]);
    await expect.poll(client.text).toMatch(/event: bye\ndata: {"reason":"session"}\n\n/);
    expect(other.text()).not.toContain("event: bye");
  });

  it("of who is signed in no more ends within seconds, and its reader forgets where it was", async () => {
    await using ended = await connect("", "team-lead K1");
    await using goesOn = await connect("", "room-staff K1");
    nobody.add("team-lead K1");
    await expect.poll(ended.text).toMatch(/id: \nevent: bye\ndata: {"reason":"session"}\n\n\r\n0\r\n/);
    live.device(device("k1", 1));
    await expect.poll(goesOn.heard).toEqual(["device k1 1"]);
    expect(ended.heard()).toEqual([]);
  });
});

it("one person's programs together do not take the streams of all", async () => {
  const { port } = app.server.address() as AddressInfo;
  const over = new AbortController();
  // A body that nobody holds any more is given up, and its stream ends.
  const held: Response[] = [];
  const open = async (name: string) => {
    const headers = { authorization: `Bearer ${name}` };
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/stream`, { headers, signal: over.signal });
    held.push(answer);
    return answer.status;
  };
  const own = ["team-lead K1 of:anna", "team-lead K2 of:anna"] as const;
  const opened = await Promise.all(Array.from({ length: 600 }, (_, n) => open(own[n % 2]!)));
  expect(new Set(opened)).toEqual(new Set([200]));
  expect([await open(own[0]), await open(own[1]), await open("team-lead K1 of:bo")]).toEqual([503, 503, 200]);
  expect(held).toHaveLength(603);
  over.abort();
});
