import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RoomView } from "#protocol/api.ts";
import type { Site } from "#protocol/site.ts";
import { createLiveViews } from "./deliver/live-views.ts";
import { at, EIGHT, site } from "./detect/story.fixture.ts";
import type { Decision, Journal } from "./journal/journal.ts";
import { openJournal } from "./journal/open-journal.ts";
import { putTogether } from "./kept-parts.ts";
import { type Event, messageOf, startClock, store, tell } from "./lane.fixture.ts";
import { KNOWLEDGE, type LaneOptions, openLane, SNAPSHOT } from "./lane.ts";

const on = (t: number, since: number, device = "k1"): Event => ({ at: t, device, conversation: "on", since });
const off = (t: number, since: number, device = "k1"): Event => ({ at: t, device, conversation: "off", since });
const hush = (t: number): Event => ({ at: t });

/** Two talks in two offices, one with a hole; quiet rooms beside them. */
const day: readonly Event[] = [
  { ...off(1, 0, "s2"), occupied: false },
  off(2, 0),
  on(20, 10),
  on(50, 10),
  off(55, 0, "k2a"),
  on(60, 50, "k2a"),
  hush(71),
  on(80, 10),
  on(90, 50, "k2a"),
  { at: 100, device: "k1", status: "offline" },
  hush(111),
  on(120, 50, "k2a"),
  { at: 130, device: "k1", status: "online" },
  on(131, 10),
  off(150, 130, "k2a"),
  off(170, 150),
  on(220, 210),
  off(300, 280),
  hush(420),
  hush(600),
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lane-"));
});
afterEach(() => rm(folder, { recursive: true }));

const s = (ms: number) => (ms - EIGHT) / 1000;

/** Everything the journal holds of what was decided. */
async function recorded(journal: Journal) {
  const range = { from: EIGHT - 1, to: EIGHT + 86_400_000 };
  const alerts = await journal.alerts(range);
  const transitions = await Promise.all(
    alerts.map(async ({ id, room }) =>
      (await journal.transitions(id)).map((t) => `${s(t.at)} ${room} ${t.to} ${t.alert.reason ?? ""}`.trim()),
    ),
  );
  const episodes = (await journal.episodes(range.from, range.to)).map(
    ({ room, start, end }) => `${room} ${s(start)}–${end === null ? "" : s(end)}`,
  );
  const deliveries = (await journal.dueDeliveries(range.to, 1000)).map(({ key }) => key).sort();
  return { transitions: transitions.flat(), episodes, deliveries };
}

/** Numbers of the parts that the kept state is made of, and of those that are there. */
async function parts(journal: Journal) {
  const { json, parts } = (await journal.snapshot(SNAPSHOT))!;
  const { lists, state } = JSON.parse(json) as {
    lists: readonly (readonly [string, string])[];
    state: Record<string, Record<string, string>>;
  };
  const numbers = lists.flatMap(([name, inner]) => state[name]![inner]!.split(",").map(Number));
  const inOrder = (all: readonly number[]) => all.toSorted((a, b) => a - b);
  return { madeOf: inOrder(numbers), there: inOrder(parts.map(([number]) => number)) };
}

/** What a part is of: a room, or a pair of them. */
function placeOf(json: string): string {
  const { room, situation, pair } = JSON.parse(json) as { room?: string; situation?: { room: string }; pair?: string };
  return room ?? situation?.room ?? pair!;
}

async function expectAllPartsAndNoOther(journal: Journal): Promise<void> {
  const { madeOf, there } = await parts(journal);
  expect(there).toEqual(madeOf);
  expect(madeOf.length).toBeGreaterThan(site.rooms.length);
}

const told = {
  transitions: [
    "10 K1 pending",
    "70 K1 firing",
    "150 K1 resolved conversation-ended",
    "50 K2 pending",
    "110 K2 firing",
    "130 K2 resolved conversation-ended",
    "210 K1 pending",
    "280 K1 resolved never-fired",
  ],
  episodes: ["K1 10–150", "K2 50–130", "K1 210–280"],
  deliveries: ["K1", "K2"]
    .flatMap((room) =>
      ["firing", "resolved"].map(
        (to) => `conversation-in-shared-office:${room}:${at(room === "K1" ? 10 : 50)}:${to}:hook`,
      ),
    )
    .sort(),
};

const lane = (journal: LaneOptions["journal"], more: Partial<LaneOptions> = {}) =>
  openLane({ site, journal, clock: startClock(), channels: ["hook"], ...more });

describe("the lane", () => {
  it("turns a day's readings into episodes, alerts and deliveries", async () => {
    await using journal = await openJournal(folder);
    const clock = startClock();
    await using open = await lane(journal, { clock });
    for (const event of day) await tell(open, journal, clock, event);
    expect(await recorded(journal)).toEqual(told);
    const bodies = (await journal.dueDeliveries(clock.now(), 10)).map(({ body }) => JSON.parse(body).data.message.en);
    expect(bodies[0]).toBe(
      "Possible overhearing: conversation in Office K1 since 09:00. Conversation room S2 is free.",
    );
  });

  it("decides the same however the readings are bunched", async () => {
    await using journal = await openJournal(folder);
    const clock = startClock();
    await using open = await lane(journal, { clock, ticks: "data" });
    const readings = [];
    for (const event of day) if ("conversation" in event) readings.push(await store(journal, messageOf(event)));
    clock.advanceTo(at(300));
    open.take(readings);
    await open.drained();
    // The hole is known by the device's status only, and no clock ticks after the last reading.
    const { transitions, episodes } = await recorded(journal);
    expect({ transitions, episodes }).toEqual({ transitions: told.transitions, episodes: told.episodes });
  });

  it.for([
    ["clock", "with every decision"],
    ["data", "in recorded time at the end alone"],
  ] as const)("keeps its state: %s, %s", async ([ticks]) => {
    await using journal = await openJournal(folder);
    const kept: boolean[] = [];
    const record = (decision: Decision) => {
      if (decision.snapshot?.name !== KNOWLEDGE) kept.push(decision.snapshot !== undefined);
      return journal.record(decision);
    };
    {
      const clock = startClock();
      await using open = await lane({ ...journal, record }, { clock, ticks });
      for (const event of day) await tell(open, journal, clock, event);
    }
    expect(kept.length).toBeGreaterThan(10);
    expect(kept).toEqual(kept.map((_, i) => ticks === "clock" || i === kept.length - 1));
  });

  it("records of its state what has changed, and all of it once at the beginning", async () => {
    await using journal = await openJournal(folder);
    const records: { all: boolean; places: Set<string> }[] = [];
    const record = async (decision: Decision) => {
      await journal.record(decision);
      const { name, parts = [], dropped } = decision.snapshot!;
      if (name === KNOWLEDGE) return;
      records.push({ all: dropped === undefined, places: new Set(parts.map(([, json]) => placeOf(json))) });
      await expectAllPartsAndNoOther(journal);
    };
    const clock = startClock();
    await using open = await lane({ ...journal, record }, { clock });
    for (const event of [off(1, 0), off(2, 0, "k2a"), on(3, 0), off(4, 3), on(5, 4, "k2a"), off(6, 5, "k2a")])
      await tell(open, journal, clock, event);
    const everywhere = [...site.rooms.map(({ id }) => id), "K1>G1", "K2>V1", "S2>G1", "S1>S2", "S2>S1"];
    expect(records.map(({ all, places }) => [all, [...places].sort()])).toEqual([
      [true, everywhere.sort()],
      [false, ["K2", "K2>V1"]],
      ...["K1", "K1", "K2", "K2"].map((room) => [false, [room]]),
    ]);
  });

  it.for([
    ["before", "nothing"],
    ["after", "all"],
  ] as const)(
    "records all of its state when it is not known whether the journal holds a decision: an error %s it took %s",
    async ([when]) => {
      await using journal = await openJournal(folder);
      const clock = startClock();
      let fails = false;
      const whole: boolean[] = [];
      const record = async (decision: Decision) => {
        const failing = fails;
        fails = false;
        if (!failing || when === "after") await journal.record(decision);
        if (failing) throw new Error("I/O error");
        if (decision.snapshot?.name === SNAPSHOT) whole.push(decision.snapshot.dropped === undefined);
      };
      const onTrouble = () => setImmediate(() => clock.advanceTo(clock.now() + 1000));
      {
        await using open = await lane({ ...journal, record }, { clock, onTrouble });
        for (const event of day.slice(0, 3)) await tell(open, journal, clock, event);
        fails = true;
        await tell(open, journal, clock, day[3]!);
        await expectAllPartsAndNoOther(journal);
        for (const event of day.slice(4, 12)) await tell(open, journal, clock, event);
      }
      await expectAllPartsAndNoOther(journal);
      expect(whole.filter((all) => all).length).toBe(2);
      await using again = await lane(journal, { clock });
      for (const event of day.slice(12)) await tell(again, journal, clock, event);
      expect(await recorded(journal)).toEqual(told);
    },
  );

  it("tells the live views only what is recorded", async () => {
    await using journal = await openJournal(folder);
    const clock = startClock();
    const live = createLiveViews({ site, startedAt: EIGHT, devices: () => [] });
    let blocked: PromiseWithResolvers<void> | undefined;
    const slow = {
      ...journal,
      async record(decision: Decision) {
        await blocked?.promise;
        return journal.record(decision);
      },
    };
    await using open = await lane(slow, { clock, live });
    await tell(open, journal, clock, off(1, 0));
    blocked = Promise.withResolvers();
    const telling = tell(open, journal, clock, on(20, 10));
    while (open.pending() === 0) await new Promise(setImmediate);
    const k1 = () => live.rooms().find(({ id }: RoomView) => id === "K1")!.conversation;
    expect([k1(), open.pending()]).toEqual(["off", 1]);
    blocked.resolve();
    await telling;
    expect([k1(), open.pending()]).toEqual(["on", 0]);
  });

  it("keeps a decision that the journal refuses, and tries again", async () => {
    await using journal = await openJournal(folder);
    const clock = startClock();
    const troubles: unknown[] = [];
    let refuses = 0;
    const sick = {
      ...journal,
      record: (d: Decision) => (refuses-- > 0 ? Promise.reject(new Error("disk full")) : journal.record(d)),
    };
    await using open = await lane(sick, { clock, onTrouble: (error) => troubles.push(error) });
    for (const event of day.slice(0, 2)) await tell(open, journal, clock, event);
    refuses = 3;
    const telling = tell(open, journal, clock, day[2]!);
    for (let seen = 0; seen < 3; ) {
      await new Promise(setImmediate);
      if (troubles.length === seen) continue;
      seen = troubles.length;
      clock.advanceTo(clock.now() + 1000);
    }
    await telling;
    for (const event of day.slice(3)) await tell(open, journal, clock, event);
    expect(await recorded(journal)).toEqual(told);
  });

  it("makes no deliveries without channels, and none of an alert's end whose begin was not told", async () => {
    await using journal = await openJournal(folder);
    const clock = startClock();
    {
      await using replay = await openLane({ site, journal, clock, ticks: "data" });
      for (const event of day.slice(0, 8)) await tell(replay, journal, clock, event);
    }
    await using open = await lane(journal, { clock });
    for (const event of day.slice(8)) await tell(open, journal, clock, event);
    const { transitions, deliveries } = await recorded(journal);
    expect(transitions).toEqual(told.transitions);
    expect(deliveries).toEqual(told.deliveries.filter((key) => key.includes(":K2:")));
  });

  it("in a strict house decides and records the same, and orders nothing that would tell of an office", async () => {
    await using journal = await openJournal(folder);
    const clock = startClock();
    const strict: Site = { ...site, policy: { ...site.policy, privacy: "strict" } };
    await using open = await lane(journal, { clock, site: strict });
    for (const event of day) await tell(open, journal, clock, event);
    expect(await recorded(journal)).toEqual({ ...told, deliveries: [] });
  });

  it("records what a backlog brings and notifies nobody", async () => {
    await using journal = await openJournal(folder);
    const clock = startClock();
    await using open = await lane(journal, { clock });
    await tell(open, journal, clock, off(3600, 3000));
    for (const [n, [t, conversation, since]] of (
      [
        [100, "on", 90],
        [200, "on", 90],
        [400, "off", 380],
      ] as const
    ).entries())
      await tell(open, journal, clock, { at: 3601 + n, t, device: "k1", conversation, since });
    expect(await recorded(journal)).toEqual({
      transitions: ["90 K1 pending", "150 K1 firing", "380 K1 resolved conversation-ended"],
      episodes: ["K1 90–380"],
      deliveries: [],
    });
  });
});

describe("started again", () => {
  it("goes on from a state as it was kept before there were parts", async () => {
    await using journal = await openJournal(folder);
    const clock = startClock();
    {
      await using open = await lane(journal, { clock });
      for (const event of day.slice(0, 11)) await tell(open, journal, clock, event);
    }
    const { throughId, ...kept } = (await journal.snapshot(SNAPSHOT))!;
    const json = JSON.stringify(putTogether(kept).state);
    await journal.record({ snapshot: { name: SNAPSHOT, json, throughId } });
    await using open = await lane(journal, { clock });
    for (const event of day.slice(11)) await tell(open, journal, clock, event);
    await expectAllPartsAndNoOther(journal);
    expect(await recorded(journal)).toEqual(told);
  });

  it("records its state within seconds, and what a salvage has left of older ones goes with it", async () => {
    await using journal = await openJournal(folder);
    const clock = startClock();
    {
      await using open = await lane(journal, { clock });
      for (const event of day.slice(0, 3)) await tell(open, journal, clock, event);
    }
    const kept = (await journal.snapshot(SNAPSHOT))!;
    const old = [9_999_999, '{"room":"K1"}'] as const;
    await journal.record({ snapshot: { name: SNAPSHOT, ...kept, parts: [...kept.parts, old] } });
    await using open = await lane(journal, { clock });
    expect((await parts(journal)).there).toContain(9_999_999);
    clock.advanceTo(clock.now() + 6000);
    await new Promise(setImmediate);
    await open.drained();
    await expectAllPartsAndNoOther(journal);
  });
});

describe("started again with a state of which a part is damaged", () => {
  it("goes on with the other rooms; that room begins anew, and what its devices say again is decided once", async () => {
    const clock = startClock();
    const begin = day.slice(0, 11);
    {
      await using journal = await openJournal(folder);
      await using open = await lane(journal, { clock });
      for (const event of begin) await tell(open, journal, clock, event);
    }
    {
      using db = new DatabaseSync(join(folder, "journal.db"));
      const damage = db.prepare(
        "UPDATE snapshot SET json = replace(json, '1', '2') WHERE name LIKE 'lane/%' AND json LIKE ?",
      );
      expect(damage.run('%"room":"K1"%').changes).toBe(2);
    }
    await using journal = await openJournal(folder);
    const live = createLiveViews({ site, startedAt: EIGHT, devices: () => [] });
    {
      await using open = await lane(journal, { clock, live });
      const shown = (room: string) => live.rooms().find(({ id }: RoomView) => id === room)!.conversation;
      expect([shown("K1"), shown("K2")]).toEqual(["unknown", "on"]);
      for (const event of day.slice(begin.length)) await tell(open, journal, clock, event);
    }
    expect(journal.damage()).toMatchObject([{ records: 2 }]);
    await expectAllPartsAndNoOther(journal);
    expect(await recorded(journal)).toEqual(told);
  });
});

/** A journal whose process dies at its nth record: before the transaction, or after it and before anybody hears. */
function dyingAt(journal: Journal, nth: number, when: "before" | "after"): Journal & { readonly died: Promise<void> } {
  const { promise: died, resolve } = Promise.withResolvers<void>();
  let left = nth;
  const record: Journal["record"] = async (decision) => {
    const dies = left-- === 0;
    if (!dies || when === "after") await journal.record(decision);
    if (!dies) return;
    resolve();
    await new Promise(() => {});
  };
  return { ...journal, record, died };
}

describe("killed at any point and started again", () => {
  for (const when of ["before", "after"] as const)
    for (let nth = 0; nth <= 16; nth++)
      it(`${when} record ${nth}: the same transitions, once`, async () => {
        await using journal = await openJournal(folder);
        const clock = startClock();
        const dying = dyingAt(journal, nth, when);
        const first = await Promise.race([lane(dying, { clock }), dying.died]);
        let dead = first === undefined;
        dying.died.then(() => {
          dead = true;
        });
        let next = first;
        for (const event of day) {
          if (dead && next === first) next = await lane(journal, { clock });
          await Promise.race([tell(next!, journal, clock, event), ...(next === first ? [dying.died] : [])]);
        }
        if (next === first && dead) next = await lane(journal, { clock });
        await next![Symbol.asyncDispose]();
        await expectAllPartsAndNoOther(journal);
        expect({ dead, ...(await recorded(journal)) }).toEqual({ dead: true, ...told });
      });

  it("before every single event, with nothing written on the way out", async () => {
    await using journal = await openJournal(folder);
    let before = 0;
    let numbers: readonly number[] = [0];
    for (const event of day) {
      // A clock of its own, so that the lanes that are gone do not go on.
      const clock = startClock(before);
      await tell(await lane(journal, { clock }), journal, clock, event);
      before = event.at;
      const { there } = await parts(journal);
      // What is recorded anew has other numbers than everything before.
      expect(there[0] === numbers[0] || there[0]! > numbers.at(-1)!).toBe(true);
      numbers = there;
    }
    expect(numbers[0]).toBeGreaterThan(100);
    expect(await recorded(journal)).toEqual(told);
  });
});
