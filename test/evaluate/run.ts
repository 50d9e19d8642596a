/** One task of an evaluation: a kind of house, a seed, and how long. */
import { bench } from "./bench.ts";
import { createDiary } from "./diary.ts";
import type { House } from "./house.ts";
import { badInput, demoSite, goodSite, jobCentre } from "./job-centre.ts";
import { live } from "./live.ts";
import { score } from "./score.ts";
import type { Tally } from "./tally.ts";

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

function houseOf({ site, seed, days }: Task): House {
  switch (site) {
    case "demo":
      return jobCentre(demoSite(), seed, days);
    case "good":
      return jobCentre(goodSite(), seed, days);
    case "bench":
      return bench(seed, days && days * HOURS_A_DAY);
    case "faults":
      return badInput(seed);
  }
}

export function run(task: Task): Tally {
  const house = houseOf(task);
  const { hear, close } = createDiary();
  live(house, hear);
  return score(house, close());
}
