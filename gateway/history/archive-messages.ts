/** What the archive's thread and the main thread say to each other. */
import type { Site } from "#protocol/site.ts";
import type { Packed } from "../journal/packed.ts";
import type { ArchivedJournal } from "./archive.ts";
import type { ForwarderStatus } from "./forwarder.ts";
import type { Retention } from "./measurements.ts";
import type { RollupStatus } from "./rollups.ts";

export interface ArchiveWork {
  readonly site: Site;
  readonly url: string;
  readonly token: string | undefined;
  readonly retention: Retention;
  /** The journal's newest id. */
  readonly head: BigInt64Array;
}

export interface ArchiveStatus {
  readonly forwarder: ForwarderStatus;
  /** The journal's newest id at that moment. */
  readonly lastId: number;
  readonly rollups: RollupStatus;
}

/** What the thread asks of the journal, which stays with the main thread. */
export type JournalCall = Exclude<keyof ArchivedJournal, "lastId" | "messagesAfter"> | "packedAfter";

export type ToMain =
  | { readonly kind: "call"; readonly id: number; readonly call: JournalCall; readonly args: readonly unknown[] }
  | { readonly kind: "status"; readonly status: ArchiveStatus }
  | { readonly kind: "opened"; readonly status: ArchiveStatus }
  /** It cannot be opened; a person must act. */
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "settled"; readonly id: number; readonly reason: string | null }
  | { readonly kind: "closed" };

export type ToArchive =
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "fault"; readonly id: number; readonly reason: string }
  | { readonly kind: "settle"; readonly id: number }
  | { readonly kind: "close" };

/** Buffers of an answer that move instead of being copied. */
export const transferred = (call: JournalCall, value: unknown): ArrayBuffer[] =>
  call === "packedAfter" ? (value as Packed).segments.map(({ buffer }) => buffer as ArrayBuffer) : [];
