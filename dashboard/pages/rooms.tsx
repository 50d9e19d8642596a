/** The start page: where one can move to, what is being overheard, and every room live. */
import type { RoomView } from "#protocol/api.ts";
import type { RoomKind } from "#protocol/site.ts";
import { AlertList } from "../parts/alert-list.tsx";
import { FreeRooms } from "../parts/free-rooms.tsx";
import { RecentAlerts } from "../parts/recent-alerts.tsx";
import { RoomCard } from "../parts/room-card.tsx";
import { Title } from "../parts/title.tsx";
import { store } from "../state/app.ts";
import { text } from "../texts/texts.ts";

const order: readonly RoomKind[] = [
  "shared-office",
  "open-plan",
  "conversation-room",
  "waiting-room",
  "corridor",
  "private-office",
];

function Group({ kind, rooms }: { kind: RoomKind; rooms: readonly RoomView[] }) {
  return (
    <section class="group" aria-labelledby={`group-${kind}`}>
      <h2 id={`group-${kind}`}>{text.value.rooms.groups[kind]}</h2>
      {kind === "private-office" && <p class="group-note">{text.value.rooms.neverShown}</p>}
      <ul class="cards">
        {rooms.map((room) => (
          <RoomCard key={room.id} room={room} />
        ))}
      </ul>
    </section>
  );
}

function Groups() {
  const rooms = [...store.rooms.value.values()].sort((a, b) => a.id.localeCompare(b.id, "da", { numeric: true }));
  if (rooms.length === 0) return <p>{text.value.rooms.empty}</p>;
  return order
    .map((kind) => ({ kind, members: rooms.filter((room) => room.kind === kind) }))
    .filter(({ members }) => members.length > 0)
    .map(({ kind, members }) => <Group key={kind} kind={kind} rooms={members} />);
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
