import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { busyDay } from "#firmware/scenarios/busy-day.ts";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { quietDay } from "#firmware/scenarios/quiet-day.ts";
import { localTime, openIntervals } from "#protocol/calendar.ts";
import { parseSite } from "#protocol/site-file.ts";
import type { Conversation } from "./day-plan.ts";
import { createTimetable } from "./timetable.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const monday = Date.parse("2026-03-02T00:00+01:00");
const week = { from: monday, until: monday + 7 * DAY };
const kindOf = (id: string) => site.rooms.find((room) => room.id === id)!.kind;

describe("a week in the job centre", () => {
  const timetable = createTimetable(site, jobCentreWeek, 1);
  const conversations = timetable.conversations(week.from, week.until);
  const interviews = conversations.filter(({ kind }) => kind === "interview");

  it("holds 237 interviews of up to half an hour, booked at half hours", () => {
    expect(interviews).toHaveLength(237);
    for (const { from, until } of interviews) {
      const sinceHalf = from % (HOUR / 2);
      expect(sinceHalf).toBeLessThanOrEqual(4 * 60_000);
      expect(until - from + sinceHalf).toBeLessThanOrEqual(HOUR / 2);
    }
  });

  it("is held within the opening hours", () => {
    const open = openIntervals(site, week.from, week.until);
    const outside = conversations.filter((c) => !open.some((o) => c.from >= o.from && c.until <= o.until));
    expect(outside).toEqual([]);
  });

  it("has peaks well over the average, as citizens book what suits them", () => {
    const perSlot = new Map<number, number>();
    for (const { from } of interviews) {
      const slot = Math.floor(from / (HOUR / 2));
      perSlot.set(slot, (perSlot.get(slot) ?? 0) + 1);
    }
    expect(237 / 78).toBeCloseTo(3.04, 2);
    expect(Math.max(...perSlot.values())).toBeGreaterThanOrEqual(6);
    expect(Math.max(...perSlot.values())).toBeLessThanOrEqual(10);
  });

  it("never has two conversations in one conversation room, and keeps many interviews in shared offices", () => {
    const inRooms = conversations.filter(({ room }) => kindOf(room) === "conversation-room");
    const clash = inRooms.filter((c) =>
      inRooms.some((o) => o !== c && o.room === c.room && o.from < c.until && o.until > c.from),
    );
    expect(clash).toEqual([]);
    const shared = interviews.filter(({ room }) => kindOf(room) === "shared-office").length;
    expect(shared).toBeGreaterThan(70);
    expect(shared).toBeLessThan(160);
  });

  it("knows calls, chats, meetings and chatter too, each where it belongs", () => {
    const kinds = Map.groupBy(conversations, ({ kind }) => kind);
    const where = (kind: Parameters<typeof kinds.get>[0]) => [
      ...new Set((kinds.get(kind) ?? []).map(({ room }) => kindOf(room))),
    ];
    expect(where("phone-call").sort()).toEqual(["private-office", "shared-office"]);
    expect(where("chat")).toEqual(["shared-office"]);
    expect(where("meeting")).toEqual(["conversation-room"]);
    expect(where("chatter")).toEqual(["waiting-room"]);
    expect(kinds.get("meeting")).toHaveLength(3);
  });

  it("makes people talk up where others talk in the same room", () => {
    const shared = conversations.filter(({ kind, room }) => kind === "interview" && kindOf(room) === "shared-office");
    const overlap = (c: Conversation) =>
      conversations
        .filter((other) => other !== c && other.room === c.room)
        .reduce((sum, o) => sum + Math.max(0, Math.min(o.until, c.until) - Math.max(o.from, c.from)), 0) /
      (c.until - c.from);
    const gain = (some: readonly Conversation[]) => {
      const gains = some.flatMap(({ talkers }) => talkers.map(({ gainDb }) => gainDb));
      return gains.reduce((sum, g) => sum + g, 0) / gains.length;
    };
    const [alone, among] = [shared.filter((c) => overlap(c) < 0.05), shared.filter((c) => overlap(c) > 0.8)];
    expect(among.length).toBeGreaterThan(5);
    expect(Math.abs(gain(among) - gain(alone) - 2)).toBeLessThan(1);
  });

  it("says nothing about who: rooms, times and voices only", () => {
    expect(Object.keys(conversations[0]!).sort()).toEqual(
      ["from", "kind", "room", "stream", "style", "talkers", "until"].sort(),
    );
  });

  it("is the same for the same seed in whatever order the days are asked for, and another for another seed", () => {
    const backwards = createTimetable(site, jobCentreWeek, 1);
    const days = [4, 3, 2, 1, 0].map((d) => backwards.conversations(monday + d * DAY, monday + (d + 1) * DAY));
    expect(days.reverse().flat()).toEqual(conversations);
    const other = createTimetable(site, jobCentreWeek, 2).conversations(week.from, week.until);
    expect(other).not.toEqual(conversations);
    expect(other.filter(({ kind }) => kind === "interview")).toHaveLength(237);
  });

  it("keeps its hours when the clock changes", () => {
    const lastOfMarch = Date.parse("2026-03-30T12:00+02:00");
    const { open, plan } = timetable.day(lastOfMarch);
    expect(localTime(open!.from, site.timeZone)).toEqual({ date: "2026-03-30", weekday: "monday", hour: 8 });
    expect(plan.conversations.length).toBeGreaterThan(20);
  });
});

describe("other scenarios", () => {
  const interviews = (scenario: typeof busyDay) =>
    createTimetable(site, scenario, 1)
      .conversations(week.from, week.until)
      .filter(({ kind }) => kind === "interview");

  it("are busier and quieter", () => {
    expect(interviews(busyDay)).toHaveLength(280);
    expect(interviews(quietDay)).toHaveLength(40);
    // With five rooms and forty interviews only a sixth at the same half hour stays in an office.
    expect(interviews(quietDay).filter(({ room }) => kindOf(room) !== "conversation-room").length).toBeLessThan(4);
  });
});
