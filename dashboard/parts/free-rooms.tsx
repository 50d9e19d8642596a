/** Where one can move to, named before anything else. */
import { isLive, store } from "../state/app.ts";
import { freeRooms } from "../state/room-state.ts";
import { pathOf } from "../state/route.ts";
import { nameOf, text } from "../texts/texts.ts";
import { Icon } from "./icon.tsx";

export function FreeRooms() {
  const words = text.value.rooms;
  const { free, unknown, total } = freeRooms(store.rooms.value.values(), isLive.value);
  if (total === 0) return null;
  const kind = free.length > 0 ? "some" : unknown.length > 0 ? "unknown" : "none";
  return (
    <section class={`free free-${kind}`} aria-label={words.free}>
      <Icon name={kind === "some" ? "check" : kind === "unknown" ? "help" : "minus"} />
      <p>
        {kind === "some" ? (
          <>
            <strong>{words.free}: </strong>
            {free.map((room, i) => (
              <span key={room.id}>
                {i > 0 && ", "}
                <a href={pathOf.room(room.id)} title={nameOf(room.name)}>
                  {room.id}
                </a>
              </span>
            ))}
          </>
        ) : (
          <strong>{kind === "unknown" ? words.freeUnknown : words.noneFree}</strong>
        )}
        {kind !== "unknown" && unknown.length > 0 && (
          <span class="free-rest">{words.alsoUnknown(unknown.map((room) => room.id).join(", "))}</span>
        )}
      </p>
    </section>
  );
}
