import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { parseSite } from "#protocol/site-file.ts";
import type { DoorEvent } from "./day-plan.ts";
import { createDoorReader } from "./doors.ts";
import { createLevelsWorld } from "./levels-world.ts";
import { FLAWLESS } from "./microphones.ts";
import { conversationIn, sceneOf, start } from "./scene.fixture.ts";
import { createTimetable } from "./timetable.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const K1_DOOR = site.boundaries.findIndex(({ between }) => between[0] === "K1" && between[1] === "G1");

const stands = (state: DoorEvent["state"], fromS: number, untilS: number): DoorEvent => ({
  between: ["G1", "K1"],
  state,
  from: start + fromS * 1000,
  until: start + untilS * 1000,
});
/** Runs of how the door of K1 stands, as `state × seconds`. */
function story(doors: readonly DoorEvent[], seconds: number): string[] {
  const reader = createDoorReader(site, sceneOf({ doors }, seconds));
  const states = Array.from({ length: seconds }, (_, i) => reader.at(start + i * 1000).states[K1_DOOR]!);
  const runs: string[] = [];
  for (let i = 0; i < seconds; ) {
    const next = states.findIndex((state, k) => k > i && state !== states[i]);
    const end = next < 0 ? seconds : next;
    runs.push(`${states[i]} × ${end - i}`);
    i = end;
  }
  return runs;
}

describe("a door", () => {
  it("is closed but for what is planned, and two reasons to be open hold together", () => {
    expect(story([], 10)).toEqual(["closed × 10"]);
    expect(story([stands("ajar", 2, 8), stands("open", 4, 6), stands("open", 5, 7)], 10)).toEqual([
      "closed × 2",
      "ajar × 2",
      "open × 3",
      "ajar × 1",
      "closed × 2",
    ]);
  });

  it("stands the same at an instant from whichever other one it is looked at", () => {
    const timetable = createTimetable(site, jobCentreWeek, 1);
    const reader = createDoorReader(site, timetable);
    const looked = (t: number) => [...createDoorReader(site, timetable).at(t).states];
    const minutes = Array.from({ length: 300 }, (_, i) => start + ((i * 7919) % 2880) * 60_000);
    for (const t of minutes) expect([...reader.at(t).states]).toEqual(looked(t));
  });

  it("raises the corridor by 8 dB over its ventilation when it opens, and the talk is found there", () => {
    const plan = { conversations: [conversationIn("K1", 600)], doors: [stands("open", 300, 600)] };
    const world = createLevelsWorld({
      site,
      scenario: jobCentreWeek,
      seed: 1,
      microphones: FLAWLESS,
      timetable: sceneOf(plan, 600),
    });
    const seconds = Array.from({ length: 600 }, (_, i) => ({ ...world.second("G1", start + i * 1000) }));
    const level = (part: typeof seconds) => 10 * Math.log10(part.reduce((sum, { a }) => sum + a, 0) / 300 / P0_SQUARED);
    const [closed, open] = [seconds.slice(0, 300), seconds.slice(300)];
    expect(Math.abs(level(open) - level(closed) - 8)).toBeLessThan(1);
    expect(open.filter(({ speech }) => speech > 0.5).length).toBeGreaterThan(250);
  });
});

describe("the doors of a day", () => {
  const timetable = createTimetable(site, jobCentreWeek, 1);
  const days = [0, 1, 2, 3, 4].map((d) => timetable.day(start + d * 86_400_000).plan.doors);
  const lengths = days.flat().map(({ from, until }) => (until - from) / 1000);

  it("open some hundred times for the seconds in which somebody comes or goes", () => {
    for (const doors of days) expect(doors.length).toBeGreaterThan(150);
    expect(lengths.filter((s) => s >= 2 && s <= 7).length / lengths.length).toBeGreaterThan(0.9);
  });

  it("stand ajar or open for a conversation now and then, and for half a day seldom", () => {
    const long = lengths.filter((s) => s > 10).length;
    expect(long).toBeGreaterThan(5);
    expect(long).toBeLessThan(50);
    expect(days.flat().every(({ from, until }) => until > from && from % 1000 === 0 && until % 1000 === 0)).toBe(true);
  });
});
