import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPacketStream, type PacketStream } from "./packet-stream.ts";
import { createTopicIndex } from "./topic-index.ts";

const topics = ["fortrolig/v1/demo/k1-1/level", "fortrolig/v1/demo/k1-1/state", "fortrolig/v1/demo/k1-2/level"];
const index = createTopicIndex(topics);

function packet(header: number, body: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from([header, ...length, ...body]);
}

const publish = (header: number, topic: string, id: number, payload: string): Uint8Array => {
  const name = new TextEncoder().encode(topic);
  const messageId = (header & 0x06) === 0 ? [] : [id >> 8, id & 0xff];
  return packet(
    header,
    Uint8Array.from([
      name.length >> 8,
      name.length & 0xff,
      ...name,
      ...messageId,
      ...new TextEncoder().encode(payload),
    ]),
  );
};
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Everything that a stream says, however it is cut: readings as text, and the broker's bytes. */
function through(stream: PacketStream, chunks: readonly Uint8Array[], taking = true) {
  const readings: string[] = [];
  const rest: number[] = [];
  for (const chunk of chunks) {
    const cut = stream.cut(chunk, taking ? index : undefined);
    if (cut === undefined) return "too long";
    for (const { topic, payload, messageId } of cut.readings) readings.push(`${topic} ${messageId} ${text(payload)}`);
    for (const part of cut.rest) rest.push(...part);
  }
  return { readings, rest };
}

const slices = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const parts: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = Math.min(bytes.length, at + cuts[i % cuts.length]!);
    parts.push(bytes.slice(at, end));
    at = end;
  }
  return parts;
};
const concat = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

describe("a connection's bytes", () => {
  const reading = (i: number) => publish(i % 2 ? 0x3a : 0x32, topics[i % 3]!, i + 1, `{"seq":${i}}`);
  const ping = packet(0xc0, new Uint8Array());
  const subscribe = packet(0x82, new Uint8Array(40).fill(7));

  it("are readings and the broker's, wherever they are cut", () => {
    const packets = fc.array(fc.oneof(fc.nat(500).map(reading), fc.constant(ping), fc.constant(subscribe)));
    const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 });
    fc.assert(
      fc.property(packets, cuts, (all, where) => {
        const bytes = concat(all);
        const whole = through(createPacketStream(), [bytes]);
        expect(through(createPacketStream(), slices(bytes, where))).toEqual(whole);
        const rest = concat(all.filter((one) => one === ping || one === subscribe));
        expect(whole).toMatchObject({ rest: [...rest] });
      }),
    );
  });

  it("are all the broker's until the client has been let in", () => {
    const bytes = concat([reading(1), ping, reading(2)]);
    expect(through(createPacketStream(), slices(bytes, [7]), false)).toEqual({ readings: [], rest: [...bytes] });
  });

  it("leave the broker what is no reading: other QoS, retained, unknown topics, without an id, long", () => {
    const level = topics[0]!;
    const others = [
      publish(0x30, level, 0, "{}"),
      publish(0x34, level, 1, "{}"),
      publish(0x33, level, 1, "{}"),
      publish(0x32, `${level}s`, 1, "{}"),
      publish(0x32, "", 1, "{}"),
      publish(0x32, level, 0, "{}"),
      publish(0x32, level, 1, "x".repeat(9000)),
      packet(0x32, Uint8Array.from([0, 200, 1])),
    ];
    for (const other of others)
      expect(through(createPacketStream(), [other])).toEqual({ readings: [], rest: [...other] });
  });

  it("keep their order: what was read behind a publish of the broker's stays behind it", () => {
    const status = publish(0x33, "fortrolig/v1/demo/k1-1/status", 9, "{}");
    const stream = createPacketStream();
    const { readings, rest } = stream.cut(concat([reading(1), status, reading(2)]), index)!;
    expect(readings.map(({ payload }) => text(payload))).toEqual(['{"seq":1}']);
    expect(concat(rest)).toEqual(concat([status, reading(2)]));
    expect(stream.cut(reading(3), index)!.readings).toHaveLength(1);

    const [begun, ended] = [status.slice(0, 9), concat([status.slice(9), reading(4)])];
    expect(stream.cut(begun, index)!.readings).toEqual([]);
    expect(stream.cut(ended, index)!.readings).toEqual([]);
    expect(stream.cut(reading(5), index)!.readings).toHaveLength(1);
  });

  it("end at the header of a packet that is longer than the limit", () => {
    const limited = () => createPacketStream(300);
    expect(through(limited(), [packet(0x30, new Uint8Array(300))])).not.toBe("too long");
    expect(through(limited(), [packet(0x30, new Uint8Array(301)).slice(0, 3)])).toBe("too long");
    expect(through(limited(), [Uint8Array.from([0x30, 0xff, 0xff, 0xff, 0x7f])])).toBe("too long");
  });
});

describe("the index of topics", () => {
  it("finds each of them by its bytes, and nothing else", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.stringMatching(/^[a-z0-9/]{1,12}$/), { minLength: 1 }),
        fc.string(),
        (all, other) => {
          const found = createTopicIndex(all);
          for (const topic of [...all, other]) {
            const bytes = new TextEncoder().encode(`..${topic}..`);
            expect(found.find(bytes, 2, bytes.length - 2)).toBe(all.find((one) => one === topic));
          }
        },
      ),
    );
  });
});
