/**
 * What Denmark asks of the boundaries of an office building: R'w of BR18's guidance, "Kontorbyggeri – Tabel 5.1
 * Lydisolation – Forslag til projekteringsværdier", which fills out BR18 § 368.
 */
import type { Boundary, Room, RoomKind } from "../site.ts";

/** Apparent sound reduction index R'w, dB, by the table's rows. */
export const BR18_RW = {
  /** "Mellem kontorer og andre rum (uden dørforbindelse)" */
  office: 40,
  /** "Mellem kontorer og andre kontorer (med dørforbindelse)" */
  officeWithDoor: 35,
  /** "Mellem kontorer og gangarealer (med dørforbindelse)" */
  officeToCorridorWithDoor: 30,
  /** "Mellem møderum og andre rum med dørforbindelse (samlet lydisolation for væg med dør, glaspartier mv.)" */
  meetingRoomWithDoor: 40,
  /** "Mellem rum med krav om fortrolighed og andre rum" */
  confidential: 52,
} as const;

/**
 * R'w that the guidance asks of a boundary, dB, the same in both directions; null where it asks nothing: an opening or a
 * screen, and between rooms none of which is an office or a conversation room. Open-plan areas need a design of their own
 * in the guidance, so they count as a neighbour only.
 *
 * - A conversation room is a room that demands confidentiality: 52, with a door or without. Only into the corridor, which
 *   is no room and which each must have a door to, the value of a meeting room with door holds.
 * - A waiting room is a room: people sit there and hear.
 */
export function targetRw(
  from: Pick<Room, "kind">,
  to: Pick<Room, "kind">,
  boundary: Pick<Boundary, "kind">,
): number | null {
  if (boundary.kind === "screen" || boundary.kind === "open") return null;
  const door = boundary.kind === "door";
  const kinds = [from.kind, to.kind];
  const corridorWithDoor = door && kinds.includes("corridor");
  if (kinds.includes("conversation-room")) return corridorWithDoor ? BR18_RW.meetingRoomWithDoor : BR18_RW.confidential;
  if (!kinds.some(isOffice)) return null;
  if (corridorWithDoor) return BR18_RW.officeToCorridorWithDoor;
  return door ? BR18_RW.officeWithDoor : BR18_RW.office;
}

/** "Kontorer, 1-4 personer" */
const isOffice = (kind: RoomKind): boolean => kind === "shared-office" || kind === "private-office";
