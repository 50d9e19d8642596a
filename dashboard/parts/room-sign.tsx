/** A room's state as an icon and a word, never as a colour alone. */
import type { RoomState } from "../state/room-state.ts";
import { text } from "../texts/texts.ts";
import { Icon, type IconName } from "./icon.tsx";

const icons: Readonly<Record<RoomState, IconName>> = {
  conversation: "chat",
  quiet: "minus",
  unknown: "help",
  free: "check",
  "in-use": "chat",
  overheard: "warning",
  "not-shown": "hidden",
};

export const RoomSignBadge = ({ state }: { state: RoomState }) => (
  <span class={`sign sign-${state}`}>
    <Icon name={icons[state]} />
    {text.value.state[state]}
  </span>
);
