/** The start page: where one can move to, what is being overheard, and every room live. */
import type { RoomView } from "#protocol/api.ts";
import type { RoomKind } from "#protocol/site.ts";
import { AlertList } from "../parts/alert-list.tsx";
import { FreeRooms } from "../parts/free-rooms.tsx";
import { RecentAlerts } from "../parts/recent-alerts.tsx";
import { RoomCard } from "../parts/room-card.tsx";
import { Title } from "../parts/title.tsx";
import { roomsInOrder, store } from "../state/app.ts";
import type { Texts } from "../texts/da.ts";
import { text } from "../texts/texts.ts";

type GroupName = keyof Texts["rooms"]["groups"];

/** Where each kind of room is listed, in the order of the page. */
const groups = {
  "shared-office": ["shared-office"],
  "open-plan": ["open-plan"],
  "conversation-room": ["conversation-room"],
  common: ["waiting-room", "corridor"],
  "private-office": ["private-office"],
} as const satisfies Record<GroupName, readonly RoomKind[]>;

function Group({ name, rooms }: { name: GroupName; rooms: readonly RoomView[] }) {
  return (
    <section class="group" aria-labelledby={`group-${name}`}>
      <h2 id={`group-${name}`}>{text.value.rooms.groups[name]}</h2>
      {name === "private-office" && <p class="group-note">{text.value.rooms.neverShown}</p>}
      <ul class="cards">
        {rooms.map((room) => (
          <RoomCard key={room.id} room={room} />
        ))}
      </ul>
    </section>
  );
}

function Groups() {
  const rooms = roomsInOrder.value;
  if (rooms.length === 0) return <p>{text.value.rooms.empty}</p>;
  return (Object.entries(groups) as [GroupName, readonly RoomKind[]][])
    .map(([name, kinds]) => ({ name, members: rooms.filter((room) => kinds.includes(room.kind)) }))
    .filter(({ members }) => members.length > 0)
    .map(({ name, members }) => <Group key={name} name={name} rooms={members} />);
}

export function RoomsPage() {
  const words = text.value;
  return (
    <>
      <Title>{words.rooms.title}</Title>
      {store.loaded.value ? (
        <>
          <FreeRooms />
          <AlertList />
          <Groups />
          <RecentAlerts />
        </>
      ) : (
        <p>{words.link.connecting}</p>
      )}
    </>
  );
}
