/** MQTT 3.1.1 control packets as bytes, written out by hand so that a test can also send what no library would. */

export const types = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
} as const;
export type PacketType = keyof typeof types;

/** A packet as it came: first byte's two halves and all that follows the remaining length. */
export interface Packet {
  readonly type: PacketType;
  /** Lower four bits of the first byte. */
  readonly flags: number;
  readonly body: Buffer;
}

/** `text` as UTF-8, or any bytes where a string should be, after their length in two bytes (§1.5.3). */
export function field(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([uint16(bytes.length), bytes]);
}

export const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** §2.2.3. `digits` more than the value needs give one of the longer forms, filled up with zeros. */
export function remainingLength(value: number, digits = 1): Buffer {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length < digits; rest = Math.floor(rest / 128)) bytes.push(rest % 128);
  return Buffer.from(bytes.map((byte, i) => (i < bytes.length - 1 ? byte | 0x80 : byte)));
}

/** Any packet: `flags` are the lower four bits of its first byte. */
export function packet(type: PacketType | number, flags: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const first = ((typeof type === "number" ? type : types[type]) << 4) | flags;
  return Buffer.concat([Buffer.from([first]), remainingLength(body.length), body]);
}

export interface Will {
  readonly topic: string;
  readonly payload: string;
  readonly qos?: 0 | 1 | 2;
  readonly retain?: boolean;
}

export interface Connect {
  readonly id?: string;
  readonly clean?: boolean;
  readonly keepaliveS?: number;
  readonly will?: Will;
  readonly user?: string;
  readonly password?: string | Uint8Array;
  /** What no library sends: other names, levels, flags. */
  readonly protocol?: string;
  readonly level?: number;
  /** Bits that are set besides those that follow from the rest. */
  readonly flags?: number;
}

export function connect({
  id = "k1",
  clean = true,
  keepaliveS = 0,
  will,
  user,
  password,
  ...odd
}: Connect = {}): Buffer {
  const { protocol = "MQTT", level = 4, flags = 0 } = odd;
  const willFlags = will ? 4 | ((will.qos ?? 0) << 3) | (will.retain ? 32 : 0) : 0;
  const known = (user === undefined ? 0 : 0x80) | (password === undefined ? 0 : 0x40);
  const bits = Buffer.from([level, (clean ? 2 : 0) | willFlags | known | flags]);
  const willFields = will ? [field(will.topic), field(will.payload)] : [];
  const knownBy = [user, password].filter((text) => text !== undefined).map(field);
  return packet("connect", 0, field(protocol), bits, uint16(keepaliveS), field(id), ...willFields, ...knownBy);
}

export interface Publish {
  readonly topic: string | Uint8Array;
  readonly payload?: string | Uint8Array;
  readonly qos?: 0 | 1 | 2 | 3;
  readonly id?: number;
  readonly dup?: boolean;
  readonly retain?: boolean;
}

export function publish({ topic, payload = "", qos = 1, id = 1, dup = false, retain = false }: Publish): Buffer {
  const flags = (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0);
  const identifier = qos === 0 ? Buffer.alloc(0) : uint16(id);
  return packet("publish", flags, field(topic), identifier, Buffer.from(payload as string));
}

export const subscribe = (id: number, ...filters: readonly (readonly [string | Uint8Array, number])[]): Buffer =>
  packet("subscribe", 2, uint16(id), ...filters.flatMap(([filter, qos]) => [field(filter), Buffer.from([qos])]));
export const unsubscribe = (id: number, ...filters: readonly string[]): Buffer =>
  packet("unsubscribe", 2, uint16(id), ...filters.map(field));
export const puback = (id: number): Buffer => packet("puback", 0, uint16(id));
export const pubrel = (id: number): Buffer => packet("pubrel", 2, uint16(id));
export const pingreq: Buffer = packet("pingreq", 0);
export const disconnect: Buffer = packet("disconnect", 0);

/** Whole packets at the front of `bytes`, and what is left. */
export function split(bytes: Buffer): { packets: Packet[]; rest: Buffer } {
  const packets: Packet[] = [];
  let at = 0;
  for (;;) {
    let length = 0;
    let digit = at + 1;
    for (; digit < bytes.length; digit++) {
      length += (bytes[digit]! & 0x7f) * 128 ** (digit - at - 1);
      if (bytes[digit]! < 0x80) break;
    }
    const end = digit + 1 + length;
    if (digit >= bytes.length || end > bytes.length) return { packets, rest: bytes.subarray(at) };
    const first = bytes[at]!;
    packets.push({ type: typeOf(first >> 4), flags: first & 0xf, body: bytes.subarray(digit + 1, end) });
    at = end;
  }
}

function typeOf(number: number): PacketType {
  const name = (Object.keys(types) as PacketType[]).find((type) => types[type] === number);
  if (!name) throw new Error(`there is no packet of type ${number}`);
  return name;
}

/** What tests compare: a packet in words, such as `puback 7` or `publish 1 dup fortrolig/… {…}`. */
export function words({ type, flags, body }: Packet): string {
  switch (type) {
    case "connack":
      return `connack ${body[0]} ${body[1]}`;
    case "suback":
      return `suback ${body.readUInt16BE()} ${[...body.subarray(2)].join(" ")}`;
    case "publish":
      return publishWords(flags, body);
    case "pingresp":
      return "pingresp";
    default:
      return `${type} ${body.readUInt16BE()}`;
  }
}

function publishWords(flags: number, body: Buffer): string {
  const end = 2 + body.readUInt16BE();
  const qos = (flags >> 1) & 3;
  const marks = [`qos${qos}`, flags & 8 ? "dup" : "", flags & 1 ? "retained" : ""].filter(Boolean).join(" ");
  return `publish ${marks} ${body.subarray(2, end)} ${body.subarray(qos > 0 ? end + 2 : end)}`;
}

/** The packet identifier of a PUBLISH with QoS 1 or 2. */
export const identifierOf = ({ body }: Packet): number => body.readUInt16BE(2 + body.readUInt16BE());
