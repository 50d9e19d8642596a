import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DetectInput, initialDetect, situations, step } from "./conversation.ts";
import { restoreDetect } from "./restore.ts";
import { factsOf, health, level, line, rules, says, start, status, story, tick } from "./story.fixture.ts";

/** Every half minute from `from` to `until`. */
const keepsSaying = (from: number, until: number, conversation: "on" | "off", since: number): DetectInput[] =>
  Array.from({ length: Math.floor((until - from) / 30) + 1 }, (_, i) => says(from + 30 * i, conversation, since));

describe("a room's conversation", () => {
  it("is an episode from the since of on to the since of off", () =>
    expect(story([says(0, "off", 0), says(40, "on", 35), says(70, "on", 35), says(200, "off", 180)])).toEqual([
      "0.5 K1 off since 0, occupied",
      "40.5 K1 on since 35, occupied",
      "40.5 K1 started 35–",
      "160.5 K1 no-data since 160.5",
      "200.5 K1 off since 180, occupied",
      "200.5 K1 ended 35–180 (quiet)",
    ]));

  it("keeps its own start when it outlasts the reach of since", () =>
    expect(
      story([...keepsSaying(10, 1800, "on", 5), ...keepsSaying(1830, 2400, "on", 600), says(2430, "off", 2410)]).slice(
        1,
      ),
    ).toEqual(["10.5 K1 started 5–", "2430.5 K1 off since 2410, occupied", "2430.5 K1 ended 5–2410 (quiet)"]));

  it("dates the end back to the first quiet second, even before the last on that was told", () =>
    expect(story([says(40, "on", 35), says(70, "on", 35), says(81, "off", 61)]).at(-1)).toBe(
      "81.5 K1 ended 35–61 (quiet)",
    ));

  it("takes a pause that no report tells of for none", () =>
    expect(
      story([says(40, "on", 35), says(70, "on", 62), says(100, "on", 62), says(120, "off", 100)]).slice(1),
    ).toEqual(["40.5 K1 started 35–", "120.5 K1 off since 100, occupied", "120.5 K1 ended 35–100 (quiet)"]));

  it("is on when one of two devices hears it and ends with the last of them", () => {
    const a = { device: "k2a" };
    const b = { device: "k2b", occupied: false };
    expect(
      story([
        says(0, "off", 0, b),
        says(10, "on", 5, a),
        says(20, "on", 15, b),
        says(40, "off", 20, a),
        says(60, "off", 40, b),
      ]),
    ).toEqual([
      "0.5 K2 off since 0, empty",
      "10.5 K2 on since 5, occupied",
      "10.5 K2 started 5–",
      "60.5 K2 off since 40, occupied",
      "60.5 K2 ended 5–40 (quiet)",
    ]);
  });
});

describe("what is not known is never off", () => {
  it("before a first word rooms are starting, without device, or silent; after 90 s without any there is no data", () => {
    const { state } = step(initialDetect(rules), start(0), rules);
    const reasons = (s: typeof state) =>
      situations(s).map(({ room, conversation, reason }) => [room, conversation, reason]);
    expect(reasons(state)).toEqual([
      ["K1", "unknown", "starting"],
      ["K2", "unknown", "starting"],
      ["K6", "unknown", "silent-room"],
      ["S1", "unknown", "starting"],
      ["S2", "unknown", "starting"],
      ["G1", "unknown", "no-device"],
      ["V1", "unknown", "starting"],
    ]);
    const later = step(state, tick(90), rules);
    expect(later.facts.map(line)).toEqual(["K1", "K2", "S1", "S2", "V1"].map((room) => `90 ${room} no-data since 90`));
  });

  it("a silent room makes no facts at all", () =>
    expect(
      story([
        says(0, "on", 0, { device: "k6" }),
        status(1, "offline", "00000001", "k6"),
        says(20, "off", 10, { device: "k6" }),
      ]),
    ).toEqual([]));

  it("muted, asleep and offline are told; a state after it measures again", () =>
    expect(
      story([
        says(0, "off", 0),
        health(10, { muted: true }),
        health(70, { asleep: true }),
        status(75, "offline"),
        status(80, "online"),
        says(90, "off", 85),
      ]),
    ).toEqual([
      "0.5 K1 off since 0, occupied",
      "10.5 K1 muted since 10.5",
      "70.5 K1 asleep since 10.5",
      "90.5 K1 off since 85, occupied",
    ]));

  it("a microphone that hears less than any microphone's own noise for 20 s is stuck, until it hears again", () =>
    expect(
      story([
        says(0, "off", 0),
        level(0, { laeq: 20 }),
        level(10, { laeq: 38 }),
        level(20, { laeq: 20 }),
        level(30, { laeq: 20 }),
        says(32, "off", 0),
        level(40, { laeq: 20 }),
        level(50, { laeq: 38 }),
      ]),
    ).toEqual(["0.5 K1 off since 0, occupied", "40 K1 stuck since 40", "60 K1 off since 0, occupied"]));

  it("a slammed door clips a window or two; 30 s at full scale are a fault", () =>
    expect(
      story([
        says(0, "off", 0),
        level(0, { laeq: 90, clipped: true }),
        level(10, { laeq: 85, clipped: true }),
        level(20, { laeq: 40 }),
        ...[30, 40, 50].map((t) => level(t, { laeq: 115, clipped: true })),
      ]),
    ).toEqual(["0.5 K1 off since 0, occupied", "60 K1 clipped since 60"]));

  it("a will of an earlier boot is ignored", () =>
    expect(
      story([
        says(0, "off", 0, { boot: "0000000b" }),
        status(5, "offline", "0000000a"),
        status(6, "offline", "0000000b"),
      ]),
    ).toEqual(["0.5 K1 off since 0, occupied", "6 K1 offline since 6"]));

  it("a reading that arrived before the word offline does not undo it", () =>
    expect(story([says(0, "off", 0), status(30, "offline"), says(25, "off", 0)])).toEqual([
      "0.5 K1 off since 0, occupied",
      "30 K1 offline since 30",
    ]));
});

describe("a hole in a conversation", () => {
  it("that is short changes nothing of the episode", () =>
    expect(
      story([
        says(40, "on", 35),
        status(60, "offline"),
        status(100, "online"),
        says(101, "on", 35),
        says(160, "off", 140),
      ]),
    ).toEqual([
      "40.5 K1 on since 35, occupied",
      "40.5 K1 started 35–",
      "60 K1 offline since 60",
      "100 K1 on since 35, occupied",
      "160.5 K1 off since 140, occupied",
      "160.5 K1 ended 35–140 (quiet)",
    ]));

  it("that lasts ends it where it was last known to go on", () =>
    expect(story([says(40, "on", 35), status(60, "offline"), tick(300)]).slice(2)).toEqual([
      "60 K1 offline since 60",
      "180 K1 ended 35–40 (unknown)",
    ]));

  it("that the conversation outlasted is taken back: the same episode goes on", () =>
    expect(
      story([says(40, "on", 35), status(60, "offline"), says(400, "on", 35), says(460, "off", 440)]).slice(3),
    ).toEqual([
      "180 K1 ended 35–40 (unknown)",
      "400.5 K1 on since 35, occupied",
      "400.5 K1 started 35–",
      "460.5 K1 off since 440, occupied",
      "460.5 K1 ended 35–440 (quiet)",
    ]));

  it("that a long conversation outlasted is taken back under its own start, which since no longer reaches", () =>
    expect(story([...keepsSaying(10, 1780, "on", 5), status(1800, "offline"), says(2105, "on", 305)]).slice(2)).toEqual(
      [
        "1800 K1 offline since 1800",
        "1920 K1 ended 5–1780 (unknown)",
        "2105.5 K1 on since 5, occupied",
        "2105.5 K1 started 5–",
      ],
    ));

  it("in which the gateway was away does not end it: the device is given time to speak", () => {
    expect(story([says(40, "on", 35), start(600), says(610, "on", 35), says(660, "off", 640)]).slice(2)).toEqual([
      "600 K1 starting since 600",
      "610.5 K1 on since 35, occupied",
      "660.5 K1 off since 640, occupied",
      "660.5 K1 ended 35–640 (quiet)",
    ]);
    expect(
      story([says(40, "on", 35), start(600), tick(900)])
        .filter((l) => l.includes("K1"))
        .slice(2),
    ).toEqual(["600 K1 starting since 600", "690 K1 no-data since 600", "720 K1 ended 35–40 (unknown)"]);
  });
});

describe("readings that come late", () => {
  it("are counted and do not touch what is so now", () => {
    const inputs = [says(40, "on", 35), says(60, "off", 45), says(50, "on", 35, { arrives: 61 })];
    let state = initialDetect(rules);
    for (const input of inputs) state = step(state, input, rules).state;
    expect([situations(state)[0]!.conversation, state.late, state.historical]).toEqual(["off", 1, 0]);
  });

  it("recover the conversations of an outage, once, and cut where others begin", () => {
    const backlog = (t: number, conversation: "on" | "off", since: number, n: number) =>
      says(t, conversation, since, { arrives: 1801 + n / 10 });
    expect(
      story([
        says(0, "off", 0),
        status(60, "offline"),
        says(1800, "on", 1700),
        backlog(300, "on", 290, 0),
        backlog(330, "on", 290, 1),
        backlog(420, "off", 400, 2),
        backlog(300, "on", 290, 3),
        backlog(900, "on", 890, 4),
        backlog(930, "on", 890, 5),
        backlog(1710, "on", 1700, 6),
        says(1830, "off", 1815),
        tick(2400),
      ]).slice(2),
    ).toEqual([
      "1800.5 K1 on since 1700, occupied",
      "1800.5 K1 started 1700–",
      "1801.2 K1 recovered 290–400",
      "1801.6 K1 recovered 890–930",
      "1830.5 K1 off since 1815, occupied",
      "1830.5 K1 ended 1700–1815 (quiet)",
      "1920.5 K1 no-data since 1920.5",
    ]);
  });

  it("recover the part of a conversation that lies before the start that is known", () =>
    expect(
      story([
        says(0, "off", 0),
        status(60, "offline"),
        says(3000, "on", 1200),
        says(1100, "on", 1050, { arrives: 3001 }),
        says(2990, "on", 1190, { arrives: 3002 }),
        ...keepsSaying(3030, 3330, "on", 1230),
      ]).slice(2),
    ).toEqual(["3000.5 K1 on since 1200, occupied", "3000.5 K1 started 1200–", "3302 K1 recovered 1050–1200"]));

  it("lengthen an episode that the outage had cut", () =>
    expect(
      story([
        says(40, "on", 35),
        status(60, "offline"),
        says(700, "off", 500),
        says(70, "on", 35, { arrives: 701 }),
        says(130, "on", 35, { arrives: 702 }),
        says(200, "off", 180, { arrives: 703 }),
      ]).slice(2),
    ).toEqual([
      "60 K1 offline since 60",
      "180 K1 ended 35–40 (unknown)",
      "700.5 K1 off since 500, occupied",
      "703 K1 recovered 35–180",
    ]));
});

/** A device's life at random, in order of arrival: talk, pauses, losses, outages, backlogs. */
const life = fc
  .array(
    fc.record({
      wait: fc.integer({ min: 1, max: 150 }),
      what: fc.constantFrom("on", "off", "offline", "online", "muted", "late", "start"),
      ago: fc.integer({ min: 0, max: 400 }),
      occupied: fc.boolean(),
      device: fc.constantFrom("k1", "k2a", "k2b"),
    }),
    { maxLength: 60 },
  )
  .map((events) => {
    let now = 0;
    return events.map(({ wait, what, ago, occupied, device }): DetectInput => {
      now += wait;
      switch (what) {
        case "on":
        case "off":
          return says(now, what, now - (ago % 60), { device, occupied });
        case "late":
          return says(now - ago, "on", now - ago - 10, { device, occupied, arrives: now + 0.5 });
        case "muted":
          return health(now, { muted: true }, device);
        case "start":
          return start(now);
        default:
          return status(now, what as "online" | "offline", "00000001", device);
      }
    });
  });

describe("laws", () => {
  it("ticks in between change nothing", () =>
    fc.assert(
      fc.property(life, fc.integer({ min: 1, max: 40 }), (inputs, every) => {
        // Time in which the gateway was away has no ticks: only between inputs that are no start.
        const ticked = inputs.flatMap((input, i) => {
          const before = inputs[i - 1];
          if (before === undefined || input.kind === "start") return [input];
          const count = Math.max(0, Math.floor((input.at - before.at) / (every * 1000)));
          return [
            ...Array.from(
              { length: count },
              (_, n): DetectInput => ({ kind: "tick", at: before.at + n * every * 1000 }),
            ),
            input,
          ];
        });
        expect(factsOf(ticked)).toEqual(factsOf(inputs));
      }),
    ));

  it("a restart from the kept state goes on alike", () =>
    fc.assert(
      fc.property(life, fc.nat(60), (inputs, cut) => {
        let state = initialDetect(rules);
        for (const input of inputs.slice(0, cut)) state = step(state, input, rules).state;
        const kept = restoreDetect(JSON.parse(JSON.stringify(state)), rules);
        expect(factsOf(inputs.slice(cut), kept)).toEqual(factsOf(inputs.slice(cut), state));
      }),
    ));

  it("facts come in order of time; episodes of a room start once before they end and never overlap", () =>
    fc.assert(
      fc.property(life, (inputs) => {
        const facts = factsOf([...inputs, tick(100_000)]);
        expect(facts.map((f) => f.at)).toEqual(facts.map((f) => f.at).toSorted((a, b) => a - b));
        for (const room of ["K1", "K2"]) {
          const episodes = new Map<number, number | null>();
          for (const fact of facts) {
            if (fact.kind === "situation" || fact.episode.room !== room) continue;
            const { start, end } = fact.episode;
            if (fact.kind === "conversation-ended") expect(episodes.get(start)).toBe(null);
            episodes.set(start, end);
          }
          const all = [...episodes].sort(([a], [b]) => a - b);
          for (const [i, [start, end]] of all.entries()) {
            expect(end).not.toBe(null);
            expect(end! >= start && end! <= (all[i + 1]?.[0] ?? Infinity)).toBe(true);
          }
        }
      }),
    ));

  it("a state is plain JSON", () =>
    fc.assert(
      fc.property(life, (inputs) => {
        let state = initialDetect(rules);
        for (const input of inputs) state = step(state, input, rules).state;
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
    ));
});
