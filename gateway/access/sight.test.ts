import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AlertView,
  Conversation,
  type FreeRoomView,
  Hearing,
  type PairView,
  Privacy,
  type RoomView,
} from "#protocol/api.ts";
import { type Role, Role as Roles } from "#protocol/roles.ts";
import type { Site } from "#protocol/site.ts";
import { readConfig } from "../config.ts";
import { createLiveViews } from "../deliver/live-views.ts";
import type { GroupedSight } from "../display/sight.ts";
import type { Person } from "./person.ts";
import {
  historySightsOf,
  type Sight,
  seenAlert,
  seenDevice,
  seenFreeRoom,
  seenPair,
  seenRoom,
  sightsOf,
  withoutTalk,
} from "./sight.ts";

const T = Date.parse("2026-11-23T10:00:00Z");
const DAY = 86_400_000;
const { site } = readConfig({});
const strict: Site = { ...site, policy: { ...site.policy, privacy: "strict" } };
const sightOf = sightsOf(site);
const historySightOf = historySightsOf(site);
/** A claim must hold however the house tells. */
const houses = [
  ["normal", site],
  ["strict", strict],
] as const;
const roomIds = site.rooms.map(({ id }) => id);
const blank = createLiveViews({ site, startedAt: T, devices: () => [] });
const person = (roles: readonly Role[], rooms: readonly string[] = []): Person => ({
  id: "p",
  roles,
  rooms,
  by: "session",
});

const rooms = fc.subarray(roomIds);
const roomViews: fc.Arbitrary<RoomView[]> = fc.tuple(
  ...blank.rooms().map((room) =>
    fc
      .record({
        conversation: fc.constantFrom(...Conversation.options),
        privacy: fc.constantFrom(...Privacy.options),
        occupied: fc.option(fc.boolean()),
        free: fc.option(fc.boolean()),
      })
      .map((state): RoomView => ({ ...room, ...state })),
  ),
);
const pairViews: fc.Arbitrary<PairView[]> = fc.tuple(
  ...blank.pairs().map((pair) =>
    fc
      .record({
        state: fc.constantFrom(...Privacy.options),
        link: fc.option(fc.boolean()),
        hearing: fc.option(fc.constantFrom(...Hearing.options)),
        snr: fc.option(fc.integer({ min: -30, max: 20 })),
        sii5: fc.option(fc.integer({ min: 0, max: 1 })),
        probability: fc.option(fc.integer({ min: 0, max: 1 })),
        confidence: fc.option(fc.integer({ min: 0, max: 1 })),
        episodes: fc.nat(9),
        learnedAt: fc.option(fc.nat(DAY / 2).map((ms) => new Date(T - DAY / 4 + ms / 2).toISOString())),
      })
      .map((state): PairView => ({ ...pair, reason: null, ...state })),
  ),
);
const alertViews: fc.Arbitrary<AlertView[]> = fc.array(
  fc
    .record({
      where: fc.constantFrom<readonly [string, string?]>(
        ...roomIds.map((room) => [room] as const),
        ...blank.pairs().map(({ from, to }) => [from, to] as const),
      ),
      resolvedAt: fc.option(fc.nat(60).map((hours) => new Date(T - hours * 3_600_000).toISOString())),
    })
    .map(
      ({ where: [room, ear], resolvedAt }): AlertView => ({
        id: `overheard:${room}>${ear}:${resolvedAt}`,
        rule: ear === undefined ? "conversation-in-shared-office" : "overheard",
        room,
        pair: ear === undefined ? null : [room, ear],
        state: resolvedAt === null ? "firing" : "resolved",
        severity: "warning",
        startedAt: new Date(T - 100 * 3_600_000).toISOString(),
        firedAt: new Date(T - 100 * 3_600_000).toISOString(),
        acknowledgedAt: null,
        resolvedAt,
        reason: null,
        hearing: null,
        dropDb: null,
        message: { da: "", en: "" },
      }),
    ),
);
const house = fc.record({ rooms: roomViews, pairs: pairViews, alerts: alertViews });
type House = typeof house extends fc.Arbitrary<infer T> ? T : never;

interface Seen {
  readonly rooms: readonly RoomView[];
  readonly free: readonly FreeRoomView[];
  readonly pairs: readonly PairView[];
  readonly alerts: readonly AlertView[];
}

const seen = (sight: Sight, { rooms, pairs, alerts }: House): Seen => ({
  rooms: rooms.flatMap((room) => seenRoom(sight, room) ?? []),
  free: rooms.flatMap((room) => seenFreeRoom(sight, room) ?? []),
  pairs: pairs.flatMap((pair) => seenPair(sight, pair, withoutTalk) ?? []),
  alerts: alerts.flatMap((alert) => seenAlert(sight, alert, T) ?? []),
});

describe.each(houses)("symmetric sight in a %s house", (_, site) => {
  const [sightOf, historySightOf] = [sightsOf(site), historySightsOf(site)];

  it("a team lead sees of rooms now what the people of these rooms see, whatever goes on", () => {
    fc.assert(
      fc.property(house, rooms, (house, rooms) => {
        const [lead, staff] = (["team-lead", "room-staff"] as const).map((role) => sightOf(person([role], rooms)));
        expect(lead!.key).toBe(staff!.key);
        expect(seen(lead!, house)).toEqual(seen(staff!, house));
      }),
    );
  });

  it("what happened in a room no team lead is told more of than its people", () => {
    for (const room of roomIds) {
      const lead = historySightOf(person(["team-lead"], [room]), T) as GroupedSight;
      const staff = historySightOf(person(["room-staff"], [room]), T) as GroupedSight;
      const unitsWith = (sight: GroupedSight) => sight.own.filter((unit) => unit.rooms.includes(room));
      expect(unitsWith(lead)).toEqual(unitsWith(staff));
    }
  });
});

const roomsOf = ({ room, pair }: AlertView): readonly string[] => [room!, ...(pair ?? [])];

describe("sight", () => {
  it.each(houses)("in a %s house nobody is told what goes on in rooms that are not theirs", (_, site) => {
    const sightOf = sightsOf(site);
    fc.assert(
      fc.property(house, house, rooms, fc.constantFrom(...Roles.options), (now, other, rooms, role) => {
        const sight = sightOf(person([role], rooms));
        const own = <V>(mine: V[], others: V[], roomOf: (view: V) => string) =>
          mine.map((view, i) => (sight.live.has(roomOf(view)) ? view : others[i]!));
        // Another house that differs in what goes on in other rooms, but not in which conversation room is free, looks the same.
        const same = {
          rooms: own(now.rooms, other.rooms, ({ id }) => id).map((room, i) => ({
            ...room,
            free: now.rooms[i]!.free,
            privacy: now.rooms[i]!.privacy,
          })),
          pairs: own(now.pairs, other.pairs, ({ from }) => from).map((pair, i) => ({
            ...pair,
            learnedAt: now.pairs[i]!.learnedAt,
          })),
          alerts: now.alerts.filter((alert) => sight.pastAlerts || roomsOf(alert).some((room) => sight.live.has(room))),
        };
        expect(seen(sight, same)).toEqual(seen(sight, now));
      }),
    );
  });

  it("in a strict house nobody, whatever they are, can tell from all they see now what goes on in an office", () => {
    const sightOf = sightsOf(strict);
    const isOffice = (id: string) => ["K1", "K2", "K3", "K4", "K5"].includes(id);
    fc.assert(
      fc.property(house, house, fc.subarray([...Roles.options]), rooms, (now, other, roles, rooms) => {
        const sight = sightOf(person(roles, rooms));
        const whenElse = <V>(mine: readonly V[], others: readonly V[], isTold: (view: V) => boolean) =>
          mine.map((view, i) => (isTold(view) ? view : others[i]!));
        const same = {
          rooms: whenElse(now.rooms, other.rooms, ({ id }) => !isOffice(id)),
          pairs: whenElse(now.pairs, other.pairs, ({ from, to }) => !isOffice(from) && !isOffice(to)).map(
            (pair, i) => ({
              ...pair,
              // What is known of the boundary is not what is heard now.
              learnedAt: now.pairs[i]!.learnedAt,
            }),
          ),
          alerts: now.alerts.filter(
            (alert) => !roomsOf(alert).some(isOffice) || (sight.pastAlerts && alert.resolvedAt !== null),
          ),
        };
        expect(seen(sight, same)).toEqual(seen(sight, now));
      }),
    );
    const alert = { rule: "overheard", room: "S1", pair: ["S1", "K1"], resolvedAt: null } as unknown as AlertView;
    const lead = sightOf(person(["team-lead"], roomIds));
    expect([...lead.live]).toEqual(["K6", "S1", "S2", "S3", "S4", "S5", "V1", "G1"]);
    expect(seenAlert(lead, alert, T)).toBeUndefined();
    expect(seenAlert(lead, { ...alert, rule: "privacy-degraded" }, T)).toBeDefined();
  });

  it.each([
    ["room-staff", ["K1", "K3"], "own-rooms"],
    ["team-lead", ["K1", "K3"], "grouped"],
    ["facilities", [], "grouped"],
    ["dpo", [], "all"],
    ["staff-rep", [], "all"],
    ["it-admin", [], "own-rooms"],
  ] as const)("%s sees %j live, and of the past what the display rules tell to: %s", (role, live, reach) => {
    const somebody = person([role], ["k1", "K3", "nowhere"]);
    expect([[...sightOf(somebody).live], historySightOf(somebody, T).reach]).toEqual([live, reach]);
  });

  it("who may see nothing of the past is told building facts of it, and nothing of any room", () => {
    expect(historySightOf(person(["it-admin"], ["K1"]), T)).toMatchObject({ reach: "own-rooms", own: [] });
    expect(historySightOf(undefined, T)).toMatchObject({ reach: "own-rooms", own: [] });
  });

  it("a token sees no more than it was made for", () => {
    const sight = sightOf({ ...person(["team-lead"], ["K1"]), by: "token", only: ["leakage"] });
    expect(sight).toMatchObject({ live: new Set(), pastAlerts: false, freeRooms: false, leakage: true });
  });

  it("nothing that happens in a room of one person is told, only what its boundary keeps in", () => {
    const sight = sightOf(person(["team-lead", "dpo"], roomIds));
    const [overheard] = fc.sample(
      alertViews.filter((alerts) => alerts.length > 0),
      { seed: 1, numRuns: 1 },
    )[0]!;
    const alert = { ...overheard!, room: "K6", resolvedAt: null };
    expect(seenAlert(sight, alert, T)).toBeUndefined();
    expect(seenAlert(sight, { ...alert, rule: "privacy-degraded" }, T)).toBeDefined();
  });

  it("a device of another room tells its times to the minute, and nothing that goes with what it hears", () => {
    const device = {
      id: "k1",
      room: "K1",
      lastSeen: "2026-11-23T10:00:42.123Z",
      received: 4242,
      clockSkewMs: 12,
      faults: ["muted", "clipped", "noise-limited", "denied"],
    };
    expect(seenDevice(sightOf(person(["it-admin"])), device as never)).toEqual({
      id: "k1",
      room: "K1",
      lastSeen: "2026-11-23T10:00:00.000Z",
      received: null,
      clockSkewMs: null,
      faults: ["muted", "denied"],
    });
    expect(seenDevice(sightOf(person(["room-staff"], ["K1"])), device as never)).toBe(device);
  });
});
