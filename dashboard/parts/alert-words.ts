/** What an alert is about, in words. Rooms, never people; possible overhearing, never what was said. */
import type { AlertView } from "#protocol/api.ts";
import { text } from "../texts/texts.ts";
import { roomName } from "./room-name.ts";

export function alertHeading({ rule, room, pair }: AlertView): string {
  const words = text.value.alerts;
  if (pair === null) return words.heading(roomName(room));
  const [from, to] = [roomName(pair[0]), roomName(pair[1])];
  return rule === "privacy-degraded" ? words.headingDegraded(from, to) : words.headingOverheard(from, to);
}

/** The room, or the pair of rooms, that it is about. */
export const alertSubject = ({ room, pair }: AlertView): string =>
  pair === null ? roomName(room) : text.value.leakage.pair(roomName(pair[0]), roomName(pair[1]));
