/** The state of changes as it is told, to whoever asks: roles, never people. */
import type { ChangeDeed, ChangePhase, ChangeRequestView, ChangesView, WeighedView } from "#protocol/changes.ts";
import type { Role } from "#protocol/roles.ts";
import type { Change, Difference } from "../approval/diff.ts";
import type { LawProfile } from "../approval/law-profile.ts";
import { isPast, type Request, seatsTaken, type Who } from "../approval/request.ts";
import { heldBack, type State } from "../approval/state.ts";
import { type Input, noticeOf, step } from "../approval/step.ts";

const DAY_MS = 86_400_000;

/** Whoever asks; a program approves nothing. */
export interface Asker {
  readonly who: Who;
  readonly isProgram: boolean;
}

export const changesView = (state: State, law: LawProfile, asker: Asker | undefined): ChangesView => ({
  agreedAt: time(state.agreedAt),
  law: { name: law.name, from: law.from, approvers: [...law.approvers], longestDays: law.longestDays },
  heldBack: [...heldBack(state)],
  requests: state.requests.map((request) => requestView(request, state, law, asker)).reverse(),
});

function requestView(request: Request, state: State, law: LawProfile, asker: Asker | undefined): ChangeRequestView {
  const { id, origin, phase, requestedAt, changes, reason, until } = request;
  return {
    id,
    origin,
    phase: phase.kind satisfies ChangePhase,
    requestedAt: time(requestedAt),
    changes: [...changes],
    reason: asker === undefined ? null : reason,
    hasReason: reason !== null,
    until: until === null ? null : time(until),
    noticeDays: noticeDays(changes, law),
    approvedBy: law.approvers.filter((role) => isPast(request) || !missing(request, law).includes(role)),
    needs: phase.kind === "requested" ? missing(request, law) : [],
    daysLeft: "left" in phase ? Math.ceil(phase.left / DAY_MS) : null,
    over: isPast(request) && "at" in phase ? time(phase.at) : null,
    may: asker === undefined ? [] : deeds.filter((deed) => wouldDo(deed, request, state, law, asker)),
  };
}

export const weighedView = ({ narrowing, widening }: Difference, law: LawProfile): WeighedView => ({
  narrowing: [...narrowing],
  widening: [...widening],
  noticeDays: noticeDays(widening, law),
});

const noticeDays = (changes: readonly Change[], law: LawProfile): number =>
  changes.length === 0 ? 0 : noticeOf(changes, law) / DAY_MS;

/** Roles of which one more person would bring the request on. */
const missing = ({ approvals }: Request, law: LawProfile): Role[] => {
  const taken = seatsTaken(approvals, law.approvers);
  return law.approvers.filter((role) => seatsTaken([...approvals, { id: "", roles: [role] }], law.approvers) > taken);
};

const deeds: readonly ChangeDeed[] = ["approve", "refuse", "withdraw", "revise"];

/** Asked of the step itself, so that what is offered is what would be done. */
function wouldDo(
  deed: ChangeDeed,
  request: Request,
  state: State,
  law: LawProfile,
  { who, isProgram }: Asker,
): boolean {
  if (deed === "approve" && isProgram) return false;
  const input = inputOf(deed, request, state.at, law, who);
  return !step(state, input, law).events.some(({ kind }) => kind === "denied");
}

function inputOf(deed: ChangeDeed, request: Request, at: number, law: LawProfile, who: Who): Input {
  const { id, changes, until } = request;
  if (deed === "approve") return { kind: deed, at, id, who, shown: request };
  if (deed !== "revise") return { kind: deed, at, id, who };
  const reason = "as before, or another";
  return { kind: deed, at, id, who, reason, until: until ?? at + noticeOf(changes, law) + DAY_MS };
}

const time = (at: number): string => new Date(at).toISOString();
