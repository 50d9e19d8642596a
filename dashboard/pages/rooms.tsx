/** The start page: where one can move to, what is being overheard, and every room live. */
import type { RoomView } from "#protocol/api.ts";
import type { RoomKind } from "#protocol/site.ts";
import { AlertList } from "../parts/alert-list.tsx";
import { FreeRooms } from "../parts/free-rooms.tsx";
import { InSums } from "../parts/in-sums.tsx";
import { RecentAlerts } from "../parts/recent-alerts.tsx";
import { RoomCard } from "../parts/room-card.tsx";
import { Title } from "../parts/title.tsx";
import { isStrict, roomsInOrder, site, store } from "../state/app.ts";
import { pathOf } from "../state/route.ts";
import { may } from "../state/who.ts";
import type { Texts } from "../texts/da.ts";
import { nameOf, text } from "../texts/texts.ts";

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

/** In a strict house, where its offices would stand. */
function Offices() {
  return (
    <section class="group" aria-labelledby="offices">
      <h2 id="offices">{text.value.rooms.groups["shared-office"]}</h2>
      <InSums />
    </section>
  );
}

function Groups() {
  const rooms = roomsInOrder.value;
  if (rooms.length === 0 && !isStrict.value) return <p>{text.value.rooms.empty}</p>;
  return (Object.entries(groups) as [GroupName, readonly RoomKind[]][])
    .map(([name, kinds]) => ({ name, members: rooms.filter((room) => kinds.includes(room.kind)) }))
    .filter(({ members }) => members.length > 0)
    .map(({ name, members }) => <Group key={name} name={name} rooms={members} />);
}

/** For those who do not see all of their rooms live, and may know of the past of rooms. */
function PastOfRooms() {
  const rooms = site.value?.rooms ?? [];
  return (
    <section aria-labelledby="past-of-rooms">
      <h2 id="past-of-rooms">{text.value.rooms.past}</h2>
      <ul class="past-of-rooms">
        {rooms.map((room) => (
          <li key={room.id}>
            <a href={pathOf.room(room.id)}>{nameOf(room.name)}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function RoomsPage() {
  const words = text.value;
  return (
    <>
      <Title>{words.rooms.title}</Title>
      {store.loaded.value ? (
        <>
          <FreeRooms />
          {may("live") && <AlertList />}
          {may("live") && isStrict.value && <Offices />}
          <Groups />
          {may("live") && <RecentAlerts />}
          {may("history") && (isStrict.value || !may("live")) && <PastOfRooms />}
        </>
      ) : (
        <p>{words.link.connecting}</p>
      )}
    </>
  );
}
