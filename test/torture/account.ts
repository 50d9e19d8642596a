/** What one device sent and saw: written down on the wire, between its firmware and the network. */
import type { Call, Dial, Link, Publication } from "#firmware/device/link.ts";
import { type Commands, Receipt } from "#protocol/commands.ts";
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import { isSequenced, type SequencedChannel } from "#protocol/readings.ts";
import { parseTopic } from "#protocol/topics.ts";
import type { DeviceHistory, Said, Send } from "./run-history.ts";

interface Entry extends Said {
  readonly sends: Send[];
  pubackAt: Millis | null;
  receiptAt: Millis | null;
}

interface BootEntries {
  readonly bySeq: Entry[];
  /** Receipts have covered everything below. */
  coveredTo: number;
}

export class Account {
  readonly #boots = new Map<Boot, BootEntries>();
  readonly #links: Millis[] = [];
  readonly #strayReceipts: string[] = [];
  #order = 0;
  #sends = 0;
  #confirmed = 0;

  /** Everything that has left, again and again included. */
  get sends(): number {
    return this.#sends;
  }

  /** Readings that a receipt has covered. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** A reading has come into being; `seq` counts in each boot from 0. */
  add(boot: Boot, seq: number, channel: SequencedChannel, t: Millis, payload: string): void {
    const entries = this.#boots.get(boot) ?? { bySeq: [], coveredTo: 0 };
    this.#boots.set(boot, entries);
    entries.bySeq[seq] = { boot, seq, channel, t, payload, sends: [], pubackAt: null, receiptAt: null };
  }

  /** The same way to the network, watched. */
  watch(dial: Dial): Dial {
    return async (call) => {
      const number = this.#links.push(Date.now()) - 1;
      const link = await dial({ ...call, heard: (...heard) => this.#hear(call, ...heard) });
      return this.#watched(link, number);
    };
  }

  history(device: Id, silent: boolean): DeviceHistory {
    const said = [...this.#boots.values()].flatMap(({ bySeq }) => bySeq);
    return { device, silent, said, links: this.#links, strayReceipts: this.#strayReceipts };
  }

  #watched(link: Link, number: number): Link {
    return {
      publish: (publication, acknowledged) => {
        const entry = this.#entryOf(publication);
        if (entry !== undefined) {
          entry.sends.push({ link: number, order: this.#order++ });
          this.#sends++;
        }
        link.publish(publication, () => {
          if (entry !== undefined) entry.pubackAt ??= Date.now();
          acknowledged?.();
        });
      },
      close: () => link.close(),
      drop: () => link.drop(),
    };
  }

  #entryOf({ topic, payload }: Publication): Entry | undefined {
    if (!isSequenced(parseTopic(topic)!.channel)) return undefined;
    const { boot, seq } = JSON.parse(payload) as { boot: Boot; seq: number };
    return this.#boots.get(boot)!.bySeq[seq]!;
  }

  /** What a receipt says is written down before the firmware forgets by it. */
  #hear(call: Call, ...[topic, payload, retained]: Parameters<Call["heard"]>): void {
    if (parseTopic(topic)?.channel === "receipt")
      this.#cover(Receipt.parse(JSON.parse(Buffer.from(payload).toString("utf8"))));
    call.heard(topic, payload, retained);
  }

  #cover({ boot, through, beyond }: Commands["receipt"]): void {
    const entries = this.#boots.get(boot);
    const last = Math.max(through, ...beyond.map(([, to]) => to));
    if (entries === undefined || last >= entries.bySeq.length) {
      this.#strayReceipts.push(`boot ${boot} through ${last}`);
      return;
    }
    for (; entries.coveredTo <= through; entries.coveredTo++) this.#confirm(entries.bySeq[entries.coveredTo]!);
    for (const [from, to] of beyond) for (let seq = from; seq <= to; seq++) this.#confirm(entries.bySeq[seq]!);
  }

  #confirm(entry: Entry): void {
    if (entry.receiptAt !== null) return;
    entry.receiptAt = Date.now();
    this.#confirmed++;
  }
}
