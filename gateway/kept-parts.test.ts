import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Snapshot } from "./journal/journal.ts";
import { keepInParts, putTogether } from "./kept-parts.ts";

type Kept = Pick<Snapshot, "json" | "parts" | "dropped">;

/** What a journal holds after these: the parts of the last that was whole, and what has changed since. */
function held(records: readonly Kept[]) {
  const parts = new Map<number, string>();
  for (const { parts: put = [], dropped } of records) {
    if (dropped === undefined) parts.clear();
    for (const number of dropped ?? []) expect(parts.delete(number), `part ${number} is there`).toBe(true);
    for (const [number, json] of put) {
      expect(parts.has(number), `part ${number} is new`).toBe(false);
      parts.set(number, json);
    }
  }
  return { json: records.at(-1)!.json, parts: [...parts] };
}

const plain = (state: unknown) => JSON.parse(JSON.stringify(state));

/** States of a story: most of what is in one was in the one before, the same objects. */
const member = fc.object({ maxDepth: 1, values: [fc.jsonValue({ maxDepth: 1 }), fc.constant(undefined)] });
const list = fc.oneof(
  { weight: 4, arbitrary: fc.array(member, { maxLength: 5 }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const section = fc.dictionary(fc.constantFrom("rooms", "pairs", "due", "a,b", "__proto__"), list, { maxKeys: 3 });
const anyState = fc.dictionary(
  fc.constantFrom("detect", "alerts", "told", "lists", "__proto__"),
  fc.oneof(section, fc.jsonValue()),
);
/** One member another, one gone, one more, the list turned round, a section as it was or as it is in another state. */
const change = fc.record({
  kind: fc.constantFrom("replace", "remove", "add", "reverse", "same"),
  at: fc.nat(),
  member,
});
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

function changedList(members: readonly unknown[], { kind, at, member: one }: Change): readonly unknown[] {
  const index = members.length === 0 ? 0 : at % members.length;
  if (kind === "replace" && members.length > 0) return members.with(index, one);
  if (kind === "remove") return members.toSpliced(index, 1);
  if (kind === "add") return members.toSpliced(index, 0, one);
  return kind === "reverse" ? members.toReversed() : members;
}

function changed(state: object, next: Change): object {
  const places = Object.entries(state).flatMap(([name, inner]) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.entries(inner).flatMap(([key, value]) => (Array.isArray(value) ? [{ name, inner, key, value }] : []))
      : [],
  );
  const place = places[next.at % places.length];
  if (place === undefined) return state;
  const { name, inner, key, value } = place;
  const put = <T>(into: object, at: string, one: T) => Object.fromEntries([...Object.entries(into), [at, one]]);
  return put(state, name, put(inner as object, key, changedList(value, next)));
}

describe("a state that is kept in parts", () => {
  it("is put together as it was, after any sequence of states, failures and restarts among them", () => {
    const told = fc.oneof(
      { weight: 6, arbitrary: change },
      { weight: 1, arbitrary: anyState.map((state) => ({ kind: "another" as const, state })) },
      { weight: 1, arbitrary: fc.constant({ kind: "failed" as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: "restarted" as const }) },
    );
    fc.assert(
      fc.property(anyState, fc.array(told, { maxLength: 12 }), (first, story) => {
        let state: object = first;
        let keeper = keepInParts();
        let records: readonly Kept[] = [keeper.keep(state)];
        for (const next of story) {
          if (next.kind === "another") state = next.state;
          else if (next.kind === "restarted") keeper = keepInParts(putTogether(held(records)).last);
          else if (next.kind === "failed") {
            keeper.keep(state);
            keeper.distrust();
          } else state = changed(state, next);
          records = [...records, keeper.keep(state)];
          expect(putTogether(held(records)).state).toEqual(plain(state));
          // Nothing stays that it is not made of.
          expect(
            held(records)
              .parts.map(([, json]) => json)
              .sort(),
          ).toEqual(memberTexts(state).sort());
        }
      }),
      { numRuns: 300 },
    );
  });

  const rooms = ["K1", "K2", "K3"].map((id) => ({ id, on: false }));
  const house = { detect: { now: 1, rooms }, alerts: { watches: [{ id: "W1" }] }, announced: ["a"] };

  it("costs what has changed: the new member is a part, the one that it replaces is none", () => {
    const keeper = keepInParts();
    expect(keeper.keep(house)).toEqual({
      json: JSON.stringify({
        last: 4,
        lists: [
          ["detect", "rooms"],
          ["alerts", "watches"],
        ],
        state: { detect: { now: 1, rooms: "1,2,3" }, alerts: { watches: "4" }, announced: ["a"] },
      }),
      parts: [
        [1, '{"id":"K1","on":false}'],
        [2, '{"id":"K2","on":false}'],
        [3, '{"id":"K3","on":false}'],
        [4, '{"id":"W1"}'],
      ],
    });
    const next = { ...house, detect: { now: 2, rooms: rooms.with(1, { id: "K2", on: true }) } };
    expect(keeper.keep(next)).toMatchObject({ parts: [[5, '{"id":"K2","on":true}']], dropped: [2] });
    expect(keeper.keep({ ...next, announced: [] })).toMatchObject({ parts: [], dropped: [] });
    const shorter = { ...next, detect: { now: 3, rooms: next.detect.rooms.slice(0, 2) } };
    expect(keeper.keep(shorter)).toMatchObject({ parts: [], dropped: [3] });
  });

  it("gives no number twice, whatever was recorded in between", () => {
    const keeper = keepInParts();
    const numbers = (kept: Kept) => kept.parts!.map(([number]) => number);
    const before = numbers(keeper.keep(house));
    keeper.distrust();
    const again = keeper.keep(house);
    const { last } = putTogether({ json: again.json, parts: again.parts! });
    const after = numbers(keepInParts(last).keep(house));
    expect(new Set([...before, ...numbers(again), ...after]).size).toBe(12);
  });

  it("of which a part cannot be read is without that room alone", () => {
    const { json, parts } = keepInParts().keep(house);
    expect(putTogether({ json, parts: parts!.filter(([number]) => number !== 2) }).state).toEqual({
      ...house,
      detect: { now: 1, rooms: [rooms[0], rooms[2]] },
    });
  });

  it("is read as it was kept before there were parts", () => {
    expect(putTogether({ json: JSON.stringify(house), parts: [] })).toEqual({ state: house, last: 0 });
  });
});

const memberTexts = (state: object): string[] =>
  Object.values(state).flatMap((inner) =>
    typeof inner !== "object" || inner === null || Array.isArray(inner)
      ? []
      : Object.values(inner).flatMap((value) =>
          Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null)
            ? value.map((one) => JSON.stringify(one))
            : [],
        ),
  );
