/** Entries that say the same one after another, as a page that stays open leaves them: told once, with how often and since when. */
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
  for (const entry of entries) {
    const last = runs.at(-1);
    if (last && saysTheSame(last.entry, entry))
      runs[runs.length - 1] = { ...last, since: entry.time, times: last.times + 1 };
    else runs.push({ entry, since: entry.time, times: 1 });
  }
  return runs;
}

const said = ["actor", "role", "action", "object", "reason"] as const;

function saysTheSame(a: AuditEntryView, b: AuditEntryView): boolean {
  return said.every((key) => a[key] === b[key]) && lasting(a.scope) === lasting(b.scope);
}

/** What was asked for, without the period: that moves along with the clock. */
function lasting(scope: string): string {
  const asked = new URLSearchParams(scope);
  for (const key of ["from", "to"]) asked.delete(key);
  return asked.toString();
}
