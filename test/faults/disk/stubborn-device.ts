/** A device that keeps what was not acknowledged and says it again, as a device does, over MQTT with QoS 1. */
import mqtt, { type MqttClient } from "mqtt";
import { delivery, topicFor } from "#protocol/topics.ts";
import { quietLevel } from "#test/journeys/speaker.ts";

const SITE = "jobcentre";
const CADENCE_MS = 10_000;
export const BOOT = "0a1b2c3d";

export interface StubbornDevice extends AsyncDisposable {
  /** Sequence numbers that were answered by a PUBACK. */
  readonly acknowledged: ReadonlySet<number>;
  /** How many readings it has said so far; their numbers begin at 0. */
  said(): number;
  /** Connects, says everything that is not acknowledged and as many new readings; false when the connection was lost before all was acknowledged. */
  say(fresh?: number): Promise<boolean>;
}

export function stubbornDevice(broker: string, device: string): StubbornDevice {
  const acknowledged = new Set<number>();
  const began = Date.now();
  let said = 0;
  let client: MqttClient | undefined;

  const textOf = (seq: number) => JSON.stringify({ boot: BOOT, seq, t: began - seq * CADENCE_MS, ...quietLevel });

  async function say(fresh = 0): Promise<boolean> {
    said += fresh;
    const open = Array.from({ length: said }, (_, seq) => seq).filter((seq) => !acknowledged.has(seq));
    if (open.length === 0) return true;
    const using = await connect();
    const lost = new Promise<boolean>((resolve) => using.once("close", () => resolve(false)));
    const all = open.map(
      (seq) =>
        new Promise<void>((resolve) =>
          using.publish(topicFor(SITE, device, "level"), textOf(seq), delivery.level, (error) => {
            if (error) return;
            acknowledged.add(seq);
            resolve();
          }),
        ),
    );
    return Promise.race([Promise.all(all).then(() => true), lost]);
  }

  /** The connection that is there, or another one. */
  async function connect(): Promise<MqttClient> {
    if (client?.connected) return client;
    await client?.endAsync(true);
    client = await mqtt.connectAsync(broker, { clientId: device, protocolVersion: 4, reconnectPeriod: 0 });
    client.on("error", () => {});
    return client;
  }

  return {
    acknowledged,
    said: () => said,
    say,
    [Symbol.asyncDispose]: async () => void (await client?.endAsync(true)),
  };
}
