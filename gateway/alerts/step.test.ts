import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Hearing, Severity } from "#protocol/api.ts";
import { at, EIGHT } from "../detect/story.fixture.ts";
import { alertRules } from "./rules.ts";
import { type AlertsInput, type Decided, initialAlerts, openAlerts, restoreAlerts, step } from "./step.ts";
import {
  decide,
  ended,
  keptAfter,
  line,
  off,
  on,
  pair,
  recovered,
  rules,
  site,
  situation,
  source,
  start,
  tick,
  timeline,
} from "./story.fixture.ts";

describe("a conversation in a shared office", () => {
  it("fires when it has lasted a minute since its start, and is resolved at its end", () =>
    expect(timeline(on(15, 10), tick(69), tick(71), off(320, 10, 300))).toEqual([
      "10 K1@10 pending critical: pending",
      "70 K1@10 firing critical: raised",
      "300 K1@10 resolved conversation-ended: resolved",
    ]));

  it("that ends within the minute never fires", () =>
    expect(timeline(on(15, 10), off(60, 10, 40), tick(200))).toEqual([
      "10 K1@10 pending critical: pending",
      "40 K1@10 resolved never-fired: never-fired",
    ]));

  it("fires by the clock even if its quiet had begun just before, and is not resolved before it fired", () =>
    expect(timeline(on(15, 10), off(75, 10, 65))).toEqual([
      "10 K1@10 pending critical: pending",
      "70 K1@10 firing critical: raised",
      "70 K1@10 resolved conversation-ended: resolved",
    ]));

  it("of which the gateway hears late fires at once, dated when it was heard", () =>
    expect(timeline(on(500, 10), tick(501))).toEqual([
      "10 K1@10 pending critical: pending",
      "500 K1@10 firing critical: raised",
    ]));

  it("in a smaller office is a warning, and critical while another goes on where nothing but an opening lies between", () => {
    expect(timeline(on(10, 10, "K2"), tick(80))).toEqual([
      "10 K2@10 pending warning: pending",
      "70 K2@10 firing warning: raised",
    ]);
    expect(timeline(on(10, 10, "K2"), on(30, 30, "V1"), tick(80))).toEqual([
      "10 K2@10 pending warning: pending",
      "70 K2@10 firing critical: raised",
    ]);
  });

  it.each(["S1", "V1", "G1", "K6"])("is no matter in %s, which is none", (room) =>
    expect(timeline(on(10, 10, room), tick(500), off(600, 10, 580, room))).toEqual([]),
  );

  it("can be acknowledged once it has fired", () =>
    expect(
      timeline(
        on(10),
        { kind: "acknowledge", at: at(20), alert: `conversation-in-shared-office:K1:${at(10)}` },
        tick(80),
        { kind: "acknowledge", at: at(90), alert: `conversation-in-shared-office:K1:${at(10)}` },
        { kind: "acknowledge", at: at(95), alert: `conversation-in-shared-office:K1:${at(10)}` },
        off(200, 10),
      ).slice(1),
    ).toEqual([
      "70 K1@10 firing critical: raised",
      "90 K1@10 acknowledged critical: acknowledged",
      "200 K1@10 resolved conversation-ended: resolved",
    ]));
});

describe("talk that may be that of the room next door", () => {
  it("is told when it is known to be the room's own, dated then if the minute is over, and never otherwise", () => {
    expect(timeline(on(15, 10), source(15, "undecided"), source(45, "own"), tick(80))).toEqual([
      "10 K1@10 pending critical: pending",
      "70 K1@10 firing critical: raised",
    ]);
    expect(timeline(on(15, 10), source(15, "undecided"), source(95, "own"), tick(100))).toEqual([
      "10 K1@10 pending critical: pending",
      "95 K1@10 firing critical: raised",
    ]);
    expect(timeline(on(15, 10), source(15, "undecided"), source(45, "elsewhere"), off(320, 10, 300))).toEqual([
      "10 K1@10 pending critical: pending",
      "300 K1@10 resolved never-fired: never-fired",
    ]);
  });

  it("is taken for the room's own again with the next conversation, and after a restart", () => {
    const doubted = [on(15, 10), source(15, "elsewhere")];
    expect(timeline(...doubted, off(120, 10, 100), on(515, 510), tick(600)).at(-1)).toBe(
      "570 K1@510 firing critical: raised",
    );
    expect(timeline(...doubted, start(200), tick(201)).at(-1)).toMatch(/ K1@10 firing critical: raised$/);
  });
});

describe("an office that nobody is in", () => {
  it("raises nothing while a radio plays; who comes in starts the minute", () =>
    expect(timeline(on(10, 10, "K1", false), tick(200), situation(300, "on", true), tick(400), off(500, 10))).toEqual([
      "300 K1@300 pending critical: pending",
      "360 K1@300 firing critical: raised",
      "500 K1@300 resolved conversation-ended: resolved",
    ]));

  it("is left when nobody has been seen for a minute; a shorter absence is sitting still", () => {
    expect(
      timeline(on(10), tick(80), situation(100, "on", false), situation(150, "on", true), off(300, 10)).slice(2),
    ).toEqual(["300 K1@10 resolved conversation-ended: resolved"]);
    expect(timeline(on(10), tick(80), situation(100, "on", false), tick(200), off(300, 10)).slice(2)).toEqual([
      "100 K1@10 resolved room-vacant: resolved",
    ]);
  });

  it("that was left and is come back to raises another only as a continuation", () =>
    expect(
      timeline(
        on(10),
        tick(80),
        situation(100, "on", false),
        tick(200),
        situation(250, "on", true),
        tick(1149),
        tick(1151),
      ).slice(3),
    ).toEqual(["250 K1@250 pending critical: pending", "1150 K1@250 firing critical: raised"]));
});

describe("a room that becomes unknown", () => {
  it("keeps its alert until detection gives the conversation up", () =>
    expect(
      timeline(on(10), tick(80), situation(100, "unknown", null), tick(219), ended(220, 10, 95, "unknown")).slice(1),
    ).toEqual(["70 K1@10 firing critical: raised", "95 K1@10 resolved room-unknown: resolved"]));

  it("does not fire on what it does not know, but when it is known again", () =>
    expect(timeline(on(10), situation(40, "unknown", null), tick(90), situation(100, "on", true), tick(101))).toEqual([
      "10 K1@10 pending critical: pending",
      "100 K1@10 firing critical: raised",
    ]));

  it("gives a new alert another name when the same episode is taken up again", () =>
    expect(
      timeline(
        on(10),
        tick(80),
        situation(100, "unknown", null),
        ended(220, 10, 95, "unknown"),
        on(900, 10),
        tick(1000),
      ).slice(3),
    ).toEqual(["900 K1@900 pending critical: pending", "960 K1@900 firing critical: raised"]));
});

describe("a conversation with a pause", () => {
  it("is one alert: what begins within five minutes continues it", () =>
    expect(timeline(on(10), off(300, 10, 280), on(400), off(1200, 400), tick(2000))).toEqual([
      "10 K1@10 pending critical: pending",
      "70 K1@10 firing critical: raised",
      "280 K1@10 resolved conversation-ended: resolved",
      "400 K1@400 pending critical: pending",
      "1200 K1@400 resolved never-fired: never-fired",
    ]));

  it("is another when what follows lasts a quarter of an hour, or begins after five minutes", () => {
    expect(timeline(on(10), off(300, 10, 280), on(400), tick(1400)).slice(4)).toEqual([
      "1300 K1@400 firing critical: raised",
    ]);
    expect(timeline(on(10), off(300, 10, 280), on(580), tick(700)).slice(4)).toEqual([
      "640 K1@580 firing critical: raised",
    ]);
  });

  it("whose first part was too short to be told is told as soon as the second has lasted", () =>
    expect(timeline(on(10), off(50, 10), on(90), tick(200)).at(-1)).toBe("150 K1@90 firing critical: raised"));
});

describe("a recovered conversation", () => {
  it("is an alert of the past, told to nobody", () =>
    expect(timeline(recovered(5000, 10, 400), recovered(5001, 1000, 1030), recovered(5002, 2000, 2600, false))).toEqual(
      [
        "10 K1@10 pending critical: historical",
        "70 K1@10 firing critical: historical",
        "400 K1@10 resolved conversation-ended: historical",
      ],
    ));

  it("of which an alert is known already adds none", () =>
    expect(timeline(on(10), tick(80), ended(220, 10, 95, "unknown"), recovered(900, 10, 400)).slice(3)).toEqual([]));
});

describe("a restart", () => {
  it("fires by the clock what became due while the gateway restarted, if the room is known to go on", () => {
    const kept = keptAfter(on(10));
    const { state, decided } = restoreAlerts(kept, rules);
    expect(decided).toEqual([]);
    expect(decide([start(75), tick(76)], state).map(line)).toEqual(["70 K1@10 firing critical: raised"]);
    expect(decide([start(75), situation(75, "unknown", null), tick(76)], state).map(line)).toEqual([]);
  });

  it.each([
    ["no longer has", { ...site, rooms: site.rooms.slice(1), boundaries: [] }],
    ["gives to one person", { ...site, rooms: site.rooms.with(0, { ...site.rooms[0]!, assigned: 1 }) }],
  ])("resolves the alerts of rooms that the site file %s", (_, changed) => {
    const { state, decided } = restoreAlerts(keptAfter([...on(10), tick(80)]), alertRules(changed));
    expect(decided.map(line)).toEqual(["80 K1@10 resolved room-unknown: resolved"]);
    expect(openAlerts(state)).toEqual([]);
  });
});

const PAIRS = ["K1>K2", "K1>V1", "K1>V1", "K2>K1", "K1>K6", "K6>K1"];

/** What may be said of a pair, at random. */
const saying = fc.record({
  what: fc.constantFrom("overheard", "overheard", "probably", "private", "unknown", "degraded", "restored" as const),
  hearing: fc.constantFrom(...Hearing.options.slice(Hearing.options.indexOf("partly"))),
  probability: fc.constantFrom(0.3, 0.6),
});

function said(
  t: number,
  name: string,
  { what, hearing, probability }: typeof saying extends fc.Arbitrary<infer T> ? T : never,
) {
  const of = pair(name);
  switch (what) {
    case "overheard":
      return of.overheard(t, hearing);
    case "probably":
      return of.probably(t, probability, hearing);
    case "degraded":
      return of.degraded(t, 5);
    default:
      return of[what as "private" | "unknown" | "restored"](t);
  }
}

/** Facts as detection makes them, at random: on, off, a hole and its end, coming and going, what is heard next door, time. */
const facts = fc
  .array(
    fc.record({
      wait: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 400 })),
      what: fc.constantFrom("talk", "talk", "presence", "hole", "pass", ...Array(6).fill("pair")),
      room: fc.constantFrom("K1", "K2"),
      pair: fc.constantFrom(...PAIRS),
      saying,
    }),
    { maxLength: 120, size: "max" },
  )
  .map((events) => {
    let now = 0;
    const rooms = new Map<string, { start: number | null; occupied: boolean; unknown: boolean }>();
    return events.flatMap(({ wait, what, room, pair: name, saying }): AlertsInput[] => {
      now += wait;
      const r = rooms.get(room) ?? { start: null, occupied: true, unknown: false };
      rooms.set(room, r);
      const start = r.start;
      if (what === "pass") return [tick(now)];
      if (what === "pair") return [said(now, name, saying)];
      if (what === "presence") {
        r.occupied = !r.occupied;
        return r.unknown ? [] : [situation(now, start === null ? "off" : "on", r.occupied, room)];
      }
      if (what === "hole" && start !== null) {
        r.unknown = !r.unknown;
        return [situation(now, r.unknown ? "unknown" : "on", r.unknown ? null : r.occupied, room)];
      }
      r.unknown = false;
      r.start = start === null ? now : null;
      return start === null
        ? on(now, now, room, r.occupied)
        : [situation(now, "off", r.occupied, room), ended(now, start, now, "quiet", room)];
    });
  });

const HOUR_MS = 3_600_000;
const lastTick = (inputs: readonly AlertsInput[]): AlertsInput => ({
  kind: "tick",
  at: (inputs.at(-1)?.at ?? EIGHT) + HOUR_MS,
});

/** What is found of one boundary, in order, with two moments of the hour in which it may have been. */
const moments = fc.integer({ min: 0, max: HOUR_MS - 1 });
const boundaryNews = fc
  .array(fc.record({ hour: fc.nat(20), less: fc.boolean(), one: moments, other: moments }), { maxLength: 25 })
  .map((news) => {
    const byHour = news.toSorted((a, b) => a.hour - b.hour);
    // Within an hour each as it is in order; what comes first stays first.
    const sorted = (moment: "one" | "other") =>
      news.map((one) => one.hour * HOUR_MS + one[moment]).toSorted((a, b) => a - b);
    const [one, other] = [sorted("one"), sorted("other")];
    return byHour.map(({ hour, less }, i) => ({
      hour,
      less,
      one: one[i]! - hour * HOUR_MS,
      other: other[i]! - hour * HOUR_MS,
    }));
  });

function heardOfBoundary(hour: number, ms: number, less: boolean): AlertsInput {
  const seconds = hour * 3600 + ms / 1000;
  return less ? pair("K1>V1").degraded(seconds, 5) : pair("K1>V1").restored(seconds);
}

/** The rule written as a whole: at each full hour, as it was last found to be. */
function boundaryReference(news: readonly { hour: number; less: boolean }[]): string[] {
  const lines: string[] = [];
  let since: number | null = null;
  for (let hour = 0; hour <= 20; hour++) {
    const last = news.filter((one) => one.hour === hour).at(-1);
    const t = (hour + 1) * 3600;
    if (last?.less === true && since === null) {
      since = t;
      lines.push(`${t} K1>V1@${t} pending warning −5 dB: pending`, `${t} K1>V1@${t} firing warning −5 dB: raised`);
    } else if (last?.less === false && since !== null) {
      lines.push(`${t} K1>V1@${since} resolved recovered −5 dB: resolved`);
      since = null;
    }
  }
  return lines;
}

const order = ["pending", "firing", "acknowledged", "resolved"];
const rank = (severity: Severity) => Severity.options.indexOf(severity);

describe("laws", () => {
  it("no transition is lost, doubled or unpaired", () =>
    fc.assert(
      fc.property(facts, (inputs) => {
        const lives = new Map<string, Decided[]>();
        let state = initialAlerts(rules);
        for (const input of inputs) {
          const next = step(state, input, rules);
          state = next.state;
          for (const one of next.decided) {
            const id = one.transition.alert.id;
            lives.set(id, [...(lives.get(id) ?? []), one]);
          }
        }
        const open = new Set(openAlerts(state).map(({ id }) => id));
        for (const [id, life] of lives) {
          const steps = life.map(({ transition }) => order.indexOf(transition.to));
          expect(steps[0]).toBe(0);
          expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
          expect(steps.includes(3)).toBe(!open.has(id));
          const times = life.map(({ transition }) => transition.at);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
          const told = life.map(({ notify }) => notify).filter((n) => n === "raised" || n === "resolved");
          expect([[], ["raised"], ["raised", "resolved"]]).toContainEqual(told);
        }
        expect([...open].every((id) => lives.has(id))).toBe(true);
      }),
    ));

  it("of one conversation only what is graver than what is open already is told of another room", () =>
    fc.assert(
      fc.property(facts, (inputs) => {
        const open = new Map<string, Decided["transition"]["alert"]>();
        for (const { transition, notify } of decide(inputs)) {
          const { alert, to } = transition;
          if (alert.rule !== "overheard") continue;
          const told = [...open.values()].filter(({ room }) => room === alert.room);
          const isGravest = told.every(({ severity }) => rank(alert.severity) > rank(severity));
          if (to === "firing") expect(notify).toBe(isGravest ? "raised" : "grouped");
          if (to === "firing" && notify === "raised") open.set(alert.id, alert);
          if (to === "resolved") open.delete(alert.id);
        }
      }),
    ));

  it("silent rooms are in no alert, and what is told of a pair is always understood", () =>
    fc.assert(
      fc.property(facts, (inputs) => {
        for (const { transition } of decide(inputs)) {
          const { pair, rule, hearing } = transition.alert;
          expect(pair ?? []).not.toContain("K6");
          if (rule === "overheard") expect(["partly", "intelligible", "clearly"]).toContain(hearing);
        }
      }),
    ));

  it("of a boundary only full hours are told, whatever happens when", () =>
    fc.assert(
      fc.property(facts, (inputs) => {
        for (const { transition } of decide([...inputs, lastTick(inputs)])) {
          const { id, rule, startedAt, firedAt, resolvedAt } = transition.alert;
          if (rule !== "privacy-degraded") continue;
          const times = [transition.at, startedAt, firedAt ?? 0, resolvedAt ?? 0, Number(id.split(":").at(-1))];
          expect(times.filter((time) => time % HOUR_MS !== 0)).toEqual([]);
        }
      }),
    ));

  it("when in an hour a boundary was found to keep in less, or as much again, changes nothing that is told of it", () =>
    fc.assert(
      fc.property(boundaryNews, (news) => {
        const told = (moment: "one" | "other") =>
          decide([
            ...news.map(({ hour, less, ...when }) => heardOfBoundary(hour, when[moment], less)),
            tick(60 * 3600),
          ]);
        expect(told("one").map(line)).toEqual(told("other").map(line));
        expect(told("one").map(line)).toEqual(boundaryReference(news));
      }),
    ));

  it("ticks in between, and restarts that hear a part again, change nothing", () =>
    fc.assert(
      fc.property(
        facts,
        fc.array(fc.nat(60), { maxLength: 6 }),
        fc.integer({ min: 1, max: 30 }),
        (inputs, cuts, every) => {
          const once = new Map<string, string>();
          const record = (decided: readonly Decided[]) => {
            for (const one of decided) once.set(`${one.transition.alert.id} ${one.transition.to}`, line(one));
          };
          const ticked = inputs.flatMap((input, i) => {
            const from = inputs[i - 1]?.at ?? input.at;
            const count = Math.min(200, Math.floor((input.at - from) / (every * 1000)));
            return [
              ...Array.from({ length: count }, (_, n): AlertsInput => ({ kind: "tick", at: from + n * every * 1000 })),
              input,
            ];
          });
          let state = initialAlerts(rules);
          let kept = { json: JSON.stringify(state), through: 0 };
          const stops = new Set(cuts.map((cut) => cut * 7));
          for (let i = 0; i < ticked.length; i++) {
            if (stops.delete(i)) {
              state = restoreAlerts(JSON.parse(kept.json), rules).state;
              i = kept.through;
            }
            const next = step(state, ticked[i]!, rules);
            record(next.decided);
            state = next.state;
            if (i % 5 === 0) kept = { json: JSON.stringify(state), through: i + 1 };
            if (kept.through > ticked.length - 1) break;
          }
          // As every restart, the last one begins with the state that was kept.
          state = restoreAlerts(JSON.parse(kept.json), rules).state;
          for (const input of ticked.slice(kept.through)) {
            const next = step(state, input, rules);
            record(next.decided);
            state = next.state;
          }
          expect([...once.values()].toSorted()).toEqual(decide(inputs).map(line).toSorted());
        },
      ),
    ));
});

/**
 * The same rule written as a whole instead of in steps, for one office that is never unknown and never empty:
 * conversations in, the alerts that fire out.
 */
function reference(talks: readonly { start: number; end: number }[]): { start: number; fired: number; end: number }[] {
  const fired: { start: number; fired: number; end: number }[] = [];
  for (const { start, end } of talks) {
    const before = fired.at(-1);
    const wait = before !== undefined && start - before.end < 300 ? 900 : 60;
    if (end - start >= wait) fired.push({ start, fired: start + wait, end });
  }
  return fired;
}

it("agrees with the rule written as a whole", () =>
  fc.assert(
    fc.property(
      fc.array(fc.record({ quiet: fc.integer({ min: 1, max: 700 }), talk: fc.integer({ min: 1, max: 2000 }) }), {
        maxLength: 30,
      }),
      (spans) => {
        let now = 0;
        const talks = spans.map(({ quiet, talk }) => {
          const start = now + quiet;
          now = start + talk;
          return { start, end: now };
        });
        const decided = decide(talks.flatMap(({ start, end }) => [...on(start), ...off(end, start)]));
        const seen = decided
          .filter(({ transition: { to, alert } }) => to === "resolved" && alert.firedAt !== null)
          .map(({ transition: { alert } }) => alert);
        const s = (ms: number) => (ms - EIGHT) / 1000;
        expect(seen.map((a) => ({ start: s(a.startedAt), fired: s(a.firedAt!), end: s(a.resolvedAt!) }))).toEqual(
          reference(talks),
        );
      },
    ),
  ));
