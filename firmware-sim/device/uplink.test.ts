import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";
import mqtt, { type MqttClient } from "mqtt";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Commands } from "#protocol/commands.ts";
import type { Id } from "#protocol/quantities.ts";
import { parseTopic, topicFor } from "#protocol/topics.ts";
import { startMosquitto } from "#test/services/mosquitto.ts";
import { freePort } from "#test/services/service.ts";
import { systemClock } from "./clock.ts";
import { SIMULATED } from "./identity.ts";
import { mqttDial } from "./mqtt-link.ts";
import { Outbox, type OutboxRules } from "./outbox.ts";
import { openUplink, type Uplink, type UplinkState } from "./uplink.ts";

interface Broker extends AsyncDisposable {
  readonly url: string;
  stop(): Promise<unknown>;
  start(): Promise<unknown>;
}

/** The embedded broker's own library on a free port. */
async function startAedes(): Promise<Broker> {
  const sockets = new Set<Socket>();
  let broker: Aedes;
  let server: Server;
  const port = await freePort();
  const start = async () => {
    broker = await Aedes.createBroker();
    server = createServer((socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      broker.handle(socket);
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  };
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await new Promise<void>((resolve) => broker.close(() => resolve()));
  };
  await start();
  return { url: `mqtt://127.0.0.1:${port}`, start, stop, [Symbol.asyncDispose]: stop };
}

const DEVICE: Id = "k1";
const SITE: Id = "jobcentre";
const T0 = 1_767_225_600_000;

/** Everything a gateway would hear on the broker; answers with receipts when told to. */
class Listener {
  readonly heard: { channel: string; message: { boot: string; seq: number; status?: string }; retained: boolean }[] =
    [];
  readonly #client: MqttClient;
  answers = true;

  private constructor(client: MqttClient) {
    this.#client = client;
  }

  static async open(url: string): Promise<Listener> {
    const listener = new Listener(mqtt.connect(url, { reconnectPeriod: 50 }));
    listener.#client.on("error", () => {});
    listener.#client.on("message", (topic, payload, packet) => listener.#hear(topic, payload, packet.retain));
    await listener.#client.subscribeAsync(`fortrolig/v1/${SITE}/${DEVICE}/+`, { qos: 1 });
    return listener;
  }

  #hear(topic: string, payload: Buffer, retained: boolean): void {
    const channel = parseTopic(topic)!.channel;
    if (channel === "receipt") return;
    const message = JSON.parse(payload.toString());
    this.heard.push({ channel, message, retained });
    if (channel === "state" && this.answers) this.confirm(message.boot, message.seq);
  }

  confirm(boot: string, seq: number): void {
    const receipt: Commands["receipt"] = { boot, through: -1, beyond: [[seq, seq]] };
    this.#client.publish(topicFor(SITE, DEVICE, "receipt"), JSON.stringify(receipt));
  }

  say(channel: "lease" | "config", body: object): void {
    this.#client.publish(topicFor(SITE, DEVICE, channel), JSON.stringify(body), { qos: 1 });
  }

  statuses(): string[] {
    return this.heard.filter((h) => h.channel === "status").map((h) => `${h.message.boot} ${h.message.status}`);
  }

  states(boot: string): number[] {
    return this.heard.filter((h) => h.channel === "state" && h.message.boot === boot).map((h) => h.message.seq);
  }

  close(): Promise<void> {
    return this.#client.endAsync(true);
  }
}

interface Device {
  readonly outbox: Outbox;
  readonly uplink: Uplink;
  readonly states: UplinkState[];
  readonly commands: unknown[];
  say(count: number): void;
}

describe.each([
  ["aedes", startAedes],
  ["mosquitto", startMosquitto],
] as const)("uplink over %s", (_name, startBroker) => {
  let broker: Broker;
  let listener: Listener;
  let uplinks: Uplink[] = [];

  beforeEach(async () => {
    broker = await startBroker();
    listener = await Listener.open(broker.url);
  });
  afterEach(async () => {
    await Promise.all(uplinks.map((uplink) => uplink.close(0)));
    uplinks = [];
    await listener.close();
    await broker[Symbol.asyncDispose]();
  });

  function open(boot: string, rules: Partial<OutboxRules> = {}): Device {
    const outbox = new Outbox(boot, rules);
    const states: UplinkState[] = [];
    const commands: unknown[] = [];
    const uplink = openUplink({
      identity: { site: SITE, device: DEVICE, boot },
      nature: SIMULATED,
      outbox,
      clock: systemClock,
      time: systemClock.now,
      dial: mqttDial(broker.url),
      random: () => 0.02,
      onCommand: (channel, command) => commands.push({ [channel]: command }),
      onState: (state) => states.push(state),
      sessionRules: { arrivalMs: 300 },
      asideRules: { lookMs: 300, settleMs: 300 },
    });
    uplinks.push(uplink);
    const say = (count: number) => {
      for (let i = 0; i < count; i++)
        outbox.add(
          "state",
          { t: T0, occupied: true, confidence: 1, conversation: "off", hint: "unknown", since: T0 },
          Date.now(),
        );
      uplink.wake();
    };
    return { outbox, uplink, states, commands, say };
  }

  const online = (device: Device) => expect.poll(() => device.uplink.state().kind).toBe("online");
  const retained = async (): Promise<string[]> => {
    const late = await Listener.open(broker.url);
    late.answers = false;
    await expect.poll(() => late.heard.length).toBe(2);
    await late.close();
    return late.heard.map(({ channel, message, retained }) => {
      expect(retained).toBe(true);
      return `${channel} ${message.boot} ${message.status ?? ""}`.trim();
    });
  };

  it("announces itself, retained, before it says anything else", async () => {
    const device = open("00000001");
    device.say(2);
    await expect.poll(() => device.outbox.depth).toBe(0);
    expect(listener.heard.map(({ channel }) => channel)).toEqual(["status", "birth", "state", "state"]);
    expect((await retained()).sort()).toEqual(["birth 00000001", "status 00000001 online"]);
  });

  it("says goodbye once when it goes, and the will speaks for it when it breaks off", async () => {
    const first = open("00000001");
    await online(first);
    await first.uplink.close(0);
    await expect.poll(() => listener.statuses()).toEqual(["00000001 online", "00000001 offline"]);

    const dead = await mqttDial(broker.url)({
      clientId: DEVICE,
      lasting: true,
      will: { topic: topicFor(SITE, DEVICE, "status"), payload: offline("00000002"), qos: 1, retain: true },
      subscribe: [],
      heard: () => {},
      ended: () => {},
    });
    dead.drop();
    await expect.poll(() => listener.statuses().at(-1)).toBe("00000002 offline");
  });

  it("hears its own commands only", async () => {
    const device = open("00000001");
    await online(device);
    listener.say("lease", { until: T0 });
    listener.say("config", { version: 300, silent: false });
    listener.say("config", { version: 7, silent: true });
    await expect
      .poll(() => device.commands)
      .toEqual([{ lease: { until: T0 } }, { config: { version: 7, silent: true } }]);
  });

  it("sends again what is not confirmed, until it is", async () => {
    listener.answers = false;
    const device = open("00000001", { resend: { baseMs: 100, ceilingMs: 100 } });
    device.say(1);
    await expect.poll(() => listener.states("00000001").length).toBeGreaterThan(1);
    expect([new Set(listener.states("00000001")), device.outbox.depth]).toEqual([new Set([0]), 1]);
    listener.confirm("00000001", 0);
    await expect.poll(() => device.outbox.depth).toBe(0);
  });

  it("loses nothing while the broker is away, and what is new goes first", async () => {
    const device = open("00000001", { liveMs: 0, backlogPerS: 100 });
    await online(device);
    await broker.stop();
    device.say(300);
    await expect.poll(() => device.states.filter((s) => s.kind === "waiting").length).toBeGreaterThan(1);
    const before = listener.statuses().length;
    await broker.start();
    await online(device);
    // Who listens is back as well; the backlog has three seconds to go.
    await expect.poll(() => listener.statuses().slice(before).at(-1)).toBe("00000001 online");
    device.say(1);
    await expect.poll(() => device.outbox.depth).toBe(0);
    const arrived = listener.states("00000001");
    expect(new Set(arrived)).toEqual(new Set(Array.from({ length: 301 }, (_, i) => i)));
    expect(arrived.indexOf(300)).toBeLessThan(arrived.indexOf(299));
  });

  it("stands aside for a newer device of the same name, and comes back when that has gone", async () => {
    const older = open("00000001");
    await online(older);
    const newer = open("00000002");
    await expect.poll(() => older.uplink.state().kind).toBe("aside");
    await online(newer);
    older.say(1);
    newer.say(3);
    await expect.poll(() => newer.outbox.depth).toBe(0);
    expect(older.uplink.state().kind).toBe("aside");
    expect(newer.states.filter((s) => s.kind === "online").length).toBeLessThanOrEqual(2);

    await newer.uplink.close(1000);
    await online(older);
    await expect.poll(() => older.outbox.depth).toBe(0);
    expect(listener.statuses().at(-1)).toBe("00000001 online");
  });
});

const offline = (boot: string) => JSON.stringify({ boot, seq: 0, t: T0, status: "offline" });

it("tells why there is no connection, in one line", async () => {
  const states: UplinkState[] = [];
  const uplink = openUplink({
    identity: { site: SITE, device: DEVICE, boot: "00000001" },
    nature: SIMULATED,
    outbox: new Outbox("00000001"),
    clock: systemClock,
    time: systemClock.now,
    dial: mqttDial("mqtt://127.0.0.1:9"),
    random: () => 0,
    onCommand: () => {},
    onState: (state) => states.push(state),
  });
  await expect.poll(() => states.length).toBeGreaterThan(2);
  await uplink.close(0);
  expect(states.slice(0, 2)).toEqual([
    { kind: "connecting" },
    { kind: "waiting", ms: 0, reason: "mqtt://127.0.0.1:9: no broker answers there (connection refused)" },
  ]);
});
