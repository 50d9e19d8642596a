/** What a run must keep, whatever was killed when: readings, alerts, notifications. Pure. */
import { checkAlerts } from "./alerts-checker.ts";
import { checkDeliveries } from "./deliveries-checker.ts";
import { checkReadings } from "./readings-checker.ts";
import type { RunHistory, Violation } from "./run-history.ts";

/** Every guarantee that the history shows broken; none when all were kept. */
export const checkRun = (history: RunHistory): readonly Violation[] => [
  ...checkReadings(history),
  ...checkAlerts(history),
  ...checkDeliveries(history),
];
