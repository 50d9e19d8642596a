/** Who may not know of talk cannot tell from the figures of a boundary that a conversation has just ended. */
import { expect, it } from "vitest";
import type { PairView } from "#protocol/api.ts";
import { openHouse } from "./house.fixture.ts";
import { bearer } from "./people.fixture.ts";

const DAY = 86_400_000;

it("a boundary is told as it stood in the day, counts and days coarsely, and without what is heard now", async () => {
  await using house = await openHouse();
  const { live, clock } = house;
  const know = (episodes: number, ld: number) =>
    live.knowledge({
      from: "K1",
      to: "K2",
      ld: [ld, ld, ld, ld, ld],
      sigma: [1, 1, 1, 1, 1],
      limited: [false, false, false, false, false],
      spc: { value: ld + 40, sigma: 1, limited: false },
      episodes,
      learnedAt: clock.now(),
      dropDb: null,
    });
  const told = async (who: string): Promise<Partial<PairView>> => {
    const answer = await house.app.inject({ url: "/api/v1/pairs", headers: bearer(who) });
    const { state, reason, ld, spcClass, episodes, learnedAt } = (answer.json() as PairView[])[0]!;
    return { state, reason, ld, spcClass, episodes, learnedAt };
  };
  const octaves = (ld: number) => Array<number>(5).fill(ld);
  know(14, 38);
  const before = {
    state: "unknown",
    reason: "not-told",
    ld: octaves(38),
    spcClass: "standard-privacy",
    episodes: 10,
    learnedAt: "2026-11-23T00:00:00.000Z",
  };
  expect(await told("facilities")).toEqual(before);
  clock.advanceTo(clock.now() + 20 * 60_000);
  know(15, 37);
  expect(await told("facilities")).toEqual(before);
  expect(await told("team-lead K1")).toMatchObject({ ld: octaves(37), episodes: 15, reason: "starting" });
  expect((await house.app.inject("/api/v1/leakage")).json()).toEqual({ pairs: 38, measured: 1, standardPrivacy: 1 });
  clock.advanceTo(clock.now() + DAY);
  expect(await told("facilities")).toEqual({ ...before, ld: octaves(37) });
});

it("free rooms are door signs, and say no more than that", async () => {
  await using house = await openHouse();
  const { live, clock } = house;
  const since = clock.now();
  live.situation({ room: "S1", conversation: "off", reason: null, occupied: false, since });
  live.situation({ room: "S2", conversation: "on", reason: null, occupied: true, since });
  live.situation({ room: "K1", conversation: "on", reason: null, occupied: true, since });
  const answer = await house.app.inject({ url: "/api/v1/free-rooms", headers: bearer("facilities") });
  const sign = (id: string, state: string) => ({
    id,
    name: { da: `Samtalerum ${id}`, en: `Conversation room ${id}` },
    state,
    readiness: "unknown",
  });
  const unknown = ["S3", "S4", "S5"].map((id) => sign(id, "unknown"));
  expect(answer.json()).toEqual([sign("S1", "free"), sign("S2", "in-use"), ...unknown]);
});
