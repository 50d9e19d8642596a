import { describe, expect, it } from "vitest";
import { fire, pend, pendDegraded, pendOverheard, resolve } from "../alerts/lifecycle.ts";
import type { Situation } from "../detect/facts.ts";
import { at, EIGHT, site } from "../detect/story.fixture.ts";
import { startIndicator } from "./indicator.ts";
import type { LiveEvent } from "./live.ts";
import { createLiveViews } from "./live-views.ts";
import { isPrivate, knowledge, overheard, unknown } from "./pair.fixture.ts";

const open = (keep?: number) =>
  createLiveViews({ site, startedAt: EIGHT, devices: () => [], ...(keep === undefined ? {} : { keep }) });

const situation = (room: string, conversation: Situation["conversation"], occupied: boolean | null): Situation => ({
  room,
  conversation,
  occupied,
  reason: conversation === "unknown" ? "offline" : null,
  since: at(10),
});
const pending = pend("K1", at(0), "critical").alert;
const firing = fire(pending, "critical", at(60)).alert;
const resolved = resolve(firing, "conversation-ended", at(300)).alert;

const line = ({ event, data }: LiveEvent): string => {
  const view = data as { id: string; conversation?: string; privacy?: string; state?: string };
  return event === "room" ? `${view.id} ${view.conversation} ${view.privacy}` : `${event} ${view.state}`;
};

describe("the live views", () => {
  it("begin unknown, and tell of a conversation room only whether it is free", () => {
    const live = open();
    live.situation(situation("S1", "off", false));
    live.situation(situation("S2", "off", true));
    live.situation(situation("K1", "on", true));
    live.situation(situation("K6", "on", true));
    const view = live
      .rooms()
      .map(({ id, conversation, occupied, privacy, free, reason }) => [
        id,
        conversation,
        occupied,
        privacy,
        free,
        reason,
      ]);
    expect(view).toEqual([
      ["K1", "on", true, "unknown", null, null],
      ["K2", "unknown", null, "unknown", null, "starting"],
      ["K6", "unknown", null, "unknown", null, "silent-room"],
      ["S1", "off", null, "unknown", true, null],
      ["S2", "off", null, "unknown", false, null],
      ["G1", "unknown", null, "unknown", null, "starting"],
      ["V1", "unknown", null, "unknown", null, "starting"],
    ]);
  });

  it("a room is overheard while an alert fires for it, not while one is pending", () => {
    const live = open();
    const told: string[] = [];
    live.subscribe((event) => told.push(line(event)));
    live.situation(situation("K1", "on", true));
    for (const alert of [pending, firing, resolved]) live.alert(alert);
    expect(told).toEqual(["K1 on unknown", "K1 on overheard", "alert firing", "K1 on unknown", "alert resolved"]);
    expect(live.openAlerts()).toEqual([]);
  });

  it("an alert names the nearest room that is free now", () => {
    const live = open();
    live.alert(firing);
    expect(live.openAlerts()[0]?.message.en).toContain("No conversation room is known to be free.");
    live.situation(situation("S2", "off", false));
    expect(live.openAlerts()[0]?.message.en).toContain("Conversation room S2 is free.");
  });

  it("numbers its events so that a reader resumes, as long as they are kept", () => {
    const live = open(3);
    const first = live.lastId();
    expect([first, live.after(first)]).toEqual([EIGHT * 1000, []]);
    for (let i = 0; i < 20; i++) live.situation(situation("K1", i % 2 === 0 ? "on" : "off", true));
    const last = live.lastId();
    expect(last).toBe(first + 20);
    expect(live.after(last - 2)?.map(({ id }) => id)).toEqual([last - 1, last]);
    expect([live.after(last - 3)?.length, live.after(last - 4), live.after(first - 5), live.after(last + 1)]).toEqual([
      3,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("tells nothing when nothing looks different, nor to who has left", () => {
    const live = open();
    const told: string[] = [];
    const leave = live.subscribe((event) => told.push(line(event)));
    live.situation(situation("S1", "off", true));
    live.situation(situation("S1", "off", true));
    leave();
    live.situation(situation("S1", "on", true));
    expect(told).toEqual(["S1 off unknown"]);
  });

  it("begins again with what is known, without an event", () => {
    const live = open();
    live.begin([situation("K1", "on", true)], [firing]);
    expect([live.rooms()[0]?.privacy, live.openAlerts().length, live.lastId()]).toEqual(["overheard", 1, EIGHT * 1000]);
  });
});

describe("the live views of pairs", () => {
  const pairsOf = (live: ReturnType<typeof open>) =>
    live.pairs().map(({ from, to, state, reason }) => `${from}>${to} ${reason ?? state}`);

  it("begin unknown, in both directions of every boundary, once where two lie between the same rooms", () => {
    const door = { between: ["G1", "K1"] as [string, string], kind: "door" as const, rw: 25, area: 2 };
    const live = createLiveViews({
      site: { ...site, boundaries: [...site.boundaries.slice(0, 2), door] },
      startedAt: EIGHT,
      devices: () => [],
    });
    expect(pairsOf(live)).toEqual(["G1>K1", "K1>G1", "K2>V1", "V1>K2"].map((pair) => `${pair} starting`));
    expect(live.pairs()[0]?.boundary).toEqual({ kind: "door", rw: 25 });
  });

  it("say what is heard now and what is known of the boundary, rounded to what it is worth", () => {
    const live = open();
    live.pair(overheard("K1", "G1"));
    live.knowledge(knowledge("K1", "G1", { dropDb: 4.06 }));
    expect(live.pairs()[0]).toEqual({
      from: "K1",
      to: "G1",
      boundary: { kind: "door", rw: 30 },
      state: "overheard",
      reason: null,
      reasonRoom: null,
      link: true,
      hearing: "intelligible",
      snr: -3.2,
      sii5: 0.35,
      probability: 1,
      ld: [22.1, 25.5, 28, 31, null],
      ldSigma: [0.5, 0.5, 0.6, 1, null],
      ldLimited: [false, false, false, true, false],
      spc: 76.4,
      spcSigma: 1.3,
      spcLimited: true,
      spcClass: "standard-privacy",
      confidence: 1,
      episodes: 12,
      learnedAt: "2026-03-01T14:00:00.000Z",
      dropDb: 4.1,
    });
  });

  it("are as sure as the probability is of what they say", () => {
    const live = open();
    live.pair(overheard("K1", "G1", { probability: 0.834 }));
    live.pair(isPrivate("G1", "K1"));
    live.pair({ ...overheard("K2", "V1", { probability: 0.6 }), state: "unknown", reason: "uncertain" });
    expect(
      live
        .pairs()
        .map(({ confidence, probability }) => [confidence, probability])
        .slice(0, 3),
    ).toEqual([
      [0.83, 0.83],
      [1, 0],
      [null, 0.6],
    ]);
  });

  it("tell a change once, with the room that it changes, and nothing that looks the same", () => {
    const live = open();
    const told: string[] = [];
    live.subscribe(({ event, data }) => {
      const { id, from, to, state, privacy } = data as unknown as Record<string, string>;
      told.push(event === "pair" ? `${from}>${to} ${state}` : `${id} ${privacy}`);
    });
    live.situation(situation("K1", "off", true));
    live.pair(isPrivate("K1", "G1"));
    live.pair(isPrivate("K1", "G1"));
    live.pair({ ...isPrivate("K1", "G1"), audibility: { ...isPrivate("K1", "G1").audibility!, snr: -21.03 } });
    live.knowledge(knowledge("K1", "G1"));
    live.knowledge(knowledge("K1", "G1", { episodes: 12, spc: { value: 76.41, sigma: 1.26, limited: true } }));
    live.pair(unknown("K1", "G1", "muted"));
    live.pair(unknown("K1", "S1", "muted"));
    expect(told).toEqual(["K1 unknown", "K1>G1 private", "K1 private", "K1>G1 private", "K1>G1 unknown", "K1 unknown"]);
  });

  it("begin again with what is known, without an event", () => {
    const live = open();
    live.begin([], [], [{ situation: isPrivate("K1", "G1"), knowledge: knowledge("K1", "G1") }]);
    expect([pairsOf(live)[0], live.pairs()[0]?.episodes, live.lastId()]).toEqual(["K1>G1 private", 12, EIGHT * 1000]);
  });

  it("withhold the talk of a room where one person works alone, not what its walls keep in", () => {
    const live = createLiveViews({
      site: { ...site, boundaries: [{ between: ["K6", "K1"], kind: "wall", rw: 40, area: 10 }] },
      startedAt: EIGHT,
      devices: () => [],
    });
    live.pair(overheard("K6", "K1"));
    live.knowledge(knowledge("K6", "K1"));
    const { state, reason, link, hearing, snr, spc } = live.pairs()[0]!;
    expect([state, reason, link, hearing, snr, spc]).toEqual(["unknown", "silent-room", null, null, null, 76.4]);
  });

  it("show an alert of a pair, and the room it is heard from; a boundary that keeps in less is no overhearing", () => {
    const live = open();
    live.situation(situation("S2", "on", true));
    const privacy = () => live.rooms().find(({ id }) => id === "S2")?.privacy;
    const degraded = fire(pendDegraded(["S2", "G1"], at(0), "warning", 5.62).alert, "warning", at(0)).alert;
    live.alert(degraded);
    expect(privacy()).toBe("unknown");
    const heard = fire(pendOverheard(["S2", "G1"], at(0), "info", "partly").alert, "info", at(30)).alert;
    live.alert(heard);
    expect(privacy()).toBe("overheard");
    live.alert({ ...heard, severity: "critical", hearing: "clearly" });
    expect(
      live
        .openAlerts()
        .map(({ rule, room, pair, severity, hearing, dropDb }) => [rule, room, pair, severity, hearing, dropDb]),
    ).toEqual([
      ["privacy-degraded", "S2", ["S2", "G1"], "warning", null, 5.6],
      ["overheard", "S2", ["S2", "G1"], "critical", "clearly", null],
    ]);
  });
});

describe("the indicator", () => {
  it("shows overheard on every device of the room while an alert fires, and again to who comes back", () => {
    const live = open();
    const said: string[] = [];
    const stop = startIndicator({
      site,
      live,
      publish: (topic, payload, { qos, retain }) => said.push(`${topic} ${payload} ${qos} ${retain}`),
    });
    const k2 = { ...firing, id: "another", room: "K2" };
    live.alert(k2);
    const device = (connection: "online" | "offline") => live.device({ id: "k2b", room: "K2", connection } as never);
    device("offline");
    device("online");
    device("online");
    live.alert({ ...k2, state: "resolved" });
    stop();
    live.alert(k2);
    const topic = (id: string) => `fortrolig/v1/demo/${id}/indicator`;
    expect(said).toEqual([
      `${topic("k2a")} {"show":"overheard"} 1 false`,
      `${topic("k2b")} {"show":"overheard"} 1 false`,
      `${topic("k2b")} {"show":"overheard"} 1 false`,
      `${topic("k2a")} {"show":"off"} 1 false`,
      `${topic("k2b")} {"show":"off"} 1 false`,
    ]);
  });

  it("shows private only while every pair from the room is, and goes out when one is not known", () => {
    const live = open();
    const said: string[] = [];
    startIndicator({ site, live, publish: (topic, payload) => said.push(`${topic.split("/")[3]} ${payload}`) });
    live.situation(situation("S2", "on", true));
    live.pair(isPrivate("S2", "G1"));
    live.pair(isPrivate("S2", "S1"));
    live.pair(unknown("S2", "S1", "muted"));
    expect(said).toEqual(['s2 {"show":"private"}', 's2 {"show":"off"}']);
  });
});
