/** One MQTT 3.1.1 connection over a raw socket that only publishes with QoS 1 and counts PUBACKs. */
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type SequencedChannel, sequencedChannels } from "#protocol/readings.ts";
import { topicFor } from "#protocol/topics.ts";
import { deviceName, remainingLength, type Voice } from "./phrases.ts";

/** Half a socket's send buffer: a write larger than this would be cut in parts anyway. */
const CHUNK_BYTES = 64 * 1024;
const MAX_PACKET = 2048;
const PACKET_IDS = 65_536;
/** Type, length 2, packet id. No packet that is sent to these connections is shorter. */
const PUBACK_BYTES = 4;
const PUBACK = 0x40;
const SUBACK = 0x90;
const channelNumber = new Map(sequencedChannels.map((channel, i) => [channel, i]));

/** Buffers that sockets have done with. */
const spare: Buffer[] = [];

export interface Told {
  /** A publication is acknowledged; times on `performance`'s clock. */
  acknowledged(channel: SequencedChannel, dueAt: number): void;
  published(payloadBytes: number): void;
  /** The connection is gone, and nobody had asked for it. */
  lost(reason: string): void;
}

/** As whom a connection comes in. */
export interface Caller {
  readonly clientId: string;
  /** Over TLS, with the device's secret. */
  readonly credential?: { readonly ca: Buffer; readonly secret: string };
}

/** When message number `n` of this connection is due; Infinity for never. On `performance`'s clock. */
export type DueAt = (n: number, now: number) => number;

export class Connection {
  readonly #socket: Socket;
  readonly #voices: readonly Voice[];
  readonly #window: number;
  readonly #told: Told;
  readonly #dueAt = new Float64Array(PACKET_IDS);
  readonly #channel = new Uint8Array(PACKET_IDS);
  #dueOf: DueAt = () => Number.POSITIVE_INFINITY;
  #sent = 0;
  #inFlight = 0;
  #unread: Buffer | undefined;
  #ready: (() => void) | undefined;

  private constructor(socket: Socket, voices: readonly Voice[], window: number, told: Told) {
    this.#socket = socket;
    this.#voices = voices;
    this.#window = window;
    this.#told = told;
    socket.on("data", (bytes) => this.#read(bytes));
    socket.on("error", (error) => told.lost(error.message));
    socket.on("close", () => told.lost("closed by the broker"));
  }

  /** Resolves when the broker has answered CONNECT and SUBSCRIBE; a device listens to its receipts. */
  static async open(
    port: number,
    { clientId, credential }: Caller,
    { site, devices, voices, window }: { site: string; devices: number[]; voices: Voice[]; window: number },
    told: Told,
  ): Promise<Connection> {
    const host = "127.0.0.1";
    const socket = credential ? connectTls({ port, host, ca: credential.ca }) : connect({ port, host });
    socket.setNoDelay(true);
    await new Promise<void>((resolve, reject) => {
      socket.once(credential ? "secureConnect" : "connect", resolve);
      socket.once("error", reject);
    });
    const connection = new Connection(socket, voices, window, told);
    const answered = new Promise<void>((resolve) => {
      connection.#ready = resolve;
    });
    socket.write(connectPacket(clientId, credential?.secret));
    socket.write(subscribePacket(devices.map((device) => topicFor(site, deviceName(device), "receipt"))));
    await answered;
    return connection;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  begin(dueOf: DueAt): void {
    this.#dueOf = dueOf;
    this.pump();
  }

  /** Publishes what is due, as far as the window goes. */
  pump(): void {
    const now = performance.now();
    const millis = Date.now();
    let chunk: Buffer | undefined;
    let length = 0;
    while (this.#inFlight < this.#window) {
      const due = this.#dueOf(this.#sent, now);
      if (due > now) break;
      chunk ??= spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const packetId = (this.#sent % (PACKET_IDS - 1)) + 1;
      const phrase = this.#voices[this.#sent % this.#voices.length]!.next(millis, packetId);
      chunk.set(phrase.packet, length);
      length += phrase.packet.length;
      this.#dueAt[packetId] = due;
      this.#channel[packetId] = channelNumber.get(phrase.channel)!;
      this.#sent++;
      this.#inFlight++;
      this.#told.published(phrase.payloadBytes);
      if (length + MAX_PACKET > CHUNK_BYTES) {
        this.#write(chunk, length);
        chunk = undefined;
        length = 0;
      }
    }
    if (chunk) this.#write(chunk, length);
  }

  close(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.end(Buffer.from([0xe0, 0]));
  }

  #write(chunk: Buffer, length: number): void {
    this.#socket.write(chunk.subarray(0, length), () => spare.push(chunk));
  }

  /** PUBACK is four bytes; everything else (CONNACK, SUBACK, receipts) is passed over. */
  #read(bytes: Buffer): void {
    const all = this.#unread ? Buffer.concat([this.#unread, bytes]) : bytes;
    let at = 0;
    while (at + PUBACK_BYTES <= all.length) {
      if (all[at] === PUBACK) {
        this.#acknowledge((all[at + 2]! << 8) | all[at + 3]!);
        at += PUBACK_BYTES;
        continue;
      }
      const end = endOfPacket(all, at);
      if (end > all.length) break;
      if (all[at] === SUBACK) this.#ready?.();
      at = end;
    }
    this.#unread = at < all.length ? all.subarray(at) : undefined;
    this.pump();
  }

  #acknowledge(packetId: number): void {
    this.#inFlight--;
    this.#told.acknowledged(sequencedChannels[this.#channel[packetId]!]!, this.#dueAt[packetId]!);
  }
}

/** Where the packet that begins at `at` ends; Infinity when its length is not all there. */
function endOfPacket(bytes: Buffer, at: number): number {
  let length = 0;
  for (let i = 1; i <= 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 128 ** (i - 1);
    if (byte < 128) return at + i + 1 + length;
  }
  return Number.POSITIVE_INFINITY;
}

const text = (words: string): number[] => [words.length >> 8, words.length & 0xff, ...Buffer.from(words)];

const CLEAN = 0x02;
const USER_AND_PASSWORD = 0xc0;

/** Clean session, no keep-alive. A device's user name is its client id. */
function connectPacket(clientId: string, secret: string | undefined): Buffer {
  const known = secret === undefined ? [] : [...text(clientId), ...text(secret)];
  const flags = CLEAN | (secret === undefined ? 0 : USER_AND_PASSWORD);
  const rest = [...text("MQTT"), 4, flags, 0, 0, ...text(clientId), ...known];
  return Buffer.from([0x10, ...remainingLength(rest.length), ...rest]);
}

function subscribePacket(topics: readonly string[]): Buffer {
  const rest = [0, 1, ...topics.flatMap((topic) => [...text(topic), 0])];
  return Buffer.from([0x82, ...remainingLength(rest.length), ...rest]);
}
