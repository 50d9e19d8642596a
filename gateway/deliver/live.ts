/** What is so now, for whoever watches: the present views and a numbered run of changes that a stream can resume in. */
import type { AlertView, DeviceView, PairView, RoomView, StreamEvent, StreamEvents } from "#protocol/api.ts";

export interface LiveEvent<E extends StreamEvent = StreamEvent> {
  /** Grows with each event; unique across restarts (begins at the start time in ms, times 1000). */
  readonly id: number;
  readonly event: E;
  readonly data: StreamEvents[E];
}

export interface Live {
  rooms(): readonly RoomView[];
  devices(): readonly DeviceView[];
  /** Every ordered pair of rooms that a boundary joins, in the order of the site's boundaries. */
  pairs(): readonly PairView[];
  /** Alerts that were raised and are not over: firing and acknowledged. */
  openAlerts(): readonly AlertView[];
  /** Events after `id`; undefined when they are no longer all kept, so that the reader starts from the present views. */
  after(id: number): readonly LiveEvent[] | undefined;
  lastId(): number;
  /** Returns its own undo. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
}
