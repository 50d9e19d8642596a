import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commandSchemas } from "#protocol/commands.ts";
import type { ReadingChannel } from "#protocol/readings.ts";
import { registryOf } from "./registry.ts";
import { bytes, packet, reading, samples, site, T, topic } from "./sample.fixture.ts";
import { CLOCK_AHEAD_MS, CLOCK_BEHIND_MS, judge, type Verdict } from "./verdict.ts";

const registry = registryOf(site);
const leaseUntil = (device: string) => (device === "k1-1" ? T + 60_000 : undefined);
const verdict = (at: string, payload: Uint8Array, now = T, measures = (_t: number) => true): Verdict =>
  judge(at, payload, now, { registry, leaseUntil, measures });
const refusal = (at: string, payload: Uint8Array, now = T) => {
  const { kind, ...rest } = verdict(at, payload, now);
  expect(kind).toBe("refused");
  return rest;
};

describe("a message", () => {
  it("of every channel is taken, with its room and its typed reading", () => {
    for (const channel of Object.keys(samples) as ReadingChannel[])
      expect(verdict(topic(channel), packet(channel).payload)).toEqual({
        kind: "accepted",
        channel,
        reading: samples[channel],
        place: { device: "k1-1", channel, room: site.rooms[0], withheld: false },
        withheld: null,
      });
  });

  const level = (over: Record<string, unknown>) => bytes({ ...reading("level"), ...over });

  it.each<[string, string, Uint8Array, object]>([
    ["of no topic of ours", "other/topic", bytes("{}"), { reason: "bad-topic", detail: "is no topic of the protocol" }],
    [
      "of a channel that does not exist",
      "fortrolig/v1/demo/k1-1/audio",
      bytes("{}"),
      { reason: "bad-topic", detail: "is no topic of the protocol" },
    ],
    [
      "of another site",
      "fortrolig/v1/elsewhere/k1-1/level",
      level({}),
      { reason: "bad-topic", detail: "belongs to another site" },
    ],
    [
      "longer than 4 KiB",
      topic("level"),
      new Uint8Array(4097),
      { reason: "oversize", detail: "4097 bytes; at most 4096 are read", device: "k1-1", channel: "level" },
    ],
    [
      "that is not UTF-8",
      topic("level"),
      new Uint8Array([0x22, 0xff, 0x22]),
      { reason: "not-json", detail: "is not JSON in UTF-8", device: "k1-1", channel: "level" },
    ],
    [
      "with NaN",
      topic("level"),
      bytes('{"seq":3,"laeq":NaN}'),
      { reason: "not-json", detail: "is not JSON in UTF-8", device: "k1-1", channel: "level" },
    ],
    [
      "of an unknown device",
      topic("level", "zz-9"),
      level({ seq: 9 }),
      {
        reason: "unknown-device",
        detail: "the site file has no device zz-9",
        device: "zz-9",
        channel: "level",
        seq: 9,
      },
    ],
    [
      "with a level beyond its range",
      topic("level"),
      level({ seq: 3, laeq: 200 }),
      {
        reason: "schema",
        detail: "laeq: Too big: expected number to be <=119.5",
        device: "k1-1",
        channel: "level",
        seq: 3,
      },
    ],
    [
      "with a field that is not known",
      topic("level"),
      level({ words: "hello" }),
      { reason: "schema", detail: "has fields that are not known", device: "k1-1", channel: "level", seq: 0 },
    ],
    [
      "with a sequence number that cannot be read",
      topic("level"),
      level({ seq: -1 }),
      { reason: "schema", detail: "seq: Too small: expected number to be >=0", device: "k1-1", channel: "level" },
    ],
  ])("%s is refused", (_, at, payload, expected) => {
    expect(refusal(at, payload)).toEqual(expected);
  });

  it("on a channel where only the gateway speaks is refused", () => {
    for (const channel of Object.keys(commandSchemas))
      expect(refusal(`fortrolig/v1/demo/k1-1/${channel}`, bytes("{}"))).toEqual({
        reason: "bad-topic",
        detail: "is a channel on which only the gateway speaks",
        device: "k1-1",
        channel,
      });
  });

  it("may be 30 s ahead and 7 days old, and not a millisecond more", () => {
    const reasonAt = (now: number) => {
      const v = verdict(topic("level"), packet("level").payload, now);
      return v.kind === "refused" ? v.reason : "accepted";
    };
    expect(reasonAt(T - CLOCK_AHEAD_MS)).toBe("accepted");
    expect(reasonAt(T - CLOCK_AHEAD_MS - 1)).toBe("clock-ahead");
    expect(reasonAt(T + CLOCK_BEHIND_MS)).toBe("accepted");
    expect(reasonAt(T + CLOCK_BEHIND_MS + 1)).toBe("clock-behind");
  });

  it("that a broker keeps may be older: birth, status and a will", () => {
    for (const channel of ["birth", "status"] as const)
      expect(verdict(topic(channel), packet(channel).payload, T + 30 * 24 * 3600_000).kind).toBe("accepted");
  });

  it("with bands is taken under a lease only", () => {
    expect(verdict(topic("bands"), packet("bands").payload).kind).toBe("accepted");
    expect(refusal(topic("bands"), packet("bands").payload, T + 65_000)).toMatchObject({ reason: "no-lease" });
    expect(refusal(topic("bands", "p1-1"), packet("bands").payload)).toMatchObject({ reason: "no-lease", seq: 0 });
  });

  it("of a time at which nobody measures is withheld, unless it is of the device alone; its own time decides", () => {
    const of = (channel: ReadingChannel, measures: (t: number) => boolean, now = T) => {
      const v = verdict(topic(channel), packet(channel).payload, now, measures);
      return v.kind === "accepted" ? v.withheld : v.kind;
    };
    const until = (end: number) => (t: number) => t < end;
    const channels = Object.keys(samples) as ReadingChannel[];
    expect(Object.fromEntries(channels.map((channel) => [channel, of(channel, until(T))]))).toEqual({
      birth: null,
      status: null,
      health: null,
      state: "outside-hours",
      level: "outside-hours",
      bands: "outside-hours",
      stats: "outside-hours",
    });
    expect(of("level", until(T + 1), T + 3_600_000)).toBeNull();
    expect(of("level", (t) => t > T, T + 3_600_000)).toBe("outside-hours");
  });

  it("that is refused may be kept only where it came within the hours, and says no time outside them", () => {
    const isWithheld = (body: object, measures: (t: number) => boolean, now = T) =>
      verdict(topic("level"), bytes({ ...reading("level"), laeq: 500, ...body }), now, measures);
    const kept = { kind: "refused", reason: "schema", detail: "laeq: Too big: expected number to be <=119.5" };
    const told = { device: "k1-1", channel: "level", seq: 0 };
    expect(isWithheld({}, () => true)).toEqual({ ...kept, ...told });
    expect(isWithheld({}, () => false)).toEqual({ ...kept, ...told, withheld: true });
    expect(isWithheld({}, (t) => t > T, T + 1)).toEqual({ ...kept, ...told, withheld: true });
    expect(isWithheld({}, (t) => t <= T, T + 1)).toEqual({ ...kept, ...told, withheld: true });
    expect(verdict(topic("level"), bytes('{"t":-1e99,"seq":1}'), T)).not.toHaveProperty("withheld");
    expect(verdict(topic("health"), bytes("{}"), T, () => false)).not.toHaveProperty("withheld");
  });

  it("of any bytes on any topic gets a verdict, and no value of it is repeated in the reason", () => {
    const secret = "speechsecret";
    const anyTopic = fc.oneof(
      fc.string(),
      fc.constantFrom(topic("level"), topic("state"), topic("health"), topic("birth")),
    );
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map(bytes),
      fc.dictionary(fc.constantFrom("seq", "t", "boot", "laeq", secret), fc.constantFrom(secret, 1, null)).map(bytes),
    );
    fc.assert(
      fc.property(anyTopic, anyBytes, (at, payload) => {
        const v = verdict(at, payload);
        if (v.kind === "refused") expect(v.detail).not.toContain(secret);
      }),
      { numRuns: 500 },
    );
  });
});
