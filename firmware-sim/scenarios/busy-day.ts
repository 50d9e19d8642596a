import type { Scenario } from "#firmware/world/scenario.ts";
import { jobCentreWeek } from "./job-centre-week.ts";

/**
 * More interviews, most of them in the shared office, and drop-ins every six minutes all day: at any time of a morning
 * somebody is being helped where colleagues sit. The live demo plays it.
 */
export const busyDay: Scenario = {
  ...jobCentreWeek,
  name: "busy-day",
  interviewsPerCaseworker: 28,
  staysInOffice: 0.6,
  dropInEveryMin: 6,
  callsPerHour: 1.2,
  chatsPerHour: 2,
  chatMedianMin: 2.5,
  chatterPerHour: 10,
};
