import { describe, expect, it } from "vitest";
import { fire, pend, resolve } from "../alerts/lifecycle.ts";
import type { Situation } from "../detect/facts.ts";
import { at, EIGHT, site } from "../detect/story.fixture.ts";
import { startIndicator } from "./indicator.ts";
import type { LiveEvent } from "./live.ts";
import { createLiveViews } from "./live-views.ts";

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
});
