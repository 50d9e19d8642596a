/** A way to tell somebody: the port that webhook, and later mail and push, make. */

export interface Outgoing {
  /** The same key is the same notification, however often it is sent. */
  readonly key: string;
  /** JSON. */
  readonly body: string;
}

export type Outcome =
  | { readonly kind: "delivered" }
  /** Trying again can help; not before `afterMs` if the receiver asked for that. */
  | { readonly kind: "retry"; readonly reason: string; readonly afterMs?: number }
  /** The receiver wants no more of it. */
  | { readonly kind: "refused"; readonly reason: string };

export interface Channel {
  readonly name: string;
  /** Never rejects; every failure is an outcome. Reasons hold no secret and no address. */
  send(outgoing: Outgoing, signal: AbortSignal): Promise<Outcome>;
}
