import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Kept, OUTBOX_RULES, Outbox, type OutboxRules, type Parcel } from "./outbox.ts";
import type { Body } from "./readings/reading.ts";

const BOOT = "00000001";
const T0 = 1_767_225_600_000;
const state = (t: number): Body<"state"> => ({
  t,
  occupied: true,
  confidence: 1,
  conversation: "off",
  hint: "unknown",
  since: t,
});
const seqs = (messages: readonly Kept[]) => messages.map((m) => m.seq);

function filled(count: number, rules: Partial<OutboxRules> = {}, at = T0): Outbox {
  const outbox = new Outbox(BOOT, rules);
  for (let i = 0; i < count; i++) outbox.add("state", state(at + i), at + i);
  return outbox;
}

/** Takes and acknowledges. */
function sent(outbox: Outbox, now: number, room = 64): Parcel[] {
  const parcels = outbox.take(now, room);
  for (const parcel of parcels) outbox.acknowledged(parcel, now);
  return parcels;
}

describe("outbox", () => {
  it("reaches back 72 hours of messages", () => expect(OUTBOX_RULES.capacity).toBe(39_744));

  it("gives each message the boot and the next number", () => {
    const outbox = new Outbox(BOOT);
    expect(outbox.add("state", state(T0), T0)).toMatchObject({ boot: BOOT, seq: 0, channel: "state" });
    expect(JSON.parse(outbox.add("state", state(T0), T0).payload)).toEqual({ boot: BOOT, seq: 1, ...state(T0) });
    expect(outbox.nextSeq).toBe(2);
  });

  it("keeps what was acknowledged until the receipt, also the runs beyond a gap", () => {
    const outbox = filled(6);
    outbox.connected(T0);
    expect(seqs(sent(outbox, T0))).toEqual([0, 1, 2, 3, 4, 5]);
    expect(outbox.depth).toBe(6);
    expect(outbox.receive({ boot: BOOT, through: 1, beyond: [[4, 5]] })).toBe(4);
    expect(seqs(outbox.kept())).toEqual([2, 3]);
    expect(outbox.receive({ boot: "0000beef", through: 99, beyond: [] })).toBe(0);
    expect(outbox.receive({ boot: BOOT, through: 99, beyond: [] })).toBe(2);
    expect(outbox.nextSeq).toBe(6);
  });

  it("sends the present situation first, then the backlog behind it at its rate, oldest first", () => {
    const outbox = filled(100);
    const now = T0 + 3_600_000;
    outbox.add("state", state(now - 5_000), now - 5_000);
    outbox.connected(now);
    expect(seqs(outbox.take(now, 64))).toEqual([100]);
    expect(seqs(outbox.take(now + 250, 64))).toEqual([0, 1, 2, 3, 4]);
    outbox.add("state", state(now + 300), now + 300);
    expect(seqs(outbox.take(now + 300, 64))).toEqual([101, 5]);
    expect(outbox.take(now + 60_000, 64)).toHaveLength(OUTBOX_RULES.backlogPerS);
  });

  it("sends again what nobody has confirmed, later each time, under the same number", () => {
    const outbox = filled(1);
    outbox.connected(T0);
    const at: number[] = [];
    let payload: string | undefined;
    for (let s = 0; s <= 110; s++)
      for (const parcel of sent(outbox, T0 + s * 1000)) {
        at.push(s);
        payload ??= parcel.payload;
        expect(parcel.payload).toBe(payload);
      }
    expect(at).toEqual([0, 15, 45, 105]);
  });

  it("sends again after a reconnect what was not acknowledged, and waits for the receipt of what was", () => {
    const outbox = filled(3);
    outbox.connected(T0);
    const [first] = outbox.take(T0, 3);
    outbox.acknowledged(first!, T0);
    outbox.disconnected();
    outbox.connected(T0 + 1000);
    expect(seqs(outbox.take(T0 + 1000, 64))).toEqual([1, 2]);
  });

  it("drops the oldest when it is full, and counts them", () => {
    const outbox = filled(130, { capacity: 100 });
    expect(outbox.dropped).toBe(30);
    expect(outbox.depth).toBe(100);
    expect(seqs(outbox.kept())[0]).toBe(30);
  });

  it("keeps an earlier boot's messages under their own identity after a reboot", () => {
    const before = filled(8);
    before.receive({ boot: BOOT, through: 1, beyond: [[4, 5]] });
    const after = new Outbox("00000002", {}, before.kept());
    after.add("state", state(T0 + 60_000), T0 + 60_000);
    expect(after.kept().map(({ boot, seq }) => `${boot} ${seq}`)).toEqual([
      `${BOOT} 2`,
      `${BOOT} 3`,
      `${BOOT} 6`,
      `${BOOT} 7`,
      "00000002 0",
    ]);
    expect(after.receive({ boot: BOOT, through: 6, beyond: [] })).toBe(3);
    expect(after.receive({ boot: "00000002", through: 0, beyond: [] })).toBe(1);
    expect(after.kept().map(({ seq }) => seq)).toEqual([7]);
  });

  it("gives up a message that can never be stored, and only that one", () => {
    const outbox = filled(3);
    outbox.connected(T0);
    sent(outbox, T0);
    outbox.refuse({ reason: "clock-ahead", channel: "state", seq: 0 });
    outbox.refuse({ reason: "schema", channel: "level", seq: 1 });
    expect(outbox.depth).toBe(3);
    outbox.refuse({ reason: "schema", channel: "state", seq: 1 });
    expect(seqs(outbox.kept())).toEqual([0, 2]);
    expect(outbox.refused).toBe(1);
  });

  it("gives up nothing when the number is that of messages of two boots", () => {
    const outbox = new Outbox("00000002", {}, filled(1).kept());
    outbox.add("state", state(T0), T0);
    outbox.connected(T0);
    sent(outbox, T0);
    outbox.refuse({ reason: "schema", channel: "state", seq: 0 });
    expect(outbox.depth).toBe(2);
  });
});

/** What may happen to an outbox, in any order. */
type Event =
  | { kind: "add" | "connect" | "disconnect" | "reboot" }
  | { kind: "wait"; ms: number }
  | { kind: "take"; room: number; delivered: number; acknowledged: number }
  | { kind: "receipt"; share: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("add" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("connect" as const, "disconnect", "reboot") }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 60_000 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("take" as const),
      room: fc.integer({ min: 0, max: 20 }),
      delivered: fc.double({ min: 0, max: 1, noNaN: true }),
      acknowledged: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("receipt" as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

/** A link and a gateway that store a part of what is sent to them. */
class Rehearsal {
  readonly capacity = 40;
  readonly added: string[] = [];
  readonly stored = new Map<string, Set<number>>();
  readonly confirmed = new Set<string>();
  dropped = 0;
  now = T0;
  linked = false;
  boots = 1;
  outbox = new Outbox("00000001", { capacity: this.capacity });

  play(step: Event): void {
    if (step.kind === "add") this.add();
    else if (step.kind === "wait") this.now += step.ms;
    else if (step.kind === "connect" && !this.linked) this.link(true);
    else if (step.kind === "disconnect" && this.linked) this.link(false);
    else if (step.kind === "reboot") this.reboot();
    else if (step.kind === "take" && this.linked) this.take(step.room, step.delivered, step.acknowledged);
    else if (step.kind === "receipt" && this.linked) this.receive(step.share);
  }

  add(): void {
    const { boot, seq } = this.outbox.add("state", state(this.now), this.now);
    this.added.push(`${boot}/${seq}`);
  }

  link(up: boolean): void {
    this.linked = up;
    if (up) this.outbox.connected(this.now);
    else this.outbox.disconnected();
  }

  reboot(): void {
    this.linked = false;
    this.dropped += this.outbox.dropped;
    this.boots += 1;
    const boot = this.boots.toString(16).padStart(8, "0");
    this.outbox = new Outbox(boot, { capacity: this.capacity }, this.outbox.kept());
  }

  take(room: number, delivered: number, acknowledged: number): void {
    const parcels = this.outbox.take(this.now, room);
    expect(parcels.length).toBeLessThanOrEqual(room);
    for (const [i, parcel] of parcels.entries()) {
      expect(this.confirmed).not.toContain(`${parcel.boot}/${parcel.seq}`);
      if (i < delivered * parcels.length) this.store(parcel);
      if (i < acknowledged * parcels.length) this.outbox.acknowledged(parcel, this.now);
    }
  }

  store({ boot, seq }: Kept): void {
    const seqs = this.stored.get(boot) ?? new Set();
    this.stored.set(boot, seqs.add(seq));
  }

  /** Confirms, of each boot, the part `share` of what is stored, as single runs; what was dropped by then stays lost. */
  receive(share: number): void {
    const held = new Set(this.outbox.kept().map(({ boot, seq }) => `${boot}/${seq}`));
    for (const [boot, stored] of this.stored) {
      const told = [...stored].slice(0, Math.ceil(share * stored.size));
      this.outbox.receive({ boot, through: -1, beyond: told.map((seq) => [seq, seq]) });
      for (const seq of told) {
        stored.delete(seq);
        if (held.has(`${boot}/${seq}`)) this.confirmed.add(`${boot}/${seq}`);
      }
    }
  }
}

describe("outbox, whatever happens", () => {
  it("loses nothing unconfirmed but what it counts as dropped, keeps the order, stays bounded", () =>
    fc.assert(
      fc.property(fc.array(event, { maxLength: 400, size: "max" }), (events) => {
        const r = new Rehearsal();
        for (const step of events) {
          r.play(step);
          const held = r.outbox.kept().map(({ boot, seq }) => `${boot}/${seq}`);
          expect(held.length).toBe(r.outbox.depth);
          expect(held.length).toBeLessThanOrEqual(r.capacity);
          const open = r.added.filter((id) => !r.confirmed.has(id));
          const lost = r.dropped + r.outbox.dropped;
          expect(held).toEqual(open.slice(lost));
        }
      }),
      { numRuns: 150 },
    ));

  it("delivers all of it once the link stays up", () =>
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200, size: "max" }), (events) => {
        const r = new Rehearsal();
        for (const step of events) r.play(step);
        if (r.linked) r.link(false);
        r.link(true);
        for (let s = 0; s < 1300 && r.outbox.depth > 0; s++) {
          r.now += 1000;
          r.take(20, 1, 1);
          r.receive(1);
        }
        expect(r.outbox.depth).toBe(0);
      }),
      { numRuns: 50 },
    ));
});
