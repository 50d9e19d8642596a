/** Small scenes for the tests of both worlds: one conversation, written by hand, in the demo house. */
import type { Conversation, DayPlan } from "./day-plan.ts";
import { fixedTimetable, NOTHING_PLANNED, type Timetable } from "./timetable.ts";

export const start = Date.parse("2026-03-02T09:00+01:00");

export const conversationIn = (room: string, seconds: number, more: Partial<Conversation> = {}): Conversation => ({
  kind: "interview",
  room,
  from: start,
  until: start + seconds * 1000,
  style: "dialogue",
  talkers: [
    { gainDb: 1.4, raised: false },
    { gainDb: -1.6, raised: false },
  ],
  stream: room,
  ...more,
});

export const sceneOf = (plan: Partial<DayPlan>, seconds: number): Timetable =>
  fixedTimetable({ from: start, until: start + seconds * 1000 }, { ...NOTHING_PLANNED, ...plan }, "scene");
