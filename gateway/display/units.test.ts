import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Site } from "#protocol/site.ts";
import { parseSite } from "#protocol/site-file.ts";
import { groupedSight, sightOf } from "./sight.ts";
import { unitsOf } from "./units.ts";

const demo = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");

interface Given {
  readonly strict?: boolean;
  readonly zones?: Readonly<Record<string, string>>;
}

/** Offices by how many work there, `A3` being A with three, `S` a conversation room, `G` a corridor. */
function house(rooms: string, { strict = false, zones = {} }: Given = {}): Site {
  return Site.parse({
    site: "house",
    name: "House",
    timeZone: "UTC",
    policy: { privacy: strict ? "strict" : "normal" },
    rooms: rooms.split(" ").map((text) => {
      const id = text[0]!;
      const kind = { S: "conversation-room", T: "conversation-room", G: "corridor" }[id] ?? "shared-office";
      return { id, name: id, kind, assigned: Number(text.slice(1)) };
    }),
    zones: Object.entries(zones).map(([id, inZone]) => ({ id, name: id, rooms: inZone.split(" ") })),
  });
}

/** Units as `id: rooms`, then every room that is told in none and why. */
function told(site: Site): string[] {
  const { told, of } = unitsOf(site);
  const silent = [...of].flatMap(([room, unit]) => (typeof unit === "string" ? [`${room} ${unit}`] : []));
  return [...told.map(({ id, rooms }) => `${id}: ${rooms.join(" ")}`), ...silent];
}

describe("units", () => {
  it("the demo's two large offices are told singly, its small ones together, its conversation rooms together", () => {
    expect(told(demo)).toEqual([
      "K1: K1",
      "K2: K2",
      "group-K3: K3 K4 K5",
      "conversation-rooms: S1 S2 S3 S4 S5",
      "V1: V1",
      "G1: G1",
      "K6 one-person",
    ]);
  });

  it.each([
    [
      "small offices fill groups of five, and the rest joins the last",
      "A2 B2 C2 D2 E2 F2 H2",
      {},
      ["group-A: A B C", "group-D: D E F H"],
    ],
    [
      "a small office takes the smallest large one with it: told singly, that would tell it",
      "A4 B3 C2",
      {},
      ["A: A", "group-C: B C"],
    ],
    [
      "two small offices of four people are too few without a third room",
      "A2 B2",
      {},
      ["A too-few-people", "B too-few-people"],
    ],
    ["a zone is told by its name", "A2 B3 C2 D2", { zones: { east: "A C D" } }, ["B: B", "east: A C D"]],
    [
      "of a zone only its small offices, so that nothing can be subtracted",
      "A2 B2 C2 D3",
      {
        zones: { east: "A B C D" },
      },
      ["D: D", "east: A B C"],
    ],
    [
      "a zone that is too small joins the one that is not",
      "A2 B2 C2 D2",
      { zones: { east: "A B C", west: "D" } },
      ["east: A B C D"],
    ],
    ["strict: nothing but groups", "A3 B3 C4 D4", { strict: true }, ["group-A: A B", "group-C: C D"]],
    ["one conversation room would be told by all of them", "A5 S0", {}, ["A: A", "S too-few-people"]],
    ["a corridor is everybody's, where there are enough", "A5 G0", {}, ["A: A", "G: G"]],
    ["and is told of nobody, where there are not", "A4 G0", {}, ["A: A", "G too-few-people"]],
    [
      "a room of one person is never told, and counts for no group",
      "A1 B2 C2",
      {},
      ["A one-person", "B too-few-people", "C too-few-people"],
    ],
  ])("%s", (_claim, rooms, given, expected) => {
    expect(told(house(rooms, given)).sort()).toEqual(expected.toSorted());
  });

  const anyHouse = fc
    .record({
      staff: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 }),
      zone: fc.array(fc.constantFrom("", "x", "y"), { minLength: 12, maxLength: 12 }),
      strict: fc.boolean(),
    })
    .map(({ staff, zone, strict }) => {
      const ids = staff.map((_, i) => String.fromCharCode(97 + i));
      const inZone = (name: string) => ids.filter((_, i) => zone[i] === name).join(" ");
      const zones = Object.fromEntries(["x", "y"].flatMap((name) => (inZone(name) ? [[name, inZone(name)]] : [])));
      return house(staff.map((assigned, i) => `${ids[i]}${assigned}`).join(" "), { strict, zones });
    });

  it("whatever the house: no room is in two units, and every unit is of three in a room or five in two", () => {
    fc.assert(
      fc.property(anyHouse, (site) => {
        const units = unitsOf(site);
        const rooms = units.told.flatMap((unit) => unit.rooms);
        expect(new Set(rooms).size).toBe(rooms.length);
        for (const { kind, rooms: own } of units.told) {
          const staff = own.map((id) => site.rooms.find((room) => room.id === id)!.assigned);
          const people = staff.reduce((sum, one) => sum + one, 0);
          if (kind === "room") expect([own.length, people >= 3]).toEqual([1, true]);
          else expect([people >= 5, staff.filter((one) => one > 0).length >= 2]).toEqual([true, true]);
          expect(staff).not.toContain(1);
          if (site.policy.privacy === "strict") expect(kind).toBe("group");
        }
      }),
    );
  });

  it("in whatever order the site file names rooms and zones, the same are told together", () => {
    const unordered = ({ told }: ReturnType<typeof unitsOf>) =>
      new Map(told.map(({ id, kind, name, rooms }) => [id, { kind, name, rooms: new Set(rooms) }]));
    const shuffled = anyHouse.chain((site) =>
      fc.tuple(
        fc.constant(site),
        fc.shuffledSubarray(site.rooms, { minLength: site.rooms.length }),
        fc.shuffledSubarray(site.zones, { minLength: site.zones.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([site, rooms, zones]) => {
        expect(unordered(unitsOf({ ...site, rooms, zones }))).toEqual(unordered(unitsOf(site)));
      }),
    );
  });
});

describe("sight", () => {
  const own = (rooms: string[]) => {
    const sight = sightOf(demo, { reach: new Set(["own-rooms"]), rooms }, 0)!;
    return sight.reach === "all" ? [] : sight.own;
  };

  it("somebody's own rooms are told as they are told to everybody: with the others of their group", () => {
    const grouped = groupedSight(demo, 0).own;
    expect(own(["K4"]).map(({ id }) => id)).toEqual(["group-K3"]);
    expect(own(["K1", "S2"]).map(({ id }) => id)).toEqual(["K1", "conversation-rooms"]);
    for (const unit of own(["K1", "K4", "S2"])) expect(grouped).toContainEqual(unit);
    expect(own(["K6"])).toEqual([]);
  });

  it("without a reach there is nothing, and the widest counts", () => {
    const sight = (...reach: ("all" | "grouped" | "own-rooms" | "summary")[]) =>
      sightOf(demo, { reach: new Set(reach), rooms: [] }, 0)?.reach;
    expect([
      sight(),
      sight("summary"),
      sight("own-rooms"),
      sight("own-rooms", "grouped"),
      sight("grouped", "all"),
    ]).toEqual([undefined, undefined, "own-rooms", "grouped", "all"]);
  });
});
