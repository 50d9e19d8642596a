/** What differs between two states of the settings, and which way it goes. */
import { declarationOf } from "./declarations.ts";
import type { Plain, Settings } from "./settings.ts";

/** `null`: not there. */
export interface Change {
  readonly path: string;
  readonly before: Plain | null;
  readonly after: Plain | null;
}

export interface Difference {
  readonly narrowing: readonly Change[];
  readonly widening: readonly Change[];
}

/** By path, in order. */
export function diff(before: Settings, after: Settings): Difference {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changes = paths
    .map((path): Change => ({ path, before: before[path] ?? null, after: after[path] ?? null }))
    .filter((change) => change.before !== change.after);
  return { narrowing: changes.filter((change) => !widens(change)), widening: changes.filter(widens) };
}

/** Whether a change needs to be approved. A value of another kind than before does. */
export function widens({ path, before, after }: Change): boolean {
  if (before === after) return false;
  const { wider, unlessSaid } = declarationOf(path);
  if (wider === "never") return false;
  if (before === null || after === null) return (unlessSaid === "widest") === (after === null);
  if (wider === "any" || typeof before !== typeof after) return true;
  if (wider === "larger") return after > before;
  if (wider === "smaller") return after < before;
  return wider(before, after);
}

/** The settings with changes made. */
export function changed(settings: Settings, changes: readonly Change[]): Settings {
  const made: Record<string, Plain> = { ...settings };
  for (const { path, after } of changes)
    if (after === null) delete made[path];
    else made[path] = after;
  return made;
}
