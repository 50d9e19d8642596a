/** Small scenes for the tests of both worlds: one conversation, written by hand, in the demo house. */
import { readFileSync } from "node:fs";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { parseSite } from "#protocol/site-file.ts";
import type { Conversation, DayPlan } from "./day-plan.ts";
import { fixedTimetable, type Timetable } from "./timetable.ts";

export const site = parseSite(
  readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"),
  "demo-site.yaml",
);
export const scenario = jobCentreWeek;
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
  fixedTimetable(
    { from: start, until: start + seconds * 1000 },
    { conversations: [], stays: [], sounds: [], ...plan },
    "scene",
  );
