/** What the pipeline hands to the outbox: a message without its identity, which the outbox gives it. */
import type { Readings } from "#protocol/readings.ts";

export type PublishedChannel = Exclude<keyof Readings, "birth" | "status">;

export type Body<C extends PublishedChannel> = Omit<Readings[C], "boot" | "seq">;

/** A channel and the body that belongs to it. */
export type Reading<C extends PublishedChannel = PublishedChannel> = {
  readonly [K in C]: { readonly channel: K; readonly body: Body<K> };
}[C];
