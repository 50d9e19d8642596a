/**
 * One site has one gateway. Where several use one outside broker, each claims its site there, and who finds a site claimed
 * asks whether its owner is alive before it connects by the site's name: two that share a name would throw each other out
 * for ever, and MQTT 3.1.1 has no word for it. A claim is retained; the owner's will and its goodbye take it back.
 */
import mqtt, { type MqttClient } from "mqtt";
import { z } from "zod";
import type { Id } from "#protocol/quantities.ts";
import { claimTopic } from "#protocol/topics.ts";
import type { OutsideAccess } from "../enrolment/outside-access.ts";

/** `instance` is random per process, so that a gateway knows its own claim. */
const Claim = z.object({ instance: z.string(), host: z.string(), pid: z.int(), since: z.iso.datetime() });
export type Claim = z.infer<typeof Claim>;

/** On the claim's topic, not retained: is the owner alive? It says its claim again. */
const Question = z.object({ asks: z.string() });

/** An owner that is busy with what the broker has kept for it may need this long to answer, ms. */
const PATIENCE_MS = 5000;
const CONNECT_LIMIT_MS = 10_000;

export const claimText = (claim: Claim): string => JSON.stringify(claim);
/** What takes a claim back: nothing, retained [MQTT-3.3.1-10]. */
export const NO_CLAIM = "";

/** Whether another gateway wants to know if the owner of this claim is alive. */
export const isQuestion = (payload: Uint8Array, mine: Claim): boolean => {
  const question = read(Question, payload);
  return question !== undefined && question.asks !== mine.instance;
};

export interface AskOptions {
  readonly url: string;
  readonly access: OutsideAccess;
  readonly site: Id;
  readonly mine: Claim;
  readonly signal: AbortSignal;
  readonly patienceMs?: number;
}

/** The other gateway that reads the site now, if there is one. Rejects when the broker cannot be reached. */
export async function liveOwner({ url, access, site, mine, signal, patienceMs = PATIENCE_MS }: AskOptions) {
  const clientId = `fortrolig-gateway-${site}-${mine.instance}`;
  const client = mqtt.connect(url, {
    ...access,
    clientId,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_LIMIT_MS,
  });
  client.on("error", () => {}); // told by `connected`; later ones end the asking by its limit
  try {
    await connected(client, signal);
    return await ask(client, claimTopic(site), mine, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]));
  } finally {
    await client.endAsync(true);
  }
}

/** MQTT.js says only "close" where a broker hangs up. */
function connected(client: MqttClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("error", reject);
    client.once("close", () => reject(new Error("the broker has closed the connection")));
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

async function ask(client: MqttClient, topic: string, mine: Claim, signal: AbortSignal): Promise<Claim | undefined> {
  let claimed = false;
  const owner = new Promise<Claim | undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
    client.on("message", (_, payload, { retain }) => {
      const claim = read(Claim, payload);
      if (!claim || claim.instance === mine.instance) return;
      claimed = true;
      if (!retain) resolve(claim);
    });
  });
  // What is retained follows the first SUBACK and precedes the second.
  for (let i = 0; i < 2; i++) {
    const granted = await client.subscribeAsync(topic, { qos: 0 }).catch(() => []);
    if (!granted.some(({ qos }) => qos <= 2)) return undefined; // the broker does not let gateways claim
  }
  if (!claimed) return undefined;
  client.publish(topic, JSON.stringify({ asks: mine.instance }));
  return owner;
}

function read<T>(schema: z.ZodType<T>, payload: Uint8Array): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(payload).toString())).data;
  } catch {
    return undefined;
  }
}
