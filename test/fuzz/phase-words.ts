/** What fuzzing has come to, for people. */
import type { PhaseResult } from "./fuzz-mqtt.ts";

const whole = (value: number): string => Math.round(value).toLocaleString("en");
const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${whole(count)}`)
    .join(", ") || "none";

export function phaseWords(phase: PhaseResult): string[] {
  const {
    devices,
    packets,
    connections,
    seconds,
    kinds,
    endings,
    accepted,
    refused,
    denied,
    stored,
    good,
    violations,
  } = phase;
  const [early, late] = phase.memoryMb;
  return [
    `devices ${devices}: ${whole(packets)} packets on ${whole(connections)} connections in ${whole(seconds)} s`,
    `  said       ${counts(kinds)}`,
    `  answered   ${counts(endings)}`,
    `  accepted   ${whole(accepted)} readings`,
    `  refused    ${counts(refused)}`,
    `  denied     ${counts(denied)}`,
    `  stored     ${whole(stored)} readings, each looked at`,
    `  beside     ${whole(good.acknowledged)} readings of who spoke properly, stored once and in order; slowest PUBACK ${whole(good.slowestMs)} ms`,
    `  memory     ${early} MB in the second quarter, ${late} MB in the last`,
    ...violations.map((one) => `  BROKEN     ${one}`),
    `  ${violations.length} violations`,
  ];
}
