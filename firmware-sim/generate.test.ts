import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isSequenced, readingSchemas } from "#protocol/readings.ts";
import { parseSite } from "#protocol/site-file.ts";
import { isReadingChannel, parseTopic } from "#protocol/topics.ts";
import { withConversationLeases } from "./conversation-leases.ts";
import { NO_SENSORS } from "./device/device.ts";
import { type Fault, parseFault } from "./faults/fault.ts";
import { type GenerateOptions, generate, generateFrom } from "./generate.ts";
import type { Publication } from "./record.ts";
import { senseWorld } from "./simulated-world.ts";

const file = new URL("../protocol/demo-site.yaml", import.meta.url);
const site = parseSite(readFileSync(file, "utf8"), "demo-site.yaml");
/** Monday, 8:00 in Copenhagen: the house opens. */
const OPENING = Date.UTC(2026, 0, 5, 7);
const MINUTE = 60_000;

interface Told {
  readonly at: number;
  readonly device: string;
  readonly channel: string;
  readonly message: { boot: string; seq: number; t: number; status?: string; [key: string]: unknown };
}

function told(publications: Iterable<Publication>): Told[] {
  return Array.from(publications, ({ at, topic, payload }) => {
    const { device, channel } = parseTopic(topic)!;
    return { at, device, channel, message: JSON.parse(payload) };
  });
}

function run(options: Partial<GenerateOptions> & { minutes?: number; seed?: string } = {}): Publication[] {
  const { minutes = 15, seed = "7", from = OPENING } = options;
  const sense = senseWorld({ site, scenario: "busy-day", seed, form: "levels", openNow: false });
  return [...generate({ site, seed, sense, from, until: from + minutes * MINUTE, ...options })];
}

/** One device for some minutes with one fault. */
const withFault = (fault: string, minutes = 10): Told[] =>
  told(run({ minutes, devices: ["k1"], faults: [parseFault(fault)] }));
const bandsOf = (all: readonly Told[]) => all.filter(({ channel }) => channel === "bands");
const readings = (all: readonly Told[]) => all.filter(({ channel }) => isSequenced(channel));

describe("virtual time", () => {
  const whole = run();

  it("gives the same bytes for the same seed, and others for another", () => {
    expect(run()).toEqual(whole);
    expect(run({ seed: "8" })).not.toEqual(whole);
  });

  it("begins with every device's status and birth, and goes on in order of arrival", () => {
    const first = told(whole).slice(0, 2 * site.devices.length);
    expect(first.map(({ device, channel }) => `${device} ${channel}`)).toEqual(
      site.devices.flatMap(({ id }) => [`${id} status`, `${id} birth`]),
    );
    const times = whole.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("numbers each device's messages without a gap, and all of them are valid", () => {
    for (const { id } of site.devices) {
      const own = told(whole).filter(({ device }) => device === id);
      for (const { channel, message } of own)
        if (isReadingChannel(channel)) expect(readingSchemas[channel].safeParse(message).error).toBeUndefined();
      const seqs = readings(own).map(({ message }) => message.seq);
      expect(seqs).toEqual(seqs.map((_, i) => i));
    }
  });

  it("lets nothing arrive before it has happened", () => {
    for (const { at, channel, message } of told(whole)) {
      const length = { level: 10_000, stats: 300_000, health: 60_000, state: 1000 }[channel] ?? 0;
      expect(at).toBe(message.t + length);
    }
  });

  it("says only how the device is where one person works, and where the house is closed", () => {
    const channels = (all: readonly Told[]) => new Set(readings(all).map(({ channel }) => channel));
    expect(channels(told(whole).filter(({ device }) => device === "k6"))).toEqual(new Set(["health"]));
    const night = told(run({ from: OPENING - 60 * MINUTE, minutes: 5 }));
    expect(channels(night)).toEqual(new Set(["health"]));
    const others = readings(night).filter(({ device }) => device !== "k6");
    expect(others.every(({ message }) => message.asleep === true)).toBe(true);
    expect(channels(told(run({ from: OPENING - 60 * MINUTE, minutes: 5, always: true })))).toContain("level");
  });
});

describe("leases in virtual time", () => {
  const from = OPENING + 120 * MINUTE;

  it("without one nobody says bands", () => expect(bandsOf(told(run()))).toEqual([]));

  it("granted by whoever reads, it counts from the next second on, for whole windows, with numbers of its own", () => {
    const sense = senseWorld({ site, scenario: "busy-day", seed: "7", form: "levels", openNow: false });
    const leases = new Map<string, number>();
    const leaseUntil = (device: string) => leases.get(device) ?? null;
    const said: Told[] = [];
    for (const publication of generate({ site, seed: "7", sense, from, until: from + 5 * MINUTE, leaseUntil })) {
      said.push(...told([publication]));
      if (publication.at === from + 60_000) leases.set("g1", from + 125_000).set("k6", from + 125_000);
    }
    const bands = bandsOf(said);
    expect(bands.map(({ at, device, message }) => [device, (at - from) / 1000, message.seq])).toEqual(
      [70, 80, 90, 100, 110, 120].map((second, seq) => ["g1", second, seq]),
    );
    for (const { at, message } of bands) {
      expect(message.t).toBe(at - 10_000);
      expect(readingSchemas.bands.safeParse(message).error).toBeUndefined();
    }
    const unleased = run({ from, minutes: 5 });
    const others = (all: readonly Told[]) => all.filter(({ channel }) => channel !== "bands");
    expect(others(said)).toEqual(told(unleased));
  });

  it("follow conversations: six minutes of each, in the room and next to it", () => {
    const minutes = 30;
    const sense = senseWorld({ site, scenario: "busy-day", seed: "7", form: "levels", openNow: false });
    const until = from + minutes * MINUTE;
    const said = told(
      withConversationLeases(site, (leaseUntil) => generate({ site, seed: "7", sense, from, until, leaseUntil })),
    );
    const roomOf = new Map(site.devices.map(({ id, room }) => [id, room]));
    const near = (one: string, other: string) =>
      one === other ||
      site.boundaries.some(({ between }) => [one, other].every((id) => between.includes(roomOf.get(id)!)));
    /** Stretches in which a device says that somebody talks. */
    const talks = site.devices.flatMap(({ id }) => {
      const states = said.filter(({ device, channel }) => device === id && channel === "state");
      const turns = states.filter(({ message }, i) => message.conversation !== states[i - 1]?.message.conversation);
      return turns.flatMap(({ at, message }, i) =>
        message.conversation === "on" ? [{ device: id, from: at, until: turns[i + 1]?.at ?? until }] : [],
      );
    });
    const allowed = (device: string, t: number) =>
      talks.some(
        (talk) => near(device, talk.device) && t >= talk.from && t < Math.min(talk.until, talk.from + 360_000),
      );
    const expected = site.devices.flatMap(({ id }) =>
      Array.from({ length: 6 * minutes }, (_, i) => from + 10_000 * i)
        .filter((t) => id !== "k6" && [...Array(10).keys()].every((s) => allowed(id, t + 1000 * s)))
        .map((t) => `${id} ${(t - from) / 1000}`),
    );
    const heard = bandsOf(said).map(({ device, message }) => `${device} ${(message.t - from) / 1000}`);
    expect(heard.toSorted()).toEqual(expected.toSorted());
    expect(heard.length).toBeGreaterThan(100);
  });
});

describe("faults in virtual time", () => {
  const sound = told(run({ minutes: 10, devices: ["k1"] }));

  it("disconnect withholds everything, then delivers all of it", () => {
    const faulty = withFault("disconnect@2m..5m");
    const outage = [OPENING + 2 * MINUTE, OPENING + 5 * MINUTE];
    expect(faulty.filter(({ at }) => at > outage[0]! + 1000 && at <= outage[1]!)).toEqual([]);
    const content = (all: readonly Told[]) =>
      readings(all)
        .map(({ message }) => JSON.stringify(message))
        .toSorted();
    expect(content(faulty)).toEqual(content(sound));
    const times = faulty.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("duplicate and reorder change how often and when, never what", () => {
    const identities = (all: readonly Told[]) =>
      [...new Set(readings(all).map(({ message }) => message.seq))].toSorted((a, b) => a - b);
    const twice = withFault("duplicate:0.3");
    expect(twice.length).toBeGreaterThan(sound.length);
    expect(identities(twice)).toEqual(identities(sound));
    const shuffled = withFault("reorder:0.3");
    const seqs = readings(shuffled).map(({ message }) => message.seq);
    expect(seqs).not.toEqual(seqs.toSorted((a, b) => a - b));
    expect(identities(shuffled).length).toBeGreaterThanOrEqual(identities(sound).length - 1);
  });

  it("skew dates everything by the wrong clock", () => {
    const faulty = readings(withFault("skew:40"));
    for (const { at, channel, message } of faulty) if (channel === "state") expect(message.t - at).toBe(39_000);
  });

  it("a clock that jumps back goes on saying what is", () => {
    const faulty = readings(withFault("jump:3600@2m..4m"));
    const after = faulty.filter(({ at, channel }) => channel === "level" && at > OPENING + 4 * MINUTE);
    expect(after.length).toBeGreaterThan(30);
    expect(after.every(({ at, message }) => message.t < at)).toBe(true);
  });

  it("a dead microphone hears nothing at all, an overdriven one too much", () => {
    const level = (fault: string) => readings(withFault(fault)).filter(({ channel }) => channel === "level");
    expect(level("silence").every(({ message }) => message.laeq === 20 && message.noiseLimited === true)).toBe(true);
    expect(level("stuck").every(({ message }) => message.laeq === 20)).toBe(true);
    expect(level("clipped").every(({ message }) => message.clipped === true)).toBe(true);
  });

  it("reboot ends a boot with the will and begins another", () => {
    const faulty = withFault("reboot@3m..4m");
    const statuses = faulty.filter(({ channel }) => channel === "status");
    expect(statuses.map(({ at, message }) => [(at - OPENING) / MINUTE, message.status])).toEqual([
      [0, "online"],
      [3, "offline"],
      [4, "online"],
    ]);
    const boots = statuses.map(({ message }) => message.boot);
    expect(boots[0]).toBe(boots[1]);
    expect(boots[2]).not.toBe(boots[0]);
    const after = readings(faulty).filter(({ message }) => message.boot === boots[2]);
    expect(after[0]!.message.seq).toBe(0);
    expect(readings(faulty).some(({ at }) => at > OPENING + 3 * MINUTE && at <= OPENING + 4 * MINUTE)).toBe(false);
  });

  it("a clock a quarter of a second ahead hears a quarter of the second before, and its words come that much earlier", () => {
    const known = withFault("drift");
    const [ahead] = [withFault("skew:0.25")].map(readings);
    const late = readings(withFault("skew:-0.25"));
    const windows = (all: readonly Told[]) =>
      all.filter(({ channel }) => channel === "level").map(({ at, message }) => at - message.t - 10_000);
    expect(new Set(windows(ahead!))).toEqual(new Set([-250]));
    expect(new Set(windows(late))).toEqual(new Set([250]));
    expect(readings(known)).toEqual(ahead);
    const times = late.map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it("only a device that knows how wrong its clock is says so", () => {
    const leaseUntil = () => OPENING + 60 * MINUTE;
    const error = (fault: string) => {
      const said = told(run({ minutes: 2, devices: ["k1", "k2"], faults: [parseFault(fault)], leaseUntil }));
      return new Set(bandsOf(said).map(({ device, message }) => `${device} ${message.clockError}`));
    };
    expect(error("drift:-0.26/k2")).toEqual(new Set(["k1 0", "k2 -260"]));
    expect(error("skew:0.26/k2")).toEqual(new Set(["k1 0", "k2 0"]));
  });

  it("a muted device says how it is, and one device's fault is not another's", () => {
    const said = told(run({ minutes: 3, devices: ["k1", "k2"], faults: [parseFault("muted@1m..2m/k1")] }));
    const health = said.filter(({ channel }) => channel === "health");
    expect(health.map(({ device, message }) => [device, message.muted])).toEqual([
      ["k1", false],
      ["k2", false],
      ["k1", true],
      ["k2", false],
      ["k1", false],
      ["k2", false],
    ]);
    const during = said.filter(({ at }) => at > OPENING + MINUTE && at <= OPENING + 2 * MINUTE);
    expect(new Set(during.filter(({ device }) => device === "k1").map(({ channel }) => channel))).toEqual(
      new Set(["health"]),
    );
  });

  it("are the same with the same seed", () => {
    const faults: Fault[] = ["duplicate", "reorder", "disconnect@1m..2m", "reboot@3m"].map(parseFault);
    expect(run({ faults, minutes: 5 })).toEqual(run({ faults, minutes: 5 }));
  });
});

describe("virtual time over a recording", () => {
  it("says of the seconds that come what the device would have said, and ends with them", async () => {
    const sense = senseWorld({ site, scenario: "busy-day", seed: "7", form: "levels", openNow: false });
    async function* seconds() {
      for (let t = OPENING; t < OPENING + 60_000; t += 1000) yield sense("K1", t)!.second;
    }
    const options = { site, seed: "7", from: OPENING, until: Number.POSITIVE_INFINITY, always: true };
    const said: Publication[] = [];
    for await (const publication of generateFrom(seconds(), () => NO_SENSORS, options, { id: "k1", room: "K1" }))
      said.push(publication);
    const channels = told(said).map(({ channel }) => channel);
    expect(channels.slice(0, 3)).toEqual(["status", "birth", "state"]);
    expect(channels.filter((channel) => channel === "level")).toHaveLength(6);
    expect(channels.filter((channel) => channel === "health")).toHaveLength(1);
  });
});
