/** Choosing roles, and rooms for the roles that have rooms of their own. */
import type { RoomId } from "#protocol/quantities.ts";
import type { Role } from "#protocol/roles.ts";
import type { Grant } from "../state/access-api.ts";
import { site } from "../state/app.ts";
import { text } from "../texts/texts.ts";

export const roles: readonly Role[] = ["room-staff", "team-lead", "facilities", "dpo", "staff-rep", "it-admin"];
/** Their live view and history are those of their rooms. */
const withRooms: ReadonlySet<Role> = new Set(["room-staff", "team-lead"]);

const toggled = <T,>(list: readonly T[], item: T, on: boolean): readonly T[] =>
  on ? [...list, item] : list.filter((other) => other !== item);

export function RoomFields({
  rooms,
  among,
  set,
}: {
  rooms: readonly RoomId[];
  among?: readonly RoomId[];
  set: (rooms: readonly RoomId[]) => void;
}) {
  const words = text.value.people;
  const all = among ?? site.value?.rooms.map(({ id }) => id) ?? [];
  return (
    <fieldset class="checks">
      <legend class="form-label">{words.rooms}</legend>
      {all.map((room) => (
        <label key={room} class="check">
          <input
            type="checkbox"
            checked={rooms.includes(room)}
            onChange={(event) => set(toggled(rooms, room, event.currentTarget.checked))}
          />
          {room}
        </label>
      ))}
    </fieldset>
  );
}

export function GrantFields({ grant, set }: { grant: Grant; set: (grant: Grant) => void }) {
  const words = text.value;
  return (
    <>
      <fieldset class="checks">
        <legend class="form-label">{words.people.roles}</legend>
        {roles.map((role) => (
          <label key={role} class="check">
            <input
              type="checkbox"
              checked={grant.roles.includes(role)}
              onChange={(event) => set({ ...grant, roles: toggled(grant.roles, role, event.currentTarget.checked) })}
            />
            {words.roles[role]}
          </label>
        ))}
      </fieldset>
      {grant.roles.some((role) => withRooms.has(role)) && (
        <RoomFields rooms={grant.rooms} set={(rooms) => set({ ...grant, rooms })} />
      )}
    </>
  );
}
