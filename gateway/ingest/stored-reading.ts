/** What ingest hands to the next stage: readings that are safe in the journal, in its order. */
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { Readings, SequencedChannel } from "#protocol/readings.ts";
import { isSilent } from "#protocol/rooms.ts";
import type { Room } from "#protocol/site.ts";
import type { StoredMessage } from "../journal/journal.ts";
import type { Registry } from "./registry.ts";

interface Stored<C extends SequencedChannel> {
  /** Journal id: grows from one reading to the next. Ids may be missing between two (duplicates are never handed on). */
  readonly id: number;
  readonly device: Id;
  /** Where the site file says the device is. */
  readonly room: Room;
  readonly channel: C;
  readonly boot: Boot;
  readonly seq: number;
  readonly t: Millis;
  readonly receivedAt: Millis;
  readonly reading: Readings[C];
}

/** `channel` tells the type of `reading`. Of a silent room only `health` ever gets here (PRIVACY §1.3). */
export type StoredReading = { readonly [C in SequencedChannel]: Stored<C> }[SequencedChannel];

const decoder = new TextDecoder();

/**
 * A message read back from the journal, as it was handed on when it came: for who starts again from a snapshot.
 * Undefined when the site file no longer has the device, or its room has become a silent one.
 */
export function storedReading(message: StoredMessage, registry: Registry): StoredReading | undefined {
  const { id, device, channel, boot, seq, t, receivedAt, payload } = message;
  const room = registry.roomOf(device);
  if (!room || (isSilent(room) && channel !== "health")) return undefined;
  const reading = JSON.parse(decoder.decode(payload)) as Readings[SequencedChannel];
  return { id, device, room, channel, boot, seq, t, receivedAt, reading } as StoredReading;
}

/** Called once per commit with what it made safe, in order of id; the next stage does not wait for anything slow in it. */
export type OnStored = (messages: readonly StoredReading[]) => void;
