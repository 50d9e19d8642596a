import type { Scenario } from "#firmware/world/scenario.ts";
import { jobCentreWeek } from "./job-centre-week.ts";

/**
 * The job-centre week with everything on that could be taken for talk that leaks: radios, the same programme in two
 * offices, announcements in many rooms at once, ventilation that switches, a vacuum cleaner, doors often left open, and
 * walls with the spectra of real ones.
 */
export const noisyWeek: Scenario = {
  ...jobCentreWeek,
  name: "noisy-week",
  doors: { ajar: 0.1, open: 0.05, openOffice: 0.05 },
  house: {
    radioIn: ["waiting-room"],
    sharedRadiosPerDay: 1,
    announcementsPerHour: 3,
    announcementsIn: ["waiting-room", "corridor", "shared-office"],
    ventilationStepsPerHour: 2,
    vacuumed: true,
  },
  partitions: "measured",
};
