import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { P0_SQUARED, type Second } from "#firmware/dsp/second.ts";
import { informationBudget } from "#protocol/budget.ts";
import { STATE_BURST, STATE_REFILL_S } from "#protocol/cadence.ts";
import { levelOf } from "#protocol/decibel.ts";
import { readingSchemas } from "#protocol/readings.ts";
import { energyOf, moment, NOON, second, wellCondition } from "./moments.fixture.ts";
import { createPublisher, type Moment } from "./publisher.ts";
import type { Body, PublishedChannel, Reading } from "./reading.ts";

const publish = (moments: readonly Moment[]): Reading[] => {
  const publisher = createPublisher(30);
  return moments.flatMap((m) => publisher.step(m));
};
const seconds = (count: number, one: (t: number, n: number) => Moment = (t) => moment(t)): Moment[] =>
  Array.from({ length: count }, (_, n) => one(NOON + 1000 * n, n));
const of = <C extends PublishedChannel>(channel: C, readings: readonly Reading[]): Body<C>[] =>
  readings.flatMap((r) => (r.channel === channel ? [r.body as Body<C>] : []));
const hearing = (t: number, level: number, more = {}) => moment(t, { second: second(t, level, more) });

describe("a device says", () => {
  it("its channels at their cadence, over ten minutes", () => {
    const said = publish(seconds(600));
    const count = (channel: PublishedChannel) => of(channel, said).length;
    expect([count("state"), count("level"), count("bands"), count("stats"), count("health")]).toEqual([
      20, 60, 0, 2, 10,
    ]);
  });

  it("ten seconds as one level: the mean of energies, the maximum, the background of a minute", () => {
    const loud = (n: number) => n === 63;
    const said = publish(
      seconds(70, (t, n) =>
        hearing(t, loud(n) ? 60 : 40, {
          lafMax: energyOf(loud(n) ? 66.3 : 41),
          speech: n >= 60 && n < 64 ? 0.8 : 0.2,
          clipped: loud(n),
        }),
      ),
    );
    expect(of("level", said).at(-1)).toEqual({
      t: NOON + 60_000,
      laeq: 50.5,
      lafmax: 66.5,
      l90: 40,
      speechRatio: 0.4,
      noiseLimited: false,
      clipped: true,
    });
  });

  it("that the microphone's own noise is most of what it hears", () => {
    const flags = [32, 32.9, 33.1].map((level) => {
      const [body] = of("level", publish(seconds(10, (t) => hearing(t, level))));
      return body!.noiseLimited;
    });
    expect(flags).toEqual([true, true, false]);
  });

  it("no level of ten seconds of which one is missing", () => {
    const said = publish(seconds(30).filter((_, n) => n !== 14));
    expect(of("level", said).map(({ t }) => t - NOON)).toEqual([0, 20_000]);
  });

  it("five minutes in thirds: the speech and what lies behind it", () => {
    const speech = (n: number) => n % 3 === 0;
    const [body] = of(
      "stats",
      publish(seconds(300, (t, n) => hearing(t, speech(n) ? 60 : 40, { speech: speech(n) ? 0.9 : 0 }))),
    );
    expect(body).toEqual({
      t: NOON,
      speechSeconds: 100,
      speech: new Array(16).fill(50),
      background: new Array(16).fill(30),
      laeq: 55.5,
      l10: 60,
      l50: 40,
      l90: 40,
    });
  });

  it("no spectrum that rests on less than a minute", () => {
    const [body] = of("stats", publish(seconds(300, (t, n) => hearing(t, 50, { speech: n < 59 ? 1 : 0 }))));
    expect([body!.speechSeconds, body!.speech, body!.background?.length]).toEqual([59, null, 16]);
  });

  it("octaves only in windows that a lease covers from the first second to the last", () => {
    const leased = seconds(60, (t) => ({
      ...moment(t),
      leaseUntil: t >= NOON + 5000 ? NOON + 35_000 : null,
    }));
    const bands = of("bands", publish(leased));
    expect(bands.map(({ t }) => t - NOON)).toEqual([10_000, 20_000]);
    expect(bands[0]).toEqual({
      t: NOON + 10_000,
      levels: new Array(10).fill(new Array(5).fill(40)),
      speech: new Array(10).fill(false),
      clockError: 0,
    });
  });

  it("its health each minute: the floor of an hour, the DC offset, counters at their greatest value", () => {
    const condition = { ...wellCondition, uptimeMs: 9.7 * 3_600_000, outbox: 70_000, dropped: 3, configVersion: 258 };
    const said = publish(seconds(120, (t, n) => ({ ...hearing(t, n === 7 ? 31.2 : 50, { dc: -0.021 }), condition })));
    expect(of("health", said)).toEqual(
      [0, 60_000].map((after) => ({
        t: NOON + after,
        uptime: 9,
        outbox: 65_535,
        dropped: 3,
        micFloor: 31,
        micDc: -2,
        muted: false,
        asleep: false,
        tamper: false,
        rssi: -55,
        configVersion: 2,
      })),
    );
  });

  it("that an hour later the floor is another", () => {
    const moments = seconds(3720, (t, n) => hearing(t, n === 30 ? 35 : 50));
    const floors = of("health", publish(moments)).map((body) => body.micFloor);
    expect([floors[0], floors[59], floors[60]]).toEqual([35, 35, 50]);
  });

  it.each([
    ["muted", { condition: { ...wellCondition, muted: true } }],
    ["asleep", { condition: { ...wellCondition, asleep: true } }],
    ["in a silent room", { silent: true }],
  ])("health alone while it is %s", (_, how) => {
    const said = publish(seconds(600, (t) => ({ ...moment(t), leaseUntil: NOON + 900_000, ...how })));
    expect(said.map(({ channel }) => channel)).toEqual(new Array(10).fill("health"));
  });

  it("nothing of before it was muted once it hears again", () => {
    const muted = { ...wellCondition, muted: true };
    const said = publish(
      seconds(60, (t, n) => (n >= 25 && n < 45 ? { ...moment(t), condition: muted } : hearing(t, n < 25 ? 80 : 50))),
    );
    expect(of("level", said).map(({ t, l90 }) => [(t - NOON) / 1000, l90])).toEqual([
      [0, 80],
      [10, 80],
      [50, 50],
    ]);
    expect(of("state", said).map(({ t }) => (t - NOON) / 1000)).toEqual([0, 45]);
  });

  it("nothing for a second that comes again or late", () => {
    const publisher = createPublisher(30);
    expect(publisher.step(moment(NOON))).toHaveLength(1);
    expect(publisher.step(moment(NOON))).toEqual([]);
    expect(publisher.step(moment(NOON - 60_000))).toEqual([]);
  });
});

/** Seconds of any kind, with gaps, mutes, leases and absurd levels. */
const anyMoments = fc
  .array(
    fc.record({
      gap: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 400 })),
      run: fc.integer({ min: 1, max: 40 }),
      level: fc.oneof(fc.double({ min: 0, max: 140, noNaN: true }), fc.constantFrom(-Infinity, 300)),
      speech: fc.double({ min: 0, max: 1, noNaN: true }),
      dc: fc.double({ min: -1, max: 1, noNaN: true }),
      clipped: fc.boolean(),
      occupied: fc.boolean(),
      confidence: fc.double({ min: 0, max: 1, noNaN: true }),
      on: fc.boolean(),
      hint: fc.constantFrom("dialogue", "one-sided", "media", "unknown"),
      since: fc.option(fc.integer({ min: -7200, max: 7200 })),
      heard: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
      muted: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
      asleep: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
      silent: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
      lease: fc.option(fc.integer({ min: -30, max: 900 })),
      counter: fc.nat(100_000_000),
      rssi: fc.integer({ min: -200, max: 0 }),
    }),
    { maxLength: 40 },
  )
  .map((runs) => {
    const moments: Moment[] = [];
    let t = NOON;
    for (const r of runs) {
      for (let n = 0; n < r.run; n++) {
        t += 1000 * (n === 0 ? r.gap : 1);
        // The eighths differ, so that a test can tell whether their order matters.
        const laf = Float64Array.from({ length: 8 }, (_, i) => energyOf(r.level - ((3 * i + n) % 8)));
        moments.push({
          t,
          heard: r.heard
            ? {
                second: second(t, r.level, { laf, speech: r.speech, dc: r.dc, clipped: r.clipped }),
                presence: { occupied: r.occupied, confidence: r.confidence },
                conversation: { on: r.on, since: r.since === null ? null : t + 1000 * r.since, hint: r.hint },
              }
            : null,
          condition: {
            uptimeMs: r.counter * 1000,
            outbox: r.counter,
            dropped: r.counter,
            muted: r.muted,
            asleep: r.asleep,
            tamper: r.clipped,
            rssi: r.rssi,
            configVersion: r.counter,
            clockError: r.rssi * 10,
          },
          silent: r.silent,
          leaseUntil: r.lease === null ? null : t + 1000 * r.lease,
        } as Moment);
      }
    }
    return moments;
  });

/** Whether this second may be told of at all. */
const isTold = ({ heard, silent, condition }: Moment): boolean =>
  heard !== null && !silent && !condition.muted && !condition.asleep;

const HOUR_S = 3600;
/** An hour and a half under a lease in which the room changes its state whenever it can. */
const busySeconds = fc
  .array(fc.record({ turns: fc.integer({ min: 1, max: 25 }), level: fc.double({ min: 0, max: 120, noNaN: true }) }), {
    minLength: 5,
    maxLength: 50,
  })
  .map((turns) => {
    const moments: Moment[] = [];
    for (let n = 0; n < 1.5 * HOUR_S; n++) {
      const { turns: length, level } = turns[n % turns.length]!;
      const t = NOON + 1000 * n;
      const on = Math.floor(n / length) % 2 === 0;
      const conversation = { on, since: t, hint: "unknown" } as const;
      const heard = { second: second(t, level), conversation, presence: { occupied: !on, confidence: 0.5 } };
      moments.push({ ...moment(t, heard), leaseUntil: t + 900_000 });
    }
    return moments;
  });

describe("whatever a device hears,", () => {
  const holds = (claim: (moments: Moment[], said: Reading[]) => void) =>
    fc.assert(
      fc.property(anyMoments, (moments) => claim(moments, publish(moments))),
      { numRuns: 150 },
    );

  it("all it says is valid", () =>
    holds((_, said) => {
      for (const [seq, { channel, body }] of said.entries())
        expect(readingSchemas[channel].safeParse({ boot: "0a1b2c3d", seq, ...body }).error).toBeUndefined();
    }));

  it("a channel's times never repeat or go back", () =>
    holds((_, said) => {
      for (const channel of ["state", "level", "bands", "stats", "health"] as const) {
        const times = of(channel, said).map(({ t }) => t);
        for (let i = 1; i < times.length; i++) expect(times[i]).toBeGreaterThan(times[i - 1]!);
      }
    }));

  it("its state stays within one in twenty seconds and a burst of three", () =>
    holds((_, said) => {
      const times = of("state", said).map(({ t }) => t);
      for (let i = 0; i < times.length; i++)
        for (let j = i; j < times.length; j++)
          expect(j - i + 1).toBeLessThanOrEqual(STATE_BURST + (times[j]! - times[i]!) / 1000 / STATE_REFILL_S);
    }));

  it("it says octaves for seconds that were all leased and heard, each once, in half decibels from 12 to 84", () =>
    holds((moments, said) => {
      const mayTell = new Map<number, Second>();
      for (const m of moments.toReversed())
        if (isTold(m) && m.leaseUntil !== null && m.leaseUntil >= m.t + 1000) mayTell.set(m.t, m.heard!.second);
        else mayTell.delete(m.t); // the first of two moments of one second counts
      const told = new Set<number>();
      for (const { t, levels, speech } of of("bands", said))
        for (let n = 0; n < 10; n++) {
          const at = t + 1000 * n;
          const heard = mayTell.get(at);
          expect(heard, `a frame of ${at}`).toBeDefined();
          expect(told.has(at), `a second frame of ${at}`).toBe(false);
          told.add(at);
          const octave = levelOf((3 * heard!.thirds[0]!) / P0_SQUARED);
          const step = Math.min(84, Math.max(12, Math.round(2 * octave) / 2));
          expect([levels[n], speech[n]]).toEqual([new Array(5).fill(step), heard!.speech >= 0.5]);
        }
    }));

  it("its thirds rest on a minute or more", () =>
    holds((_, said) => {
      for (const { speech, speechSeconds, background } of of("stats", said)) {
        expect(speech === null || speechSeconds >= 60).toBe(true);
        expect(background === null || speechSeconds <= 240).toBe(true);
      }
    }));

  it("it says its health alone in every second in which it is muted, asleep or silent, or hears nothing", () =>
    fc.assert(
      fc.property(anyMoments, (moments) => {
        const publisher = createPublisher(30);
        for (const m of moments)
          for (const { channel } of publisher.step(m)) if (!isTold(m)) expect(channel).toBe("health");
      }),
    ));

  it("what it says in any hour has fewer bits than the budget allows, and as many as the budget counts", () => {
    const { lines, unleasedBitsPerS, leasedBitsPerS } = informationBudget();
    const bits = new Map<string, number>(lines.map(({ channel, bitsPerMessage }) => [channel, bitsPerMessage]));
    fc.assert(
      fc.property(busySeconds, (moments) => {
        const publisher = createPublisher(30);
        // By the second in which it is said.
        const unleased = new Float64Array(moments.length + 1);
        const leased = new Float64Array(moments.length + 1);
        for (const [n, m] of moments.entries()) {
          const said = publisher.step(m);
          const sum = (which: (channel: string) => boolean) =>
            said.reduce((total, { channel }) => total + (which(channel) ? bits.get(channel)! : 0), 0);
          unleased[n + 1] = unleased[n]! + sum((channel) => channel !== "bands");
          leased[n + 1] = leased[n]! + sum((channel) => channel === "bands");
        }
        // What the bucket had saved up for `state` comes on top, once.
        const saved = STATE_BURST * bits.get("state")!;
        for (let n = HOUR_S; n < unleased.length; n++) {
          expect(unleased[n]! - unleased[n - HOUR_S]!).toBeLessThanOrEqual(unleasedBitsPerS * HOUR_S + saved);
          expect(leased[n]! - leased[n - HOUR_S]!).toBeLessThanOrEqual(leasedBitsPerS * HOUR_S);
        }
        // A device that is always under a lease and changes its mind all the time reaches the bound.
        expect(unleased.at(-1)! / moments.length).toBeGreaterThan(0.98 * unleasedBitsPerS);
        expect(leased.at(-1)! / moments.length).toBeGreaterThan(0.98 * leasedBitsPerS);
      }),
      { numRuns: 8 },
    );
  });

  it("nothing it says tells in which order a second's eighths came", () =>
    holds((moments, said) => {
      const turned = moments.map((m) =>
        m.heard
          ? { ...m, heard: { ...m.heard, second: { ...m.heard.second, laf: m.heard.second.laf.toReversed() } } }
          : m,
      );
      expect(publish(turned)).toEqual(said);
    }));

  it("it says the same again when it hears the same", () =>
    holds((moments, said) => {
      expect(JSON.stringify(publish(moments))).toBe(JSON.stringify(said));
    }));
});
