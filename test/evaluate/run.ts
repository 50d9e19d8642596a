/** One task of an evaluation: a kind of house, a seed, and how long. */
import { bench, swappedRooms } from "./bench.ts";
import { createDiary } from "./diary.ts";
import type { House } from "./house.ts";
import { badInput, demoSite, goodSite, jobCentre } from "./job-centre.ts";
import { live } from "./live.ts";
import { score } from "./score.ts";
import { addTallies, emptyTally, type Tally } from "./tally.ts";

/** `demo`: the job centre as it is; `good`: with better walls; `bench`: pairs of rooms by themselves; `faults`: bad input. */
export const SITES = ["demo", "good", "bench", "faults"] as const;
export type SiteName = (typeof SITES)[number];

export interface Task {
  readonly site: SiteName;
  readonly seed: string;
  /** Instead of a whole week: working days of eight hours. */
  readonly days?: number;
}

const HOURS_A_DAY = 8;

function housesOf({ site, seed, days }: Task): House[] {
  switch (site) {
    case "demo":
      return [jobCentre(demoSite(), seed, days)];
    case "good":
      return [jobCentre(goodSite(), seed, days)];
    case "bench":
      return [bench(seed, days && days * HOURS_A_DAY)];
    case "faults":
      return [badInput(seed), swappedRooms(seed)];
  }
}

function tallyOf(house: House): Tally {
  const { hear, close } = createDiary();
  live(house, hear);
  return score(house, close());
}

export function run(task: Task): Tally {
  const tallies = housesOf(task).map(tallyOf);
  // Where things are broken on purpose only what is said of that counts.
  if (task.site === "faults") return tallies.map(({ faults }) => ({ ...emptyTally, faults })).reduce(addTallies);
  return tallies.reduce(addTallies);
}
