/** The broker port: two makers (embedded, outside), one contract suite. */
import type { Delivery } from "#protocol/topics.ts";

/** What a device has published. `payload` is only valid until the handler returns its promise. */
export interface Published {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Called before the handler's promise resolves when the message is refused: then it is for nobody else either. */
  readonly onRefused?: () => void;
}

/**
 * Messages of one connection that came together, in order. Resolves when all are safe; only then are they acknowledged
 * where the broker can wait (the embedded one). Rejects when one could not be made safe: the sender is then left without
 * acknowledgement and sends again.
 */
export type OnPublished = (messages: readonly Published[]) => Promise<void>;

export interface Broker extends AsyncDisposable {
  /** Short name for people and logs, without credentials. */
  readonly name: string;
  /**
   * To one device or, retained, for it. Rejects when the broker cannot be reached now; what is retained is then said as
   * soon as it can.
   */
  publish(topic: string, payload: string, delivery: Delivery): Promise<void>;
  /** The one listener; messages that come before it is set wait. */
  onMessages(handler: OnPublished): void;
  /** Connected devices; undefined where an outside broker does not say. */
  clients(): number | undefined;
  /** How often a client has taken the place of another of its name, and was refused it. Undefined for an outside broker. */
  takeOvers?(): { readonly letIn: number; readonly refused: number };
  /** What was refused, by reason. Undefined for an outside broker. */
  denied?(): Readonly<Record<string, number>>;
  /** Messages that lasting sessions had no room for. Undefined for an outside broker. */
  dropped?(): number;
  /** Whether devices can be heard at the moment. */
  connected(): boolean;
}

export class BrokerError extends Error {
  override readonly name = "BrokerError";
}
