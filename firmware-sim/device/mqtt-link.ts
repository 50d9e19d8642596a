/**
 * The link over MQTT 3.1.1. The client library carries packets only: it neither reconnects nor keeps messages, since the
 * outbox does (its own store lives in memory and forgets on PUBACK).
 */
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { type Call, type Dial, type Link, LinkError, type Publication } from "./link.ts";

const CONNECT_TIMEOUT_MS = 10_000;
/** A goodbye waits no longer for acknowledgements that the broker owes. */
const CLOSE_TIMEOUT_MS = 3_000;
const KEEPALIVE_S = 30;

/** With what a device comes to the broker. */
export interface Access {
  readonly username?: string;
  readonly password?: string;
  /** PEM. `ca` vouches for the broker; without it the machine's own authorities do. */
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Dials `url`, such as `mqtt://127.0.0.1:1883` or `mqtts://gateway:8883`. */
export const mqttDial =
  (url: string, access: Access = {}): Dial =>
  async (call) => {
    const client = mqtt.connect(url, { ...options(call), ...access });
    const link = new MqttLink(client);
    client.on("message", (topic, payload, packet) => call.heard(topic, payload, packet.retain));
    await connected(client, url);
    client.on("error", () => {}); // `close` follows and is what counts
    client.on("close", () => {
      if (link.end()) call.ended("the connection was lost");
    });
    try {
      await subscribe(client, call);
    } catch (cause) {
      link.drop();
      throw cause;
    }
    return link;
  };

const options = (call: Call): IClientOptions => ({
  clientId: call.clientId,
  clean: !call.lasting,
  protocolVersion: 4,
  keepalive: KEEPALIVE_S,
  connectTimeout: CONNECT_TIMEOUT_MS,
  reconnectPeriod: 0,
  queueQoSZero: false,
  resubscribe: false,
  ...(call.will && {
    will: { ...call.will, payload: Buffer.from(call.will.payload) },
  }),
});

function connected(client: MqttClient, url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let cause: (Error & { code?: unknown }) | undefined;
    const failed = () => {
      client.end(true);
      const refused = cause?.code === BAD_USER_NAME_OR_PASSWORD || cause?.code === NOT_AUTHORIZED;
      reject(new LinkError(`${url}: ${reasonOf(cause)}`, { cause, refused }));
    };
    client.once("connect", () => {
      client.off("close", failed);
      resolve();
    });
    client.on("error", (error) => {
      cause = error;
    });
    client.once("close", failed);
  });
}

/** CONNACK, §3.2.2.3. */
const BAD_USER_NAME_OR_PASSWORD = 4;
const NOT_AUTHORIZED = 5;

function reasonOf(cause: (Error & { code?: unknown }) | undefined): string {
  if (cause?.code === "ECONNREFUSED") return "no broker answers there (connection refused)";
  if (cause?.code === "ENOTFOUND") return "there is no such host";
  if (cause?.code === BAD_USER_NAME_OR_PASSWORD) return "the broker does not take this credential";
  if (cause?.code === NOT_AUTHORIZED) return "the credential is not for this device";
  return cause?.message || "the broker closed the connection";
}

/** Always, also when the broker has kept the session: it may have lost it, or hold an older list. */
async function subscribe(client: MqttClient, call: Call): Promise<void> {
  if (call.subscribe.length === 0) return;
  let granted: { topic: string; qos: number }[];
  try {
    granted = await client.subscribeAsync(Object.fromEntries(call.subscribe.map(({ topic, qos }) => [topic, { qos }])));
  } catch (cause) {
    throw new LinkError("the broker did not answer the subscription", { cause });
  }
  const refused = granted.find(({ qos }) => qos > 2);
  if (refused) throw new LinkError(`the broker refuses a subscription to ${refused.topic}`);
}

class MqttLink implements Link {
  readonly #client: MqttClient;
  #open = true;

  constructor(client: MqttClient) {
    this.#client = client;
  }

  publish({ topic, payload, qos, retain }: Publication, acknowledged?: () => void): void {
    if (!this.#open) return;
    this.#client.publish(topic, payload, { qos, retain }, (error) => {
      if (!error) acknowledged?.();
    });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const late = setTimeout(() => this.#client.stream.destroy(), CLOSE_TIMEOUT_MS);
    const gone = new Promise<void>((resolve) => this.#client.once("close", () => resolve()));
    this.#client.end(false);
    await gone;
    clearTimeout(late);
  }

  drop(): void {
    this.end();
  }

  /** Whether it was open until now. */
  end(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#client.end(true);
    return true;
  }
}
