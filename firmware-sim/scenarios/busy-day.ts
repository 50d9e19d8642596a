import type { Scenario } from "#firmware/world/scenario.ts";
import { jobCentreWeek } from "./job-centre-week.ts";

/** As many interviews as ten caseworkers may hold, most of them in the shared office: the house at its loudest. */
export const busyDay: Scenario = {
  ...jobCentreWeek,
  name: "busy-day",
  interviewsPerCaseworker: 34,
  staysInOffice: 0.6,
  callsPerHour: 1.2,
  chatsPerHour: 2,
  chatMedianMin: 2.5,
  chatterPerHour: 10,
};
