/** When a gateway is killed: drawn from a seed, over all that it does. Pure. */
import type { Random } from "#firmware/world/random.ts";

export const momentKinds = ["starting", "started", "draining", "running"] as const;
export type MomentKind = (typeof momentKinds)[number];

export type Moment =
  /** When this share of the time that a start takes has passed. */
  | { readonly kind: "starting"; readonly share: number }
  /** So soon after it has said where it listens. */
  | { readonly kind: "started"; readonly ms: number }
  /** When the devices have got receipts for this share of what waited in their outboxes. */
  | { readonly kind: "draining"; readonly share: number }
  /** So long after it has said where it listens. */
  | { readonly kind: "running"; readonly ms: number };

export interface Blow {
  readonly moment: Moment;
  /** How long nobody starts it again, ms. */
  readonly restMs: number;
}

const STARTED_MS = 300;
const RUNNING_MS = [500, 4000] as const;
/** Mostly at once; now and then long enough for the outboxes to fill. */
const SHORT_REST_MS = 200;
const LONG_REST_MS = 2500;
const LONG_REST = 0.15;

/** Every kind as often as the others, in random order. */
export function drawBlows(random: Random, count: number): Blow[] {
  const kinds = Array.from({ length: count }, (_, i) => momentKinds[i % momentKinds.length]!);
  return random.shuffle(kinds).map((kind) => ({
    moment: momentOf(kind, random),
    restMs: random.between(0, random.chance(LONG_REST) ? LONG_REST_MS : SHORT_REST_MS),
  }));
}

function momentOf(kind: MomentKind, random: Random): Moment {
  switch (kind) {
    case "starting":
      return { kind, share: random.between(0.3, 1) };
    case "started":
      return { kind, ms: random.between(0, STARTED_MS) };
    case "draining":
      return { kind, share: random.uniform() };
    case "running":
      return { kind, ms: random.between(...RUNNING_MS) };
  }
}
