/** The port under test: the embedded broker of a whole gateway, and what that gateway has kept. */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Gateway } from "#gateway/gateway.ts";
import type { ReadingChannel } from "#protocol/readings.ts";
import { topicFor } from "#protocol/topics.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { metric, runGateway } from "#test/journeys/running-gateway.ts";
import { quietLevel } from "#test/journeys/speaker.ts";
import { type Publish, publish } from "./packets.ts";

export const SITE = "jobcentre";

export interface Port extends AsyncDisposable {
  /** `mqtt://host:port` */
  readonly url: string;
  /** Sequence numbers of one boot in the journal, in the order in which it took them. */
  stored(boot: string): Promise<number[]>;
  /** The same of several boots at once. */
  storedOf(boots: readonly string[]): Promise<number[][]>;
  /** How many messages were set aside until now, by reason; those of no number left out. */
  refused(): Promise<Record<string, number>>;
  clients(): Promise<number>;
  /** Of clients that have the name of one that is there: by whether they were let in. */
  takeOvers(): Promise<Record<string, number>>;
  /** What was denied until now, by reason; those of no number left out. */
  denied(): Promise<Record<string, number>>;
  readonly gateway: Gateway;
  /** Its data folder. */
  readonly data: string;
}

/** `settings` are those of a settings file. */
export async function openPort(settings: Readonly<Record<string, unknown>> = {}): Promise<Port> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const file = join(folder.path, "fortrolig.yaml");
  await writeFile(file, JSON.stringify(settings));
  const gateway = stack.use(await runGateway({ data: join(folder.path, "data") }, file));
  const { journal } = gateway.pipeline;
  const storedOf = async (boots: readonly string[]) => {
    const seqs = new Map(boots.map((boot): [string, number[]] => [boot, []]));
    for (const { boot, seq } of await journal.messagesAfter(0, journal.lastId())) seqs.get(boot)?.push(seq);
    return [...seqs.values()];
  };
  return {
    url: gateway.broker,
    gateway,
    data: join(folder.path, "data"),
    stored: async (boot) => (await storedOf([boot]))[0]!,
    storedOf,
    async refused() {
      const counts = Object.entries(await metric(gateway.url, "fortrolig_messages_refused_total"));
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    },
    clients: async () => (await metric(gateway.url, "fortrolig_mqtt_clients"))[""]!,
    takeOvers: () => metric(gateway.url, "fortrolig_mqtt_take_overs_total"),
    async denied() {
      const counts = Object.entries(await metric(gateway.url, "fortrolig_mqtt_denied_total"));
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export const topic = (channel: Parameters<typeof topicFor>[2], device = "k1"): string =>
  topicFor(SITE, device, channel);

/** A boot that no other test has. */
export const newBoot = (): string => randomBytes(4).toString("hex");

export const level = (boot: string, seq: number): string => JSON.stringify({ boot, seq, t: Date.now(), ...quietLevel });

/** A PUBLISH of a right reading, QoS 1 unless `odd` says otherwise; its packet identifier is `seq` + 1. */
export const reading = (boot: string, seq: number, odd: Partial<Publish> = {}): Buffer =>
  publish({ topic: topic("level"), payload: level(boot, seq), id: seq + 1, ...odd });

export const status = (boot: string, online: "online" | "offline"): string =>
  JSON.stringify({ boot, seq: 0, t: Date.now(), status: online });

/** A PUBLISH on a channel, with something in it that is not right. */
export const nonsense = (channel: ReadingChannel, odd: Partial<Publish> = {}): Buffer =>
  publish({ topic: topic(channel), payload: "{", ...odd });
