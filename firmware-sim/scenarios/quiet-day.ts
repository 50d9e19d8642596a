import type { Scenario } from "#firmware/world/scenario.ts";
import { jobCentreWeek } from "./job-centre-week.ts";

/** Hardly anybody comes, and whoever does is taken to a conversation room. */
export const quietDay: Scenario = {
  ...jobCentreWeek,
  name: "quiet-day",
  interviewsPerCaseworker: 4,
  staysInOffice: 0,
  callsPerHour: 0.15,
  chatsPerHour: 0.1,
  chatMedianMin: 0.5,
  chatterPerHour: 0.5,
  meetings: [],
};
