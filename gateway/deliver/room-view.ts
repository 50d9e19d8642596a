/** A room as everybody sees it: the people in it and their team lead read the same words (PRIVACY §1.5, §2). */
import { PairReason, type Privacy, type RoomView } from "#protocol/api.ts";
import { isPrivateRoom, isSilent } from "#protocol/rooms.ts";
import type { Room } from "#protocol/site.ts";
import type { Alert } from "../alerts/alert.ts";
import type { Situation } from "../detect/facts.ts";
import type { PairSituation } from "../detect/leakage/facts.ts";

/**
 * `overheard`: an alert tells of it. `pairs`: what is said of every pair from the room. Of conversation rooms only free or
 * in use is told, of private offices nothing but their devices' health.
 */
export function roomView(
  room: Room,
  situation: Situation,
  overheard: boolean,
  pairs: readonly PairSituation[] = [],
): RoomView {
  const { conversation, occupied, since, reason } = room.kind === "private-office" ? withheld(situation) : situation;
  return {
    id: room.id,
    name: room.name,
    kind: room.kind,
    conversation,
    occupied: isPrivateRoom(room) ? null : occupied,
    ...privacyOf(room, situation, overheard, pairs),
    since: since === null ? null : new Date(since).toISOString(),
    reason,
    free: isPrivateRoom(room) ? isFree(situation) : null,
  };
}

const withheld = ({ room }: Situation): Situation => ({
  room,
  conversation: "unknown",
  reason: "silent-room",
  occupied: null,
  since: null,
});

/** The alert tells that its room is overheard now; a boundary that keeps in less says nothing of any talk. */
export const tellsOverhearing = ({ state, rule }: Alert): boolean =>
  (state === "firing" || state === "acknowledged") && rule !== "privacy-degraded";

interface RoomPrivacy {
  readonly privacy: Privacy;
  readonly privacyReason: PairReason | null;
}

/** Private only when the room and every pair from it are known to be: nothing that is missing can make it so. */
function privacyOf(
  room: Room,
  { conversation, reason }: Situation,
  overheard: boolean,
  pairs: readonly PairSituation[],
): RoomPrivacy {
  if (overheard) return { privacy: "overheard", privacyReason: null };
  if (room.kind === "private-office" || isSilent(room)) return unknown("silent-room");
  if (conversation === "unknown") return unknown(reason ?? "no-data");
  // Who sits in the same office hears it, whatever its walls keep in.
  if (room.kind === "shared-office" && conversation === "on") return unknown("uncertain");
  // Where no boundary is configured no device listens next door.
  if (pairs.length === 0) return unknown("no-device");
  const reasons = pairs.flatMap((pair) => (pair.state === "private" ? [] : [pair.reason ?? "uncertain"]));
  return reasons.length === 0 ? { privacy: "private", privacyReason: null } : unknown(gravest(reasons));
}

const unknown = (privacyReason: PairReason): RoomPrivacy => ({ privacy: "unknown", privacyReason });

/** What is wrong with a device comes before what its sound does not tell: in that order they are listed. */
const gravest = (reasons: readonly PairReason[]): PairReason =>
  PairReason.options.find((reason) => reasons.includes(reason)) ?? "uncertain";

/** Of a conversation room: measured, quiet and empty. */
export function isFree({ conversation, occupied }: Situation): boolean | null {
  if (conversation === "unknown" || occupied === null) return null;
  return conversation === "off" && !occupied;
}
