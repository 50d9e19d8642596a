import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Millis } from "#protocol/quantities.ts";
import { type EpisodeResult, type Health, type KeptPair, known, learn, nothingKept, pairDay } from "./knowledge.ts";
import { createDice, START } from "./two-rooms.fixture.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MIDNIGHT = START - 9 * HOUR;
const NONE = [null, null, null, null, null];

/** An episode that measured level difference `ld` in every octave, and one that found only a lower bound. */
const measured = (ld: number, sigma = 0.5): EpisodeResult => ({
  ld: Array(5).fill(ld),
  sigma: Array(5).fill(sigma),
  bound: NONE,
  seconds: 600,
});
const bounded = (bound: number): EpisodeResult => ({
  ld: NONE,
  sigma: NONE,
  bound: Array(5).fill(bound),
  seconds: 600,
});

/** Episodes one after another, `perDay` a day from `day` 0 on; and what each said of the boundary's health. */
function story(
  episodes: readonly EpisodeResult[],
  perDay = 5,
  from: KeptPair = nothingKept,
  firstDay = 0,
): { kept: KeptPair; healths: Health[]; at: Millis } {
  let kept = from;
  const healths: Health[] = [];
  let at = 0;
  for (const [i, episode] of episodes.entries()) {
    const day = MIDNIGHT + (firstDay + Math.floor(i / perDay)) * DAY;
    at = day + 9 * HOUR + (i % perDay) * HOUR;
    const learnt = learn(kept, episode, day, at);
    kept = learnt.kept;
    healths.push(learnt.health);
  }
  return { kept, healths, at };
}
const times = (count: number, episode: EpisodeResult) => Array.from({ length: count }, () => episode);

describe("what is known of a boundary", () => {
  it("is nothing at first", () =>
    expect(known(nothingKept, START)).toEqual({
      ld: NONE,
      sigma: NONE,
      limited: Array(5).fill(false),
      episodes: 0,
      learnedAt: null,
      usable: false,
    }));

  it("may predict after three conversations", () => {
    const { kept, at } = story([measured(30), measured(31), measured(32)]);
    expect(known(kept, at)).toEqual({
      ld: Array(5).fill(expect.closeTo(31, 1)),
      sigma: Array(5).fill(expect.closeTo(Math.sqrt(1.25 / 3), 1)),
      limited: Array(5).fill(false),
      episodes: 3,
      learnedAt: at,
      usable: true,
    });
    expect(known(story([measured(30), measured(31)]).kept, at).usable).toBe(false);
  });

  it("counts the more precise for more", () => {
    const { kept, at } = story([measured(30, 0.5), measured(30, 0.5), measured(32, 3)]);
    expect(known(kept, at).ld[0]).toBeLessThan(30.4);
  });

  it("does not move for one evening with the door open", () => {
    const weeks = story(times(50, measured(30)));
    const evening = story(times(4, measured(18)), 5, weeks.kept, 10);
    expect(known(evening.kept, evening.at).ld).toEqual(Array(5).fill(expect.closeTo(30, 9)));
    expect(known(story([measured(30), measured(18), measured(30)]).kept, START + DAY).ld[0]).toBeCloseTo(30, 9);
  });

  it("forgets: after a month of another kind the old counts little, after 45 days not at all", () => {
    const old = story(times(20, measured(30)), 2);
    const turned = story(times(60, measured(31.5)), 2, old.kept, 10);
    expect(known(turned.kept, turned.at).ld[0]).toBeGreaterThan(31.2);
    expect(known(old.kept, old.at + 46 * DAY)).toMatchObject({ ld: NONE, episodes: 0, learnedAt: null });
    const long = story(times(200, measured(30)), 2);
    expect(long.kept.days.length).toBeLessThanOrEqual(45);
    expect(known(long.kept, long.at).episodes).toBeLessThanOrEqual(90);
  });

  it("is a lower bound where nothing was ever heard: the greatest that another one confirms", () => {
    const { kept, at } = story([bounded(35), bounded(47), bounded(41)]);
    expect(known(kept, at)).toMatchObject({
      ld: Array(5).fill(41),
      sigma: NONE,
      limited: Array(5).fill(true),
      episodes: 3,
    });
    expect(known(story([bounded(35)]).kept, at).ld[0]).toBe(35);
  });

  it("is measured where a few conversations were loud enough, unless the bounds of more contradict them", () => {
    const quiet = story([bounded(27), bounded(28), bounded(26), measured(30), bounded(29)]);
    expect(known(quiet.kept, quiet.at)).toMatchObject({ ld: Array(5).fill(30), limited: Array(5).fill(false) });
    const open = story([bounded(38), bounded(39), bounded(40), measured(18)]);
    expect(known(open.kept, open.at)).toMatchObject({ ld: Array(5).fill(39), limited: Array(5).fill(true) });
  });

  it("does not learn from a conversation that showed nothing", () => {
    const nothing: EpisodeResult = { ld: NONE, sigma: NONE, bound: NONE, seconds: 30 };
    expect(learn(nothingKept, nothing, MIDNIGHT, START)).toEqual({ kept: nothingKept, health: "same" });
  });

  it("comes near the truth whatever a fifth of the episodes say", () =>
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 10, max: 60, noNaN: true }), (seed, wrong) => {
        const dice = createDice(seed);
        const episodes = Array.from({ length: 25 }, (_, i) => measured(i % 5 === 2 ? wrong : 33 + dice.gaussian()));
        const { kept, at } = story(episodes);
        // Episodes scatter by 1 dB; up to 3 dB from their median the wrong ones count, with a fifth of the weight and more.
        expect(Math.abs(known(kept, at).ld[3]! - 33)).toBeLessThan(2);
      }),
    ));

  it("is plain JSON", () => {
    const { kept } = story([...times(12, measured(30)), bounded(20)]);
    expect(JSON.parse(JSON.stringify(kept))).toEqual(kept);
  });
});

describe("a boundary's health", () => {
  const weeks = story(times(30, measured(32)));
  const after = (episodes: readonly EpisodeResult[]) => story(episodes, 5, weeks.kept, 6);

  it("is degraded by two conversations in a row more than 3 dB below the median, restored within 2 dB of it", () =>
    expect(after([measured(27), measured(27.5), measured(28), measured(29.5), measured(30.5)]).healths).toEqual([
      "same",
      "degraded",
      "same",
      "same",
      "restored",
    ]));

  it("is not degraded by one alone, nor by two with a good one between", () =>
    expect(new Set(after([measured(20), measured(32), measured(20), measured(31)]).healths)).toEqual(
      new Set(["same"]),
    ));

  it("says by how much", () => {
    expect(after([measured(27), measured(26)]).kept.dropDb).toBeCloseTo(6, 1);
    expect(after([measured(27), measured(26), measured(32)]).kept.dropDb).toBeNull();
  });

  it("is not judged before three conversations", () =>
    expect(story([measured(32), measured(20), measured(20)]).healths).toEqual(["same", "same", "same"]));

  it("where only a bound was known is degraded by what is measured below it", () => {
    const good = story(times(10, bounded(45)));
    expect(story([measured(30), measured(30)], 5, good.kept, 2).healths).toEqual(["same", "degraded"]);
    expect(story(times(3, bounded(20)), 5, good.kept, 2).healths).toEqual(["same", "same", "same"]);
  });

  it("after a rebuilding is learned anew: six better conversations in a row", () => {
    const rebuilt = after(times(6, measured(41)));
    expect(rebuilt.healths).toEqual(times(6, measured(0)).map(() => "same"));
    expect(known(rebuilt.kept, rebuilt.at).ld[0]).toBeCloseTo(41, 0);
    expect(known(after(times(5, measured(41))).kept, rebuilt.at).ld[0]).toBeCloseTo(32, 0);
  });
});

describe("the day", () => {
  it("says what its conversations have shown so far, and begins anew at midnight", () => {
    expect(pairDay(nothingKept)).toBeNull();
    const { kept } = story([measured(30), measured(32), measured(31)]);
    expect(pairDay(kept)).toEqual({
      day: MIDNIGHT,
      episodes: 3,
      ld: Array(5).fill(expect.closeTo(31, 2)),
      sigma: Array(5).fill(expect.any(Number)),
      bound: NONE,
    });
    const next = story([bounded(25)], 5, kept, 1);
    expect(pairDay(next.kept)).toEqual({
      day: MIDNIGHT + DAY,
      episodes: 1,
      ld: NONE,
      sigma: NONE,
      bound: Array(5).fill(25),
    });
  });
});
