/** One room on the start page. */
import type { RoomView } from "#protocol/api.ts";
import { isLive, store } from "../state/app.ts";
import { privacyOf, type RoomPrivacy } from "../state/pair-state.ts";
import { isSilent, modeOf, type RoomSign, signOf } from "../state/room-state.ts";
import { pathOf } from "../state/route.ts";
import { nameOf, text } from "../texts/texts.ts";
import { Icon } from "./icon.tsx";
import { roomName } from "./room-name.ts";
import { RoomSignBadge } from "./room-sign.tsx";
import { Since } from "./since.tsx";

/** A silent room tells how its sensor is, and nothing else. */
function SensorState({ room }: { room: RoomView }) {
  const words = text.value;
  const devices = [...store.devices.value.values()].filter((device) => device.room === room.id);
  const modes = devices.map((device) => words.devices.mode[modeOf(device, isLive.value)].toLowerCase());
  return (
    <p>
      {words.rooms.sensor}: {modes.length === 0 ? words.rooms.noSensor : words.list([...new Set(modes)])}
    </p>
  );
}

function Detail({ room, sign }: { room: RoomView; sign: RoomSign }) {
  const words = text.value;
  if (sign.reason !== null)
    return (
      <>
        <p>{words.reason[sign.reason]}</p>
        {sign.lastKnown && <p>{words.rooms.lastKnown(words.state[sign.lastKnown].toLowerCase())}</p>}
      </>
    );
  return (
    <p>
      {/* In an overheard room the conversation's start is what `since` says. */}
      {room.since !== null && <Since instant={room.since} say={words.since} />}
    </p>
  );
}

function PrivacyWords({
  privacy: { state, reason, heardHere, heardIn },
  told,
}: {
  privacy: RoomPrivacy;
  told: string | null;
}) {
  const { privacy: words, reason: reasons, hearing } = text.value;
  if (state === "private") return <>{words.private}</>;
  // A reason that the room's own state gives already is not said twice.
  if (state === "unknown")
    return <>{reason === null || reason === told ? words.unknown : words.because(words.unknown, reasons[reason])}</>;
  return (
    <>
      {heardHere && words.heardHere}
      {!heardHere && heardIn.length === 0 && words.overheard}
      {heardIn.map(({ room, hearing: heard }) => (
        <span key={room} class="heard-in">
          {heard === null ? words.heardInUnheard(roomName(room)) : words.heardIn(roomName(room), hearing[heard])}
        </span>
      ))}
    </>
  );
}

const privacyIcons = { private: "lock", overheard: "warning", unknown: "help" } as const;

/** Whether what is said in the room stays there: private, overheard and where, or unknown and why. */
export function PrivacyLine({ room }: { room: RoomView }) {
  if (isSilent(room)) return null;
  const privacy = privacyOf(room, store.pairs.value.values(), store.openAlerts.value, isLive.value);
  return (
    <p class={`privacy privacy-${privacy.state}`} data-privacy={privacy.state}>
      <Icon name={privacyIcons[privacy.state]} />
      <span>
        <PrivacyWords privacy={privacy} told={signOf(room, isLive.value).reason} />
      </span>
    </p>
  );
}

export function RoomDetail({ room }: { room: RoomView }) {
  return isSilent(room) ? <SensorState room={room} /> : <Detail room={room} sign={signOf(room, isLive.value)} />;
}

export function RoomCard({ room }: { room: RoomView }) {
  const sign = signOf(room, isLive.value);
  const stale = sign.reason === "stale" ? "is-stale" : "";
  const overheard = isLive.value && room.privacy === "overheard" && !isSilent(room) ? "room-overheard" : "";
  return (
    <li class={`room room-${sign.state} ${overheard} ${stale}`} data-room={room.id} data-state={sign.state}>
      <h3>
        <a href={pathOf.room(room.id)}>{nameOf(room.name)}</a>
      </h3>
      <RoomSignBadge state={sign.state} />
      <RoomDetail room={room} />
      <PrivacyLine room={room} />
    </li>
  );
}
