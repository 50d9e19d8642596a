/** The port between the uplink and a network: one connection to a broker, from CONNECT to its end. */

export interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

export interface Link {
  /** Calls back when the next hop has it; never on a link that ends first. */
  publish(publication: Publication, acknowledged?: () => void): void;
  /** Says goodbye: the broker does not publish the will. Everything published before has left. */
  close(): Promise<void>;
  /** Lets go without a word; the broker publishes the will. */
  drop(): void;
}

export interface Subscription {
  readonly topic: string;
  readonly qos: 0 | 1;
}

export interface Call {
  readonly clientId: string;
  /** A session outlives the connection, and a newer connection with the same client id takes it over. */
  readonly lasting: boolean;
  readonly will?: Publication;
  readonly subscribe: readonly Subscription[];
  /** `retained`: the broker had kept this for whoever subscribes; it is no news. */
  heard(topic: string, payload: Uint8Array, retained: boolean): void;
  /** The link has ended by itself. At most once, and not after `close` or `drop`. */
  ended(reason: string): void;
}

/** Resolves when the broker has accepted the connection and the subscriptions; rejects with `LinkError`. */
export type Dial = (call: Call) => Promise<Link>;

export class LinkError extends Error {
  override readonly name = "LinkError";
  /** The broker has answered, and does not let this device in. */
  readonly refused: boolean;

  constructor(message: string, { refused = false, ...options }: ErrorOptions & { readonly refused?: boolean } = {}) {
    super(message, options);
    this.refused = refused;
  }
}
