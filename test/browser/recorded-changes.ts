/** Changes in every phase, made by the gateway's own step; a reader may be somebody who approves. */

import { DENMARK } from "#gateway/approval/law-profile.ts";
import type { Shown, Who } from "#gateway/approval/request.ts";
import { inForce, type State } from "#gateway/approval/state.ts";
import { type Input, step, type Wanted, weigh } from "#gateway/approval/step.ts";
import { changesView, weighedView } from "#gateway/http/changes-view.ts";
import { settableIn } from "#gateway/settable.ts";
import type { ChangesView, SettingView, WeighedView } from "#protocol/changes.ts";
import type { Role } from "#protocol/roles.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const person = (role: Role): Who => ({ id: role, roles: [role] });
const [lead, dpo, rep] = [person("team-lead"), person("dpo"), person("staff-rep")];

export interface RecordedChanges {
  /** Who reads; undefined: somebody who has not signed in. */
  reader: Who | undefined;
  view(): ChangesView;
  settings(): SettingView[];
  /** Throws why it cannot be asked for. */
  weigh(wanted: Wanted): WeighedView;
  /** What whoever asked for it makes of a request. */
  reviseAsAsker(id: number, reason: string): void;
  /** What the reader does; throws why not. */
  put(
    input:
      | { kind: "approve"; id: number; shown: Shown }
      | { kind: "refuse" | "withdraw"; id: number }
      | { kind: "revise"; id: number; reason: string; until: number }
      | { kind: "ask"; wanted: Wanted; reason: string; until: number | null },
  ): void;
}

export function recordedChanges(now: number): RecordedChanges {
  const agreed = {
    "policy.measuring": "opening-hours",
    "openingHours.friday.until": "14:00",
    "rooms.K3.assigned": 2,
    "retention.raw": 14,
    "retention.minute": 400,
    "devices.k3@K3.room": "K3",
  };
  let at = now - 100 * DAY;
  let state: State = step(undefined, { kind: "start", at, file: agreed }, DENMARK).state;
  const put = (input: Input) => {
    const next = step(state, input, DENMARK);
    state = next.state;
    const denied = next.events.find(({ kind }) => kind === "denied");
    if (denied?.kind === "denied") throw new Error(denied.why);
  };
  const ask = (wanted: Wanted, reason: string, days: number) =>
    put({ kind: "ask", at, who: lead, wanted, reason, until: at + days * DAY });
  const approve = (id: number, ...people: Who[]) =>
    people.map((who) => put({ kind: "approve", at, id, who, shown: state.requests.find((one) => one.id === id)! }));
  const goOn = (until: number) => {
    while (at + HOUR <= until) {
      at += HOUR;
      put({ kind: "tick", at });
    }
  };
  ask({ "retention.raw": 30 }, "A retrofit is to be compared over a month.", 60);
  approve(1, dpo, rep);
  ask({ "openingHours.friday.until": "20:00" }, "An open evening for citizens.", 80);
  put({ kind: "refuse", at, id: 2, who: rep });
  goOn(now - 30 * DAY);
  ask({ "retention.minute": 800 }, "The rebuilding takes two years; what was before is to be seen.", 300);
  approve(3, dpo, rep);
  goOn(now - 10 * DAY);
  ask({ "rooms.K3.assigned": 3 }, "A third desk is put into the office.", 200);
  approve(4, rep, dpo);
  ask({ "openingHours.friday.until": "16:00" }, "Interviews are held on Friday afternoons too.", 100);
  approve(5, rep);
  goOn(now - DAY);
  put({ kind: "start", at, file: { ...agreed, "policy.measuring": "always", "devices.k9@K2.room": "K2" } });
  goOn(now);
  return {
    reader: undefined,
    view() {
      return changesView(state, DENMARK, this.reader && { who: this.reader, isProgram: false });
    },
    settings: () => settableIn(inForce(state)),
    weigh(wanted) {
      const weighed = weigh(state, wanted);
      if (typeof weighed === "string") throw new Error(weighed);
      return weighedView(weighed, DENMARK);
    },
    reviseAsAsker: (id, reason) => put({ kind: "revise", at: at + 1, id, who: lead, reason, until: at + 100 * DAY }),
    put(input) {
      if (!this.reader) throw new Error("not-signed-in");
      put({ ...input, at, who: this.reader });
    },
  };
}
