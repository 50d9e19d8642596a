/** Messages as they stand in the journal's file: they travel to another thread without a copy, and are unpacked there. */
import type { Boot, Id } from "#protocol/quantities.ts";
import type { StoredMessage } from "./journal.ts";
import { records } from "./segment.ts";

/** One boot of one device, and the number that records name it by. */
export interface Source {
  readonly id: number;
  readonly device: Id;
  readonly boot: Boot;
}

/** Messages with id > `after`, oldest first, at most `limit`; the segments may hold more of them. */
export interface Packed {
  readonly segments: readonly Uint8Array[];
  readonly after: number;
  readonly limit: number;
  /** Newest that is safe; a file may hold more. */
  readonly lastId: number;
  /** Those with an id from the one asked for on. */
  readonly sources: readonly Source[];
}

/** `sourceOf` knows the sources of all that was ever packed. */
export function* unpack(
  { segments, after, limit, lastId }: Packed,
  sourceOf: (id: number) => Source,
): Generator<StoredMessage> {
  let left = limit;
  for (const data of segments)
    for (const { id, source, channel, seq, t, receivedAt, payload } of records(data)) {
      if (id <= after) continue;
      if (left-- === 0 || id > lastId) return;
      const { device, boot } = sourceOf(source);
      yield { id, device, boot, channel, seq, t, receivedAt, payload };
    }
}
