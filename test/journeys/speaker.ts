/** A device that says what a journey wants it to, over MQTT with QoS 1: no firmware, only its words. */
import { connectAsync, type MqttClient } from "mqtt";
import type { Readings, SequencedChannel } from "#protocol/readings.ts";
import { delivery, topicFor } from "#protocol/topics.ts";

const SITE = "jobcentre";
const SECOND = 1000;

export type Body<C extends SequencedChannel> = Omit<Readings[C], "boot" | "seq" | "t">;

export interface Speaker extends AsyncDisposable {
  /** Resolves when the broker has acknowledged it. */
  say<C extends SequencedChannel>(channel: C, t: number, body: Body<C>): Promise<void>;
  /** How many have been acknowledged, by channel. */
  readonly acknowledged: Readonly<Record<SequencedChannel, number>>;
  readonly client: MqttClient;
}

export async function connectSpeaker(broker: string, device: string, boot: string): Promise<Speaker> {
  const client = await connectAsync(broker, { clientId: device, protocolVersion: 4, reconnectPeriod: 0 });
  const acknowledged = { state: 0, level: 0, stats: 0, health: 0 };
  let seq = 0;
  return {
    acknowledged,
    client,
    async say(channel, t, body) {
      const payload = JSON.stringify({ boot, seq: seq++, t, ...body });
      await client.publishAsync(topicFor(SITE, device, channel), payload, delivery[channel]);
      acknowledged[channel]++;
    },
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

/** What a device says of a room at `t`, where a conversation has been going on (or not) since `since`. */
export const roomState = (conversation: "on" | "off", since: number, occupied = true): Body<"state"> => ({
  occupied,
  confidence: 0.9,
  conversation,
  hint: conversation === "on" ? "dialogue" : "unknown",
  since: Math.floor(since / SECOND) * SECOND,
});

export const quietLevel: Body<"level"> = {
  laeq: 42.5,
  lafmax: 51,
  l90: 36,
  speechRatio: 0,
  noiseLimited: false,
  clipped: false,
};

const thirds = (from: number) => Array.from({ length: 16 }, (_, band) => from - band / 2);
export const fiveMinutes: Body<"stats"> = {
  speechSeconds: 120,
  speech: thirds(52),
  background: thirds(38),
  laeq: 48,
  l10: 52.5,
  l50: 43,
  l90: 37,
};

export const wellness: Body<"health"> = {
  uptime: 3,
  outbox: 0,
  dropped: 0,
  micFloor: 29.5,
  micDc: 0,
  muted: false,
  asleep: false,
  tamper: false,
  rssi: -60,
  configVersion: 1,
};
