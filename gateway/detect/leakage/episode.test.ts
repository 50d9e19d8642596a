import { describe, expect, it } from "vitest";
import { type EpisodeLeak, estimateEpisode, freshEpisode, stepEpisode } from "./episode.ts";
import { type LeakSums, leakSums, noLeak } from "./leak.ts";
import {
  createDice,
  type Dice,
  dialogue,
  framesOf,
  keyboard,
  NC,
  partition,
  type Sound,
  START,
  sensed,
  silence,
  through,
  together,
} from "./two-rooms.fixture.ts";

const MINUTES = 14;
const SECONDS = MINUTES * 60;

/** The boundary is R'w `before` until second `at`, then `after`; states after each minute. */
function talkThrough(dice: Dice, before: number, after: number, at: number, own: Sound): EpisodeLeak[] {
  const talk = dialogue(dice, SECONDS);
  const [one, two] = [through(talk, partition(before)), through(talk, partition(after))];
  const heard = { ...one, energies: one.energies.map((second, i) => (i < at ? second : two.energies[i]!)) };
  const a = framesOf(sensed(dice, talk, NC[25]!), talk.speech);
  const b = framesOf(sensed(dice, together(heard, own), NC[25]!), heard.speech);
  const states: EpisodeLeak[] = [];
  let state = freshEpisode;
  for (let i = 0; i < MINUTES; i++) {
    const from = START + i * 60_000;
    state = stepEpisode(state, leakSums(a.window(from, 60), b.window(from, 60)));
    states.push(state);
  }
  return states;
}
const quiet = silence(SECONDS);
const segmentsOf = (states: readonly EpisodeLeak[]) => states.map(({ segments }) => segments);
const within = (state: EpisodeLeak, rw: number) => {
  for (const [k, ld] of estimateEpisode(state).ld.entries())
    if (ld !== null) expect(Math.abs(ld - partition(rw)[k]!)).toBeLessThan(1.5);
};

describe("a conversation's level difference", () => {
  it("is one segment as long as the door stays as it is, also when somebody types", () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const dice = createDice(seed);
      const states = talkThrough(dice, 30, 30, 0, seed % 2 ? quiet : keyboard(dice, SECONDS));
      expect(segmentsOf(states)).toEqual(Array(MINUTES).fill(1));
      expect(estimateEpisode(states.at(-1)!).seconds).toBe(SECONDS);
      within(states.at(-1)!, 30);
    }
  });

  it.each([
    ["opens, R'w 30 to 15", 30, 15],
    ["closes, R'w 15 to 30", 15, 30],
    ["opens a little, R'w 30 to 25", 30, 25],
    ["closes, R'w 25 to 40", 25, 40],
  ])("begins anew when the door %s: known within two minutes", (_, before, after) => {
    for (const seed of [1, 2, 3, 4]) {
      const states = talkThrough(createDice(seed), before, after, 420, quiet);
      expect(segmentsOf(states).slice(0, 7)).toEqual(Array(7).fill(1));
      expect(segmentsOf(states).slice(8)).toEqual(Array(6).fill(2));
      within(states[6]!, before);
      within(states.at(-1)!, after);
      expect(estimateEpisode(states.at(-1)!).seconds).toBeLessThanOrEqual(420);
    }
  });

  it("waits for a second window when the first is not overwhelming, and forgives one that stands alone", () => {
    /** A minute in which each octave shows level difference `ld` with standard error `se` of h = 0.001. */
    const minute = (ld: number, se: number): LeakSums =>
      noLeak.map((band) => ({
        ...band,
        n: 60,
        a: 6e7,
        b: 6e5,
        speechSeconds: 60,
        speechA: 6e7,
        speechB: 6e5,
        aa: (1e-3 * se) ** -2,
        ab: 10 ** (-ld / 10) * (1e-3 * se) ** -2,
      }));
    const steady = [1, 2, 3].reduce((state) => stepEpisode(state, minute(30, 0.05)), freshEpisode);
    const doubtful = stepEpisode(steady, minute(24, 0.9));
    expect([doubtful.segments, doubtful.suspect?.direction]).toEqual([1, "open"]);
    expect(estimateEpisode(doubtful)).toEqual(estimateEpisode(steady));
    expect(stepEpisode(doubtful, minute(24, 0.9))).toMatchObject({ segments: 2, suspect: null });
    expect(stepEpisode(doubtful, minute(30, 0.1))).toMatchObject({ segments: 1, suspect: null });
    expect(estimateEpisode(stepEpisode(doubtful, minute(30, 0.1))).seconds).toBe(300);
    expect(stepEpisode(doubtful, minute(38, 0.05))).toMatchObject({ segments: 2, suspect: null });
    expect(stepEpisode(steady, minute(24, 0.4))).toMatchObject({ segments: 2, suspect: null });
  });

  it("knows nothing before the first window", () => {
    const nothing = Array(5).fill(null);
    expect(estimateEpisode(freshEpisode)).toEqual({ ld: nothing, sigma: nothing, bound: nothing, seconds: 0 });
  });
});
