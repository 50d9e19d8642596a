/**
 * A device that sends as fast as its connection takes it and waits for nothing: MQTT 3.1.1 over a raw socket, QoS 1, with
 * as many messages unacknowledged as packet identifiers allow. What slows it down is TCP alone.
 */
import { once } from "node:events";
import { createConnection } from "node:net";
import { topicFor } from "#protocol/topics.ts";

/** Of 65,535 identifiers: none is used again before its PUBACK. */
const MOST_UNACKNOWLEDGED = 60_000;
const IDENTIFIERS = 65_535;
/** Messages written at a time, and how often in one go. */
const RUN = 200;
const RUNS = 5;

export interface Flooder extends AsyncDisposable {
  /** Begins. */
  pour(): void;
  /** Handed to the socket so far, of these acknowledged. */
  readonly sent: number;
  readonly acknowledged: number;
  /** Sequence numbers that have been acknowledged. */
  isAcknowledged(seq: number): boolean;
  /** Sends no more; what is on its way may still be acknowledged. */
  stop(): void;
}

export interface FlooderOptions {
  /** `mqtt://host:port` */
  readonly broker: string;
  readonly site: string;
  readonly device: string;
  readonly boot: string;
  /** Of the first message, ms UTC; each is a hundredth of a second after the one before. */
  readonly from: number;
}

export async function connectFlooder({ broker, site, device, boot, from }: FlooderOptions): Promise<Flooder> {
  const { hostname: host, port } = new URL(broker);
  const socket = createConnection({ host, port: Number(port) });
  const topic = Buffer.from(topicFor(site, device, "level"));
  const acknowledged = new Set<number>();
  const inFlight = new Map<number, number>();
  let sent = 0;
  let stopped = false;
  let again: NodeJS.Immediate | undefined;
  let unread: Buffer = Buffer.alloc(0);

  const packetOf = (seq: number): Buffer => {
    const t = from + seq * 10;
    const payload = `{"boot":"${boot}","seq":${seq},"t":${t},"laeq":${40 + (seq % 40) / 2},"lafmax":61,"l90":38.5,"speechRatio":0.3,"noiseLimited":false,"clipped":false}`;
    const identifier = 1 + (seq % IDENTIFIERS);
    inFlight.set(identifier, seq);
    return publishPacket(topic, identifier, payload);
  };
  const mayPour = () => !stopped && !socket.writableNeedDrain && inFlight.size < MOST_UNACKNOWLEDGED;
  /** What fits in one go; others who share this thread come in between. */
  const pour = () => {
    for (let runs = 0; runs < RUNS && mayPour(); runs++) {
      const packets: Buffer[] = [];
      for (let i = 0; i < RUN; i++) packets.push(packetOf(sent++));
      socket.write(Buffer.concat(packets));
    }
    if (mayPour() && !again) again = setImmediate(resume);
  };
  const resume = () => {
    again = undefined;
    pour();
  };
  const hear = (bytes: Buffer) => {
    unread = unread.length === 0 ? bytes : Buffer.concat([unread, bytes]);
    let at = 0;
    for (; at + 4 <= unread.length; at += 4) {
      if (unread[at] !== PUBACK) continue;
      const identifier = unread.readUInt16BE(at + 2);
      acknowledged.add(inFlight.get(identifier)!);
      inFlight.delete(identifier);
    }
    unread = unread.subarray(at);
    pour();
  };

  const closed = once(socket, "close");
  // A gateway that stops closes its connections.
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.setNoDelay(true);
  socket.write(connectPacket(device));
  const [connack] = (await once(socket, "data")) as [Buffer];
  if (connack[0] !== CONNACK || connack[3] !== 0)
    throw new Error(`${device} is not let in: ${connack.toString("hex")}`);
  socket.on("data", hear);
  socket.on("drain", pour);

  return {
    pour,
    get sent() {
      return sent;
    },
    get acknowledged() {
      return acknowledged.size;
    },
    isAcknowledged: (seq) => acknowledged.has(seq),
    stop() {
      stopped = true;
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      socket.destroy();
      await closed;
    },
  };
}

const CONNACK = 0x20;
const PUBACK = 0x40;

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/** MQTT 3.1.1 §3.1: clean session, no keep-alive. */
function connectPacket(client: string): Buffer {
  const body = Buffer.concat([text("MQTT"), Buffer.from([4, 2, 0, 0]), text(client)]);
  return Buffer.concat([Buffer.from([0x10, body.length]), body]);
}

/** §3.3: QoS 1. */
function publishPacket(topic: Buffer, identifier: number, payload: string): Buffer {
  const length = 2 + topic.length + 2 + payload.length;
  const packet = Buffer.allocUnsafe(3 + length);
  packet[0] = 0x32;
  packet[1] = (length & 0x7f) | 0x80;
  packet[2] = length >> 7;
  packet.writeUInt16BE(topic.length, 3);
  topic.copy(packet, 5);
  packet.writeUInt16BE(identifier, 5 + topic.length);
  packet.write(payload, 7 + topic.length, "latin1");
  return packet;
}
