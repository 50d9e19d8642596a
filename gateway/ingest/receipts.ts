/** Tells devices what is stored, at most once a second each, so that their outboxes may forget it. */

import type { z } from "zod";
import type { Receipt } from "#protocol/commands.ts";
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { Clock } from "../clock.ts";
import type { Received } from "../journal/journal.ts";

/** Between two receipts to one device. */
export const RECEIPT_PERIOD_MS = 1000;
/** How long a first receipt waits for more to say. */
const GATHER_MS = 100;
/** In one turn only so much of the site is told: all of a thousand devices at once would hold up readings for 20 ms. */
const TURNS = 8;
/** Runs beyond the first gap that fit a receipt. */
const MAX_BEYOND = 16;

export type ReceiptBody = z.infer<typeof Receipt>;

/** The newest runs beyond the gap are left out when there are more: the device sends those again last. */
export function receiptOf({ boot, runs }: Received): ReceiptBody {
  const [first] = runs;
  const unbroken = first?.[0] === 0 ? 1 : 0;
  return {
    boot,
    through: unbroken ? first![1] : -1,
    beyond: runs.slice(unbroken, unbroken + MAX_BEYOND).map(([from, to]) => [from, to]),
  };
}

export interface Receipts {
  /** Something of this boot is stored, or was before. */
  owe(device: Id, boot: Boot): void;
}

/** `devices`: how many the site has. */
export function createReceipts(
  devices: number,
  clock: Clock,
  received: (device: Id) => readonly Received[],
  send: (device: Id, receipt: ReceiptBody) => void,
  signal: AbortSignal,
): Receipts {
  const owed = new Map<Id, Set<Boot>>();
  const sentAt = new Map<Id, Millis>();
  const mostInATurn = Math.ceil(devices / TURNS);
  let waiting = false;

  function settle(): void {
    const now = clock.now();
    let left = mostInATurn;
    for (const [device, boots] of owed) {
      if (left === 0) return;
      if (now - (sentAt.get(device) ?? Number.NEGATIVE_INFINITY) < RECEIPT_PERIOD_MS) continue;
      const [boot] = boots;
      boots.delete(boot!);
      if (boots.size === 0) owed.delete(device);
      sentAt.set(device, now);
      left--;
      const of = received(device).find((r) => r.boot === boot);
      if (of) send(device, receiptOf(of));
    }
  }

  /** Runs only while something is owed. */
  async function work(): Promise<void> {
    waiting = true;
    while (owed.size > 0 && !signal.aborted) {
      await clock.wait(GATHER_MS, signal);
      settle();
    }
    waiting = false;
  }

  return {
    owe(device, boot) {
      const boots = owed.get(device);
      if (boots) boots.add(boot);
      else owed.set(device, new Set([boot]));
      if (!waiting) work().catch(() => {}); // ends by the signal only
    },
  };
}
