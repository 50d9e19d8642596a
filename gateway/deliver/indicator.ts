/** The light on the sensors of a room, which tells the people there first (PRIVACY §1.6). */
import type { z } from "zod";
import type { RoomView } from "#protocol/api.ts";
import type { Indicator } from "#protocol/commands.ts";
import type { Id, RoomId } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { type Delivery, delivery, topicFor } from "#protocol/topics.ts";
import type { Live } from "./live.ts";

export type Show = z.infer<typeof Indicator>["show"];

export interface IndicatorOptions {
  readonly site: Site;
  readonly live: Live;
  readonly publish: (topic: string, payload: string, delivery: Delivery) => void;
}

const showOf = ({ privacy }: Pick<RoomView, "privacy">): Show => (privacy === "unknown" ? "off" : privacy);

/**
 * Says it on every change, and to every device that comes back, since what was said while it was away is lost.
 * Returns its own undo.
 */
export function startIndicator({ site, live, publish }: IndicatorOptions): () => void {
  const shown = new Map<RoomId, Show>(live.rooms().map((room) => [room.id, showOf(room)]));
  const online = new Set<Id>();
  const say = (device: Id, show: Show) =>
    publish(topicFor(site.site, device, "indicator"), JSON.stringify({ show }), delivery.indicator);

  function onRoom(room: RoomView): void {
    const show = showOf(room);
    if (shown.get(room.id) === show) return;
    shown.set(room.id, show);
    for (const device of site.devices) if (device.room === room.id) say(device.id, show);
  }

  return live.subscribe(({ event, data }) => {
    if (event === "room") onRoom(data as RoomView);
    if (event !== "device") return;
    const { id, room, connection } = data as { id: Id; room: RoomId; connection: string };
    if (connection !== "online") online.delete(id);
    else if (!online.has(id)) {
      online.add(id);
      say(id, shown.get(room) ?? "off");
    }
  });
}
