/** Weeks of the demo's job centre: as it is built, leaky, and as it ought to be. */
import { readFileSync } from "node:fs";
import type { Fault, FaultKind } from "#firmware/faults/fault.ts";
import { jobCentreWeek } from "#firmware/scenarios/job-centre-week.ts";
import { createRandom, type Random } from "#firmware/world/random.ts";
import type { RoomId } from "#protocol/quantities.ts";
import { isPrivateRoom } from "#protocol/rooms.ts";
import type { Boundary, Site } from "#protocol/site.ts";
import { parseSite } from "#protocol/site-file.ts";
import { type House, type Trial, worldOf } from "./house.ts";

const FILE = new URL("../../protocol/demo-site.yaml", import.meta.url);
/** Monday, 7:00 in Copenhagen, an hour before the house opens; it closes on Friday at 14:00. */
const MONDAY = Date.UTC(2026, 2, 2, 6);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK_DAYS = 5;
const OPEN_AT_MOST_MS = 11 * HOUR;

export const demoSite = (): Site => parseSite(readFileSync(FILE, "utf8"), "demo-site.yaml");

/** R'w 52 where confidential talk is meant to be, 48 and 45 between offices, doors of 40 (ACOUSTICS §3.6). */
export function goodSite(): Site {
  const site = demoSite();
  const rooms = new Map(site.rooms.map((room) => [room.id, room]));
  const rebuilt = (boundary: Boundary): number => {
    if (boundary.kind === "door") return 40;
    if (boundary.kind !== "wall") return boundary.rw;
    if (boundary.between.some((id) => isPrivateRoom(rooms.get(id)!))) return 52;
    return boundary.rw < 40 ? 45 : 48;
  };
  return { ...site, boundaries: site.boundaries.map((one) => ({ ...one, rw: rebuilt(one) })) };
}

/** `days` working days from Monday on, the last of them perhaps in part, with everyday faults. */
export function jobCentre(site: Site, seed: string, days = WEEK_DAYS): House {
  const from = MONDAY;
  const whole = Math.ceil(days) - 1;
  const until = MONDAY + whole * DAY + Math.round((days - whole) * OPEN_AT_MOST_MS);
  return {
    site,
    seed,
    from,
    until,
    ...worldOf({ site, scenario: jobCentreWeek, seed }),
    faults: everydayFaults(site, createRandom(`${seed}/faults`), Math.ceil(days)),
    months: (days / WEEK_DAYS) * (7 / 30),
    lines: [],
    trials: [],
  };
}

/** Rooms, kind of fault and amount, and what is to be said of it. */
const TRIALS: readonly (Pick<Trial, "name" | "rooms" | "reasons"> & { fault: readonly [FaultKind, number] })[] = [
  { name: "muted", rooms: ["K2"], reasons: ["muted"], fault: ["muted", 0] },
  { name: "stuck microphone", rooms: ["K4"], reasons: ["stuck"], fault: ["stuck", 0] },
  { name: "overdriven microphone", rooms: ["S2"], reasons: ["clipped"], fault: ["clipped", 0] },
  { name: "without power", rooms: ["K3"], reasons: ["offline"], fault: ["reboot", 0] },
  { name: "without network", rooms: ["S4"], reasons: ["offline", "no-data"], fault: ["disconnect", 0] },
  { name: "clock off by 250 ms", rooms: ["K1"], reasons: ["clock"], fault: ["skew", 0.25] },
  { name: "clock off by 250 ms, and the device knows", rooms: ["K5"], reasons: ["clock"], fault: ["drift", -0.25] },
];
const TRIAL_MS = 40 * 60_000;
/** Two days in which the boundaries are learned come first. */
const TRIAL_DAY = 2;

/** Wednesday's faults, one after another, forty minutes each, in the leaky house. */
export function badInput(seed: string): House {
  const site = demoSite();
  const first = MONDAY + TRIAL_DAY * DAY + 2 * HOUR;
  const trials = TRIALS.map((trial, i) => ({
    ...trial,
    from: first + i * TRIAL_MS,
    until: first + (i + 1) * TRIAL_MS,
    needsTalk: false,
  }));
  const deviceIn = (room: RoomId) => site.devices.find((device) => device.room === room)!.id;
  return {
    site,
    seed,
    from: MONDAY,
    until: first + TRIALS.length * TRIAL_MS,
    ...worldOf({ site, scenario: jobCentreWeek, seed }),
    faults: trials.map(({ fault: [kind, amount], rooms, from, until }): Fault => {
      return { kind, amount, from: from - MONDAY, until: until - MONDAY, device: deviceIn(rooms[0]!) };
    }),
    months: 0,
    lines: [],
    trials,
  };
}

/** What goes wrong each day, with another device each: kind, amount, and minutes it lasts. */
const EVERYDAY: readonly (readonly [FaultKind, number, number])[] = [
  ["disconnect", 0, 10],
  ["reboot", 0, 1],
  ["muted", 0, 30],
  ["stuck", 0, 20],
  ["skew", 0.25, 60],
  ["drift", -0.3, 60],
];

function everydayFaults(site: Site, random: Random, days: number): Fault[] {
  return Array.from({ length: days }, (_, day) => {
    const devices = random.shuffle(site.devices);
    return EVERYDAY.map(([kind, amount, minutes], i): Fault => {
      const from = day * DAY + HOUR + random.integer(0, 6 * 3600) * 1000;
      return { kind, amount, from, until: from + minutes * 60_000, device: devices[i]!.id };
    });
  }).flat();
}
