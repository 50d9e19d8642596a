/**
 * Can words be had from what devices publish? The attack of ACOUSTICS §6.2: a noise vocoder plays what was published to a
 * recogniser that knows the 43 words, when each was said, and nothing else. It runs where pocketsphinx is installed.
 */
import { describe, expect, it } from "vitest";
import { THIRDS_HZ } from "#firmware/dsp/second.ts";
import { createThirdOctaveBank } from "#firmware/dsp/third-octave-bank.ts";
import { createRandom } from "#firmware/world/random.ts";
import { energyOf } from "#protocol/decibel.ts";
import { type Published, publish, SLOT_S, type Spoken, speak } from "./published.ts";
import { hasRecogniser, recognise } from "./recogniser.ts";
import { createVocoder } from "./vocoder.ts";
import { spokenWords, WORDS } from "./words.ts";

const RATE_HZ = 16_000;
/** 32 ms. */
const FINE_FRAME = 512;
const CHANCE = 1 / WORDS.length;

/** Share of the slots in which the right word is heard. */
async function score(sounds: readonly Float32Array[], spoken: Spoken): Promise<number> {
  const heard = await recognise(sounds, WORDS);
  return heard.filter((word, i) => word === WORDS[spoken.words[i]!]).length / heard.length;
}

/** Thirds of each published second: its octaves, divided within each as the published statistics of speech are. */
function thirdsOf({ seconds, spectra }: Published): Float64Array[] {
  const mean = THIRDS_HZ.map((_, i) => spectra.reduce((sum, spectrum) => sum + energyOf(spectrum[i]!), 0));
  return seconds.map((levels) => {
    const thirds = new Float64Array(THIRDS_HZ.length);
    for (const [octave, level] of levels.entries()) {
      const first = 3 * octave + 1;
      const total = mean[first]! + mean[first + 1]! + mean[first + 2]!;
      for (let i = first; i < first + 3; i++) thirds[i] = (energyOf(level) * mean[i]!) / total;
    }
    return thirds;
  });
}

/** What a device must never say: thirds of `length` samples. */
function fineThirds(slot: Float32Array, length: number): Float64Array[] {
  const bank = createThirdOctaveBank(length);
  return Array.from({ length: Math.floor(slot.length / length) }, (_, n) => {
    bank.process(Float64Array.from(slot.subarray(n * length, (n + 1) * length)));
    const thirds = new Float64Array(THIRDS_HZ.length);
    bank.take(length, thirds);
    return thirds;
  });
}

const installed = hasRecogniser();
if (!installed) console.warn("content attack: skipped, pocketsphinx is not installed (npm run services)");

describe.skipIf(!installed)("the content attack", () => {
  it("the recogniser understands the voice itself, and the vocoder when levels are published every 32 ms", async () => {
    const spoken = speak(await spokenWords(), 1, "control");
    const vocode = createVocoder(createRandom("vocoder/32 ms"));
    const vocoded = spoken.slots.map((slot) => vocode(fineThirds(slot, FINE_FRAME), FINE_FRAME));
    expect(await score(spoken.slots, spoken)).toBeGreaterThan(0.9);
    expect(await score(vocoded, spoken)).toBeGreaterThan(0.6);
  });

  it("what is published gives no words: less than twice chance", async () => {
    const spoken = speak(await spokenWords(), 4, "attack");
    const published = await publish(spoken.slots);
    const thirds = thirdsOf(published);
    const vocode = createVocoder(createRandom("vocoder/1 s"));
    const vocoded = spoken.slots.map((_, i) => vocode(thirds.slice(i * SLOT_S, (i + 1) * SLOT_S), RATE_HZ));
    const bound = 2 * CHANCE + 3 * Math.sqrt((2 * CHANCE * (1 - 2 * CHANCE)) / vocoded.length);
    expect(published.spectra.length).toBeGreaterThan(0);
    expect(await score(vocoded, spoken)).toBeLessThan(bound);
  });
});
