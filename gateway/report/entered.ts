/**
 * What `npm run report` reads is noted where `npm run access` notes what it does: a gateway that runs enters it in the audit log
 * within a second, and otherwise the next one that is started does.
 */
import { join } from "node:path";
import type { Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { events } from "../access/events.ts";
import { openStore } from "../access/store.ts";
import { type Reading, scopeOf } from "../audit/scope.ts";

export class NotEnteredError extends Error {
  override readonly name = "NotEnteredError";
}

/** A look at the whole house by whoever sits at the machine. `asked` is as in audit/scope.ts. */
export interface MachineLook {
  readonly at: Millis;
  readonly object: Reading;
  readonly asked: object;
}

/** Synced to disk when it returns, in the data folder `data`. Throws NotEnteredError: then nothing may be told. */
export function noteLook(data: string, site: Site, { at, object, asked }: MachineLook): void {
  try {
    const store = openStore(join(data, "access.db"));
    try {
      store.change((say) => say(events.machineLooked(at, object, scopeOf(asked, site), site.rooms.length)));
    } finally {
      store.close();
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new NotEnteredError(`the read could not be entered in the audit log, so nothing is told: ${why}`, { cause });
  }
}
