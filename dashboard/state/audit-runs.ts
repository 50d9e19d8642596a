/**
 * What somebody does again and again, with nobody else between, as a page that stays open or is opened anew leaves it: told
 * once, with how often and since when.
 */
import type { AuditEntryView } from "#protocol/audit.ts";

export interface AuditRun {
  /** The newest of them. */
  readonly entry: AuditEntryView;
  /** Time of the oldest, RFC 3339. */
  readonly since: string;
  readonly times: number;
}

/** Both newest first. */
export function runsOf(entries: readonly AuditEntryView[]): AuditRun[] {
  const runs: AuditRun[] = [];
  /** Where the runs of whoever is met now begin. */
  let own = 0;
  for (const entry of entries) {
    const last = runs.at(-1)?.entry;
    if (last?.actor !== entry.actor || last.role !== entry.role) own = runs.length;
    const place = runs.findIndex((run, at) => at >= own && saysTheSame(run.entry, entry));
    const run = runs[place];
    if (run) runs[place] = { ...run, since: entry.time, times: run.times + 1 };
    else runs.push({ entry, since: entry.time, times: 1 });
  }
  return runs;
}

const said = ["action", "object", "reason"] as const;

function saysTheSame(a: AuditEntryView, b: AuditEntryView): boolean {
  return said.every((key) => a[key] === b[key]) && lasting(a.scope) === lasting(b.scope);
}

/** What was asked for, without the period: that moves along with the clock. */
function lasting(scope: string): string {
  const asked = new URLSearchParams(scope);
  for (const key of ["from", "to"]) asked.delete(key);
  return asked.toString();
}
