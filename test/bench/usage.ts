/** What a process has used, from /proc; Linux only. */
import { readFileSync } from "node:fs";

/** Clock ticks per second in /proc: a constant of Linux towards user space (USER_HZ). */
const TICKS_PER_S = 100;

/** User and system time of the process with all its threads, s. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the program's name, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** `VmRSS` now, `VmHWM` the greatest so far; MB (10⁶ bytes). */
export function memoryMb(pid: number, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024) / 1e6;
}

/** Proportional set size: shared pages divided among those who share them; MB. */
export function proportionalMb(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return (Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024) / 1e6;
}
