import type { Scenario } from "#firmware/world/scenario.ts";

/**
 * The job centre of the case: ten caseworkers hold 237 half-hour interviews a week. Citizens like the morning and the
 * hour after lunch; moving to a conversation room costs about ten minutes, so four in ten interviews stay where they are.
 */
export const jobCentreWeek: Scenario = {
  name: "job-centre-week",
  interviewsPerCaseworker: 23.7,
  interviewsAtMost: 36,
  caseworkerShare: 10 / 12,
  popularity: [0.5, 0.9, 1.5, 1.8, 1.7, 1.4, 0.9, 0.4, 0.4, 0.9, 1.5, 1.3, 1.1, 0.9, 0.7, 0.5],
  staysInOffice: 0.4,
  dropInEveryMin: 0,
  callsPerHour: 0.7,
  callMedianMin: 3,
  chatsPerHour: 0.8,
  chatMedianMin: 0.9,
  chatterPerHour: 4,
  meetings: [
    { weekday: "monday", startMin: 10, lengthMin: 35, people: 6 },
    { weekday: "wednesday", startMin: 300, lengthMin: 55, people: 5 },
    { weekday: "friday", startMin: 240, lengthMin: 30, people: 4 },
  ],
  doors: { ajar: 0.05, open: 0.02, openOffice: 0.005 },
  house: {
    radioIn: [],
    sharedRadiosPerDay: 0,
    announcementsPerHour: 0.25,
    announcementsIn: ["waiting-room", "corridor"],
    ventilationStepsPerHour: 0.15,
    vacuumed: false,
  },
  partitions: "rated",
  faults: [],
};
