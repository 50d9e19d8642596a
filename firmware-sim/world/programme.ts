/** What comes out of loudspeakers: talk and music, the same in every room that takes the programme. */
import { energyOf } from "#protocol/decibel.ts";
import type { Broadcast } from "./day-plan.ts";
import { QUANTILES } from "./dice.ts";
import { createRandom, hashText, type Random } from "./random.ts";
import { type Octaves, scaledTo } from "./spectra.ts";
import type { Day } from "./timetable.ts";

const SECOND = 1000;

/** A stretch of talk or of music, in seconds from the start. */
interface Stretch {
  readonly from: number;
  readonly until: number;
}

export interface Programme {
  /** Instant of its first second, ms. */
  readonly from: number;
  readonly talk: readonly Stretch[];
  readonly songs: readonly Stretch[];
  /** By the second: energy of the talk relative to a normal voice that speaks throughout, and the share spoken. */
  readonly speech: Float32Array;
  readonly spoken: Float32Array;
  /** By the second: energy of the music relative to `MUSIC`. */
  readonly music: Float32Array;
  /** Names the streams and dice of its sound. */
  readonly stream: string;
  readonly place: number;
}

/** Sound power of music as loud as a normal voice, dB by octave: falling, as that of most music. */
export const MUSIC: Octaves = scaledTo([-6, 0, 0, -2, -4, -7, -11, -16], 68.4);

/** How talk and music that a broadcaster has levelled vary from second to second, dB. */
const SPEECH_SD_DB = 3.5;
const MUSIC_SD_DB = 2.5;
/** Above this many standard deviations they do not rise. */
const MOST = 1.5;
const SPEECH_SWING = swingOf(SPEECH_SD_DB);
const MUSIC_SWING = swingOf(MUSIC_SD_DB);

/** The programme of a broadcast, the same for whoever asks. */
export function programmeOf(day: Day, { kind, from, until, stream }: Broadcast): Programme {
  const name = `${day.stream}/programme/${stream}`;
  const random = createRandom(name);
  const seconds = Math.ceil((until - from) / SECOND);
  const { talk, songs } =
    kind === "radio" ? radio(seconds, random) : { talk: monologue(0, seconds, random), songs: [] };
  const spoken = sharesOf(talk, seconds);
  return {
    from,
    talk,
    songs,
    spoken,
    speech: spoken.map((share) => share * drawn(SPEECH_SWING, random)),
    music: sharesOf(songs, seconds).map((share) => share * drawn(MUSIC_SWING, random)),
    stream: name,
    place: hashText(name)[0]!,
  };
}

/** Equally likely factors on energy with a standard deviation of `sdDb`, mean one. */
function swingOf(sdDb: number): Float64Array {
  const energies = QUANTILES.map((q) => energyOf(sdDb * Math.min(MOST, q)));
  const mean = energies.reduce((sum, energy) => sum + energy, 0) / energies.length;
  return energies.map((energy) => energy / mean);
}

const drawn = (swing: Float64Array, random: Random): number => swing[random.integer(0, swing.length - 1)]!;

/** Words for half a minute to two, then a song. */
function radio(seconds: number, random: Random): Pick<Programme, "talk" | "songs"> {
  const talk: Stretch[] = [];
  const songs: Stretch[] = [];
  for (let at = 0; at < seconds; ) {
    const song = Math.min(seconds, at + random.between(30, 120));
    talk.push(...monologue(at, song, random));
    at = Math.min(seconds, song + random.between(150, 240));
    songs.push({ from: song, until: at });
  }
  return { talk, songs };
}

/** One voice with a breath now and then. */
function monologue(from: number, until: number, random: Random): Stretch[] {
  const talk: Stretch[] = [];
  for (let at = from; at < until; ) {
    const end = Math.min(until, at + 1 + random.exponential(2));
    talk.push({ from: at, until: end });
    at = end + random.between(0.15, 0.6);
  }
  return talk;
}

/** How much of each second the stretches fill, 0–1. */
function sharesOf(stretches: readonly Stretch[], seconds: number): Float32Array {
  const shares = new Float32Array(seconds);
  for (const { from, until } of stretches)
    for (let s = Math.floor(from); s < Math.min(seconds, until); s++)
      shares[s]! += Math.min(until, s + 1) - Math.max(from, s);
  return shares;
}
