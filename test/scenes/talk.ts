/** Talk by recorded utterances, with the turns and pauses of ACOUSTICS §7.5. */
import type { Random } from "#firmware/world/random.ts";
import type { Voice } from "#test/recordings/recordings.ts";
import { trimmed } from "./level.ts";
import { RATE, type SceneEvent } from "./scene.ts";

export interface Talk {
  readonly voices: readonly Voice[];
  readonly from: number;
  readonly to: number;
  readonly levelDb: number;
  /** The other half of a telephone call is not in the room: pauses of 1–6 s for it. */
  readonly oneSided?: boolean;
}

/** Alternating turns of one to three utterances, 0.05–0.4 s apart, 0.2–1.5 s between turns, levels jittering by 2 dB. */
export function talk({ voices, from, to, levelDb, oneSided = false }: Talk, random: Random): SceneEvent[] {
  const events: SceneEvent[] = [];
  const decks = voices.map((voice) => deck(voice, random));
  let at = from;
  for (let turn = 0; at < to; turn++) {
    const place = turn % voices.length;
    for (let utterances = random.integer(1, 3); utterances > 0 && at < to; utterances--) {
      const samples = decks[place]!();
      const cut = samples.subarray(0, Math.round((to - at) * RATE));
      events.push({ at, samples: cut, levelDb: levelDb + 2 * random.gaussian(), speech: true, place });
      at += cut.length / RATE + random.between(0.05, 0.4);
    }
    at += oneSided ? random.between(1, 6) : random.between(0.2, 1.5);
  }
  return events;
}

/** A voice's utterances in random order, over and over. */
function deck(voice: Voice, random: Random): () => Float32Array {
  let order: Float32Array[] = [];
  return () => {
    if (order.length === 0) order = random.shuffle(voice.utterances);
    return trimmed(order.pop()!);
  };
}

/** Utterances shorter than 3 s, with half a minute or more of nothing between them. */
export function shortUtterances(voice: Voice, seconds: number, levelDb: number, random: Random): SceneEvent[] {
  const short = voice.utterances.map(trimmed).filter((u) => u.length < 2.8 * RATE && u.length > 0.4 * RATE);
  const events: SceneEvent[] = [];
  for (let at = random.between(20, 30); at < seconds - 5; at += random.between(30, 60)) {
    events.push({ at, samples: random.pick(short), levelDb, speech: true, place: 0 });
  }
  return events;
}
