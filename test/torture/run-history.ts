/**
 * The history of one run, as its checker judges it: what every device said and was told, what the gateway holds in the
 * end, and what the receiver of its notifications got. Times are ms UTC of one machine's clock.
 */
import type { Alert, Transition } from "#gateway/alerts/alert.ts";
import type { Decided } from "#gateway/alerts/step.ts";
import type { Point } from "#gateway/history/history.ts";
import type { Received } from "#gateway/journal/journal.ts";
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { SequencedChannel } from "#protocol/readings.ts";

/** One reading leaving its device; `order` counts everything that this device has sent. */
export interface Send {
  /** Which of the device's connections, from 0. */
  readonly link: number;
  readonly order: number;
}

/** A reading as its device knows it. */
export interface Said {
  readonly boot: Boot;
  readonly seq: number;
  readonly channel: SequencedChannel;
  readonly t: Millis;
  /** JSON as published, the same each time. */
  readonly payload: string;
  readonly sends: readonly Send[];
  /** When the first PUBACK came; null: none. */
  readonly pubackAt: Millis | null;
  /** When the first receipt came that covers it. */
  readonly receiptAt: Millis | null;
}

export interface DeviceHistory {
  readonly device: Id;
  /** The device's room is a silent one: of what it says only `health` is kept, of the rest the identity. */
  readonly silent: boolean;
  readonly said: readonly Said[];
  /** When each connection was begun. */
  readonly links: readonly Millis[];
  /** Receipts for what it never said. */
  readonly strayReceipts: readonly string[];
}

/** One process of the gateway. */
export interface Life {
  readonly startedAt: Millis;
  /** It was seen to have ended. */
  readonly endedAt: Millis;
}

/** A row of the journal. */
export interface Kept {
  readonly id: number;
  readonly device: Id;
  readonly boot: Boot;
  readonly seq: number;
  readonly channel: SequencedChannel;
  readonly receivedAt: Millis;
  readonly payload: string;
}

export interface KeptDelivery {
  readonly key: string;
  readonly body: string;
  readonly outcome: string | null;
}

/** What the receiver of notifications was sent, in order of arrival. */
export interface Notified {
  readonly key: string;
  readonly body: string;
  readonly at: Millis;
}

export interface RunHistory {
  /** Only the embedded broker's PUBACK says that the gateway has stored a reading. */
  readonly broker: "embedded" | "outside";
  readonly devices: readonly DeviceHistory[];
  /** In order; all but the last were killed. */
  readonly lives: readonly Life[];
  /** In order of id. */
  readonly kept: readonly Kept[];
  readonly received: readonly Received[];
  /** Raw points of the devices' readings. */
  readonly points: readonly Point[];
  readonly alerts: readonly Alert[];
  /** Of all alerts, each alert's in order. */
  readonly transitions: readonly Transition[];
  /** What a gateway that was never killed decides from the same readings. */
  readonly expected: readonly Decided[];
  /** Name of the channel of notifications. */
  readonly channel: string;
  readonly deliveries: readonly KeptDelivery[];
  readonly notified: readonly Notified[];
}

export type Breach =
  | "lost"
  | "doubled"
  | "invented"
  | "altered"
  | "false puback"
  | "false receipt"
  | "out of order"
  | "not in history"
  | "only in history"
  | "altered in history"
  | "illegal transition"
  | "two alerts"
  | "lost transition"
  | "invented transition"
  | "altered transition"
  | "lost notification"
  | "invented notification"
  | "altered notification"
  | "unsettled notification"
  | "notified twice"
  | "notified out of order";

/** A guarantee that was not kept, and by what. */
export interface Violation {
  readonly breach: Breach;
  readonly what: string;
}
