import { describe, expect, it } from "vitest";
import { at } from "../detect/story.fixture.ts";
import { alertRules } from "./rules.ts";
import { type AlertsInput, initialAlerts, openAlerts, restoreAlerts, step } from "./step.ts";
import {
  decide,
  ended,
  keptAfter,
  line,
  off,
  on,
  pair,
  rules,
  site,
  situation,
  start,
  tick,
  timeline,
} from "./story.fixture.ts";

/** S2's talk heard in the corridor: neither is a shared office, so no other rule has a word in it. */
const corridor = pair("S2>G1");
const talk = (t: number, since = t) => on(t, since, "S2");
const hush = (t: number, since: number, end = t) => off(t, since, end, "S2");
const someoneIn = (t: number, room: string, present = true) => situation(t, "off", present, room);

describe("a conversation that another room hears", () => {
  it("fires when it has lasted half a minute and is overheard, and is resolved at its end", () => {
    expect(timeline(talk(15, 10), corridor.overheard(20), tick(60), hush(320, 10, 300))).toEqual([
      "10 S2>G1@10 pending warning intelligible: pending",
      "40 S2>G1@10 firing warning intelligible: raised",
      "300 S2>G1@10 resolved conversation-ended intelligible: resolved",
    ]);
    expect(timeline(talk(15, 10), corridor.overheard(200)).slice(1)).toEqual([]);
    expect(timeline(talk(15, 10), corridor.overheard(200), tick(201)).slice(1)).toEqual([
      "200 S2>G1@10 firing warning intelligible: raised",
    ]);
  });

  it("is the same whether the talk or its being heard becomes known first", () =>
    expect(timeline(corridor.overheard(12), talk(15, 10), tick(60))).toEqual([
      "10 S2>G1@10 pending warning intelligible: pending",
      "40 S2>G1@10 firing warning intelligible: raised",
    ]));

  it("is no matter of the talk in the room that hears it", () =>
    expect(
      timeline(talk(10), corridor.overheard(20), tick(60), on(70, 70, "G1"), off(90, 70, 85, "G1"), tick(300)).slice(2),
    ).toEqual([]));

  it("that ends within half a minute never fires", () =>
    expect(timeline(talk(15, 10), corridor.overheard(20), hush(36, 10, 30), tick(100))).toEqual([
      "10 S2>G1@10 pending warning intelligible: pending",
      "30 S2>G1@10 resolved never-fired intelligible: never-fired",
    ]));

  it("is none while nobody talks, and none on a guess", () => {
    expect(timeline(corridor.overheard(20), tick(500))).toEqual([]);
    expect(timeline(talk(10), corridor.probably(20, 0.7), corridor.private(100), tick(900))).toEqual([]);
  });

  it("is as grave as what can be heard, and one step graver where somebody is there to hear it", () => {
    const grave = (hearing: "partly" | "intelligible" | "clearly", present: boolean) =>
      timeline(someoneIn(5, "G1", present), talk(10), corridor.overheard(20, hearing), tick(60)).at(-1);
    expect([grave("partly", false), grave("intelligible", false), grave("clearly", false)]).toEqual([
      "40 S2>G1@10 firing info partly: raised",
      "40 S2>G1@10 firing warning intelligible: raised",
      "40 S2>G1@10 firing critical clearly: raised",
    ]);
    expect([grave("partly", true), grave("intelligible", true), grave("clearly", true)]).toEqual([
      "40 S2>G1@10 firing warning partly: raised",
      "40 S2>G1@10 firing critical intelligible: raised",
      "40 S2>G1@10 firing critical clearly: raised",
    ]);
  });

  it("waits for what is not certain when its half minute is over", () =>
    expect(
      timeline(
        talk(10),
        corridor.overheard(20),
        corridor.probably(30, 0.6),
        tick(90),
        corridor.overheard(95),
        tick(96),
      ),
    ).toEqual([
      "10 S2>G1@10 pending warning intelligible: pending",
      "95 S2>G1@10 firing warning intelligible: raised",
    ]));

  it("can be acknowledged", () =>
    expect(
      timeline(
        talk(10),
        corridor.overheard(20),
        tick(60),
        { kind: "acknowledge", at: at(70), alert: `overheard:S2>G1:${at(10)}` },
        { kind: "acknowledge", at: at(75), alert: `overheard:S2>G1:${at(10)}` },
      ).slice(2),
    ).toEqual(["70 S2>G1@10 acknowledged warning intelligible: acknowledged"]));
});

describe("a conversation that is heard no longer", () => {
  const heard = [...talk(10), corridor.overheard(20), tick(60)];

  it("is over when that has been unlikely for two minutes, dated when it became so", () => {
    expect(timeline(heard, corridor.probably(100, 0.4), corridor.private(160), tick(219)).slice(2)).toEqual([]);
    expect(timeline(heard, corridor.probably(100, 0.4), corridor.private(160), tick(220)).slice(2)).toEqual([
      "100 S2>G1@10 resolved no-longer-heard intelligible: resolved",
    ]);
  });

  it("goes on while it is more likely than not", () =>
    expect(
      timeline(
        heard,
        corridor.private(100),
        corridor.probably(200, 0.5),
        tick(900),
        corridor.private(910),
        tick(1029),
      ).slice(2),
    ).toEqual([]));

  it("is over when nothing has been known of the pair for five minutes", () => {
    expect(timeline(heard, corridor.unknown(100), corridor.unknown(300, "muted"), tick(399)).slice(2)).toEqual([]);
    expect(timeline(heard, corridor.unknown(100), corridor.unknown(300, "muted"), tick(400)).slice(2)).toEqual([
      "100 S2>G1@10 resolved pair-unknown intelligible: resolved",
    ]);
  });

  it("is over where it was last known to go on, when detection gives the conversation up", () =>
    expect(timeline(heard, corridor.unknown(100), ended(220, 10, 95, "unknown", "S2")).slice(2)).toEqual([
      "95 S2>G1@10 resolved room-unknown intelligible: resolved",
    ]));

  it("is another alert when it is heard again, told only if that lasts or comes later", () => {
    const lost = [...heard, corridor.private(100), tick(230)];
    expect(timeline(lost, corridor.overheard(350), tick(1300)).slice(3)).toEqual([
      "350 S2>G1@350 pending warning intelligible: pending",
      "1250 S2>G1@350 firing warning intelligible: raised",
    ]);
    expect(timeline(lost, corridor.overheard(400), tick(500)).slice(3)).toEqual([
      "400 S2>G1@400 pending warning intelligible: pending",
      "430 S2>G1@400 firing warning intelligible: raised",
    ]);
  });

  it("is followed by the next one only if that lasts or comes later", () => {
    const next = (t: number) => [...heard, ...hush(300, 10), ...talk(t), corridor.overheard(t + 20)];
    expect(timeline(next(400), tick(1400)).slice(3)).toEqual([
      "400 S2>G1@400 pending warning intelligible: pending",
      "1300 S2>G1@400 firing warning intelligible: raised",
    ]);
    expect(timeline(next(600), tick(700)).slice(3)).toEqual([
      "600 S2>G1@600 pending warning intelligible: pending",
      "630 S2>G1@600 firing warning intelligible: raised",
    ]);
  });
});

describe("an alert that gets worse", () => {
  /** What is raised on the way, and what the end says. */
  function raisedBy(...inputs: readonly (AlertsInput | AlertsInput[])[]): string[] {
    let state = initialAlerts(rules);
    return inputs.flat().flatMap((input) => {
      const next = step(state, input, rules);
      state = next.state;
      return next.raised.map(({ severity, hearing, state: phase }) => `${phase} ${severity} ${hearing}`);
    });
  }
  const partly = [...talk(10), corridor.overheard(20, "partly"), tick(60)];

  it("is raised when it has been worse for a minute, and its end says the most that was heard", () => {
    const worse = [...partly, corridor.overheard(100, "clearly"), tick(161), corridor.overheard(170, "partly")];
    expect(raisedBy(worse)).toEqual(["firing critical clearly"]);
    expect(timeline(worse, hush(300, 10)).slice(1)).toEqual([
      "40 S2>G1@10 firing info partly: raised",
      "300 S2>G1@10 resolved conversation-ended clearly: resolved",
    ]);
  });

  it("is not raised by less than a minute, and only to what was there all the time", () => {
    expect(raisedBy(partly, corridor.overheard(100, "clearly"), corridor.overheard(155, "partly"), tick(400))).toEqual(
      [],
    );
    const rising = [corridor.overheard(100, "intelligible"), corridor.overheard(130, "clearly")];
    expect(raisedBy(partly, rising, tick(165))).toEqual(["firing warning intelligible"]);
    expect(raisedBy(partly, rising, tick(165), tick(225))).toEqual([
      "firing warning intelligible",
      "firing critical clearly",
    ]);
  });

  it("is not raised by what was worse before a restart", () => {
    const restarted = [corridor.overheard(100, "clearly"), start(130), corridor.overheard(140, "clearly")];
    expect(raisedBy(partly, restarted, tick(199))).toEqual([]);
    expect(raisedBy(partly, restarted, tick(200))).toEqual(["firing critical clearly"]);
  });

  it("is raised when somebody comes into the room that hears it", () =>
    expect(raisedBy(partly, someoneIn(100, "G1"), tick(200))).toEqual(["firing warning partly"]));
});

describe("a conversation that several rooms hear", () => {
  const [toWaiting, toOffice] = [pair("K1>V1"), pair("K1>K2")];
  /** Without K1's own rule, for which any conversation there is heard by whoever sits in it. */
  const pairLines = (...inputs: readonly (AlertsInput | AlertsInput[])[]) =>
    timeline(...(inputs as AlertsInput[][])).filter((one) => one.includes(">") && !one.endsWith(": pending"));

  it("is told once, with an alert for each of them", () =>
    expect(
      pairLines(on(10), toWaiting.overheard(20), tick(60), toOffice.overheard(70), tick(80), off(300, 10)),
    ).toEqual([
      "40 K1>V1@10 firing warning intelligible: raised",
      "70 K1>K2@10 firing warning intelligible: grouped",
      "300 K1>K2@10 resolved conversation-ended intelligible: grouped",
      "300 K1>V1@10 resolved conversation-ended intelligible: resolved",
    ]));

  it("is told again where it is graver than what was told", () =>
    expect(pairLines(on(10), toWaiting.overheard(20), tick(60), toOffice.overheard(70, "clearly"), tick(80))).toEqual([
      "40 K1>V1@10 firing warning intelligible: raised",
      "70 K1>K2@10 firing critical clearly: raised",
    ]));

  it("is a new story when it is another conversation", () =>
    expect(
      pairLines(
        on(10),
        toWaiting.overheard(20),
        tick(60),
        off(300, 10),
        toWaiting.private(301),
        on(400),
        toOffice.overheard(420),
        tick(500),
      ).slice(2),
    ).toEqual(["430 K1>K2@400 firing warning intelligible: raised"]));
});

describe("a boundary that keeps in less", () => {
  const HOUR = 3600;

  it("is an alert from the next full hour on, until the full hour after it has recovered, whoever talks", () =>
    expect(
      timeline(
        corridor.degraded(100.123, 5.5),
        corridor.degraded(200, 7),
        tick(3599),
        tick(9000),
        corridor.restored(9100.456),
        tick(10_799),
        tick(11_000),
      ),
    ).toEqual([
      "3600 S2>G1@3600 pending warning −5.5 dB: pending",
      "3600 S2>G1@3600 firing warning −5.5 dB: raised",
      "10800 S2>G1@3600 resolved recovered −5.5 dB: resolved",
    ]));

  it("is never told at the moment it was found, even if that is a full hour", () => {
    expect(timeline(corridor.degraded(HOUR, 5.5), tick(2 * HOUR - 1))).toEqual([]);
    expect(timeline(corridor.degraded(HOUR, 5.5), tick(2 * HOUR)).at(-1)).toBe(
      "7200 S2>G1@7200 firing warning −5.5 dB: raised",
    );
  });

  it("is no alert when it has recovered within the hour; and what is lost again within one goes on", () => {
    expect(timeline(corridor.degraded(100, 5.5), corridor.restored(200), tick(9000))).toEqual([]);
    expect(
      timeline(
        corridor.degraded(100, 5.5),
        tick(HOUR),
        corridor.restored(4000),
        corridor.degraded(4100, 8),
        tick(9000),
      ).slice(2),
    ).toEqual([]);
  });

  it("and a conversation heard through it are two alerts, each acknowledged by itself", () =>
    expect(
      timeline(
        corridor.degraded(5, 5.5),
        tick(HOUR),
        talk(HOUR + 10),
        corridor.overheard(HOUR + 20),
        tick(HOUR + 60),
        { kind: "acknowledge", at: at(HOUR + 70), alert: `privacy-degraded:S2>G1:${at(HOUR)}` },
        hush(HOUR + 300, HOUR + 10),
      ).slice(4),
    ).toEqual([
      "3670 S2>G1@3600 acknowledged warning −5.5 dB: acknowledged",
      "3900 S2>G1@3610 resolved conversation-ended intelligible: resolved",
    ]));

  it("that was found before a restart is told at its hour, and at the next one when that was missed for long", () => {
    const { state } = restoreAlerts(keptAfter([corridor.degraded(100, 5.5)]), rules);
    const firing = (...inputs: AlertsInput[]) => decide(inputs, state).map(line).at(-1);
    expect(firing(start(1000), tick(HOUR))).toBe("3600 S2>G1@3600 firing warning −5.5 dB: raised");
    expect(firing(start(HOUR + 30), tick(HOUR + 31))).toBe("3600 S2>G1@3600 firing warning −5.5 dB: raised");
    expect(firing(start(HOUR + 500), tick(2 * HOUR))).toBe("7200 S2>G1@7200 firing warning −5.5 dB: raised");
  });

  it("is watched by a state from before it waited for the hour", () => {
    const kept = keptAfter([]);
    const pairs = kept.pairs.map(({ boundary: _, ...watch }) => watch);
    const { state } = restoreAlerts({ ...kept, pairs }, rules);
    expect(
      decide([corridor.degraded(100, 5.5), tick(HOUR)], state)
        .map(line)
        .at(-1),
    ).toBe("3600 S2>G1@3600 firing warning −5.5 dB: raised");
  });
});

describe("a room where one person works", () => {
  it("is heard by none and hears none", () => {
    const [toSilent, fromSilent] = [pair("K1>K6"), pair("K6>K1")];
    expect(
      timeline(
        on(10, 10, "K6"),
        fromSilent.overheard(20),
        fromSilent.degraded(25, 6),
        on(30, 30, "G1"),
        toSilent.overheard(40),
        toSilent.degraded(45, 6),
        tick(900),
      ),
    ).toEqual([]);
  });
});

describe("a restart", () => {
  const heard = [...talk(10), corridor.overheard(20), tick(60)];

  it("keeps the alert open while the pair begins anew, and goes on with it when it is overheard again", () => {
    const { state, decided } = restoreAlerts(keptAfter(heard), rules);
    expect(decided).toEqual([]);
    const after = [start(1000), corridor.unknown(1000, "starting"), tick(1200), corridor.overheard(1250), tick(2000)];
    expect(decide([...after, ...hush(2100, 10)], state).map(line)).toEqual([
      "2100 S2>G1@10 resolved conversation-ended intelligible: resolved",
    ]);
    expect(decide([start(1000), tick(1301)], state).map(line)).toEqual([
      "1000 S2>G1@10 resolved pair-unknown intelligible: resolved",
    ]);
  });

  it("does not fire on what was heard before it", () => {
    const { state } = restoreAlerts(keptAfter([...talk(10), corridor.overheard(20)]), rules);
    expect(decide([start(100), tick(200), corridor.overheard(210), tick(211)], state).map(line)).toEqual([
      "210 S2>G1@10 firing warning intelligible: raised",
    ]);
  });

  it("resolves the alerts of pairs that the site file no longer has", () => {
    const kept = keptAfter([corridor.degraded(-100, 6), tick(0), ...heard, tick(70)]);
    const { state, decided } = restoreAlerts(kept, alertRules({ ...site, boundaries: [] }));
    expect(decided.map(line)).toEqual([
      "70 S2>G1@10 resolved pair-unknown intelligible: resolved",
      "3600 S2>G1@0 resolved pair-unknown −6 dB: resolved",
    ]);
    expect(openAlerts(state)).toEqual([]);
  });

  it("goes on with a state from before there were pairs", () => {
    const { pairs: _, ...rest } = keptAfter(on(10));
    const watches = rest.watches.map(({ talk: _, ...watch }) => watch);
    const { state } = restoreAlerts({ ...rest, version: 1, watches }, rules);
    expect(
      decide([tick(80), ...off(300, 10), ...talk(600), corridor.overheard(610), tick(700)], state).map(line),
    ).toEqual([
      "70 K1@10 firing critical: raised",
      "300 K1@10 resolved conversation-ended: resolved",
      "600 S2>G1@600 pending warning intelligible: pending",
      "630 S2>G1@600 firing warning intelligible: raised",
    ]);
  });
});
