/**
 * Leases without a gateway, for history made in virtual time: a device may say `bands` while somebody talks in its room
 * or in one that a boundary joins to it, for the first six minutes of each such conversation.
 */
import type { Id, Millis, RoomId } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import type { Site } from "#protocol/site.ts";
import { topicFor } from "#protocol/topics.ts";
import type { LeaseUntil } from "./generate.ts";
import type { Publication } from "./record.ts";

/** As much of a conversation as the link test and a level difference need, with some to spare (ACOUSTICS §3.9, §4). */
const LEASE_MS = 6 * 60_000;

/** The publications of a run whose leases follow from what it has said so far. */
export function* withConversationLeases(
  site: Site,
  run: (leaseUntil: LeaseUntil) => Iterable<Publication>,
): Generator<Publication> {
  const within = earshot(site);
  const speakers = new Map(site.devices.map(({ id }) => [topicFor(site.site, id, "state"), id]));
  /** When each device began to say that somebody talks. */
  const talkSince = new Map<Id, Millis>();
  const leaseOf = (device: Id): Millis | null => {
    const since = within.get(device)!.flatMap((id) => talkSince.get(id) ?? []);
    return since.length === 0 ? null : Math.max(...since) + LEASE_MS;
  };
  let leases = new Map<Id, Millis | null>();
  for (const publication of run((device) => leases.get(device) ?? null)) {
    const speaker = speakers.get(publication.topic);
    if (speaker !== undefined && isTalk(publication) !== talkSince.has(speaker)) {
      if (talkSince.has(speaker)) talkSince.delete(speaker);
      else talkSince.set(speaker, publication.at);
      leases = new Map(site.devices.map(({ id }) => [id, leaseOf(id)]));
    }
    yield publication;
  }
}

/** The devices of each device's room and of those next to it. */
function earshot(site: Site): Map<Id, Id[]> {
  const near = (room: RoomId) => [room, ...site.boundaries.flatMap(({ between }) => otherOf(between, room))];
  return new Map(
    site.devices.map(({ id, room }) => {
      const rooms = near(room);
      return [id, site.devices.filter((device) => rooms.includes(device.room)).map((device) => device.id)];
    }),
  );
}

function otherOf([one, other]: readonly [RoomId, RoomId], room: RoomId): RoomId[] {
  if (room === one) return [other];
  return room === other ? [one] : [];
}

/** Of a `state`. */
function isTalk({ payload }: Publication): boolean {
  const { conversation }: Readings["state"] = JSON.parse(payload);
  return conversation === "on";
}
