/** A network that delivers messages twice or in the wrong order. */
import type { Link } from "../device/link.ts";
import { type Fault, faultAt } from "./fault.ts";

/** What becomes of one message: handed on never (yet), once or twice. The order of the answers is the order of arrival. */
export type Disturbance = <T>(message: T, elapsed: number) => readonly T[];

/** `random` in [0, 1); elapsed in ms after the start of the run. */
export function createDisturbance(faults: readonly Fault[], random: () => number): Disturbance {
  let held: unknown[] = [];
  const happens = (kind: "duplicate" | "reorder", elapsed: number): boolean => {
    const fault = faultAt(faults, kind, elapsed);
    return fault !== undefined && random() < fault.amount;
  };
  return <T>(message: T, elapsed: number): readonly T[] => {
    const behind = held as T[];
    held = [];
    const copies = happens("duplicate", elapsed) ? [message, message] : [message];
    if (behind.length === 0 && happens("reorder", elapsed)) {
      held = copies;
      return [];
    }
    return [...copies, ...behind];
  };
}

/** The link as the disturbed network carries it. Retained messages are let through: their order is their meaning. */
export function disturbedLink(link: Link, disturb: Disturbance, elapsed: () => number): Link {
  return {
    publish(publication, acknowledged) {
      if (publication.retain) return link.publish(publication, acknowledged);
      const carried = disturb({ publication, acknowledged }, elapsed());
      for (const message of carried) link.publish(message.publication, message.acknowledged);
    },
    close: () => link.close(),
    drop: () => link.drop(),
  };
}
