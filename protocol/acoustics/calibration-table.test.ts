/**
 * What the metrics say of a normal voice behind a wall (ACOUSTICS §3.7): two rooms of 10 m² absorption, 10 m² of wall that
 * rates R'w, ventilation at the listener. Octaves are 125–8000 Hz, thirds interpolated between them.
 */
import { describe, expect, it } from "vitest";
import { addLevels } from "../decibel.ts";
import { articulationIndex, articulationIndexFromSii5, privacyIndex } from "./articulation-index.ts";
import { betweenOctaves, mean, WIDE_OCTAVES_HZ } from "./bands.ts";
import { snrUni, snrUniOfOctaves } from "./hearing.ts";
import { NORMAL_VOICE_POWER_DB, normalVoiceIn, raisedVoiceIn } from "./normal-voice.ts";
import { SII_THIRDS, sii5, siiOctave, siiOfThirds, siiThird } from "./sii.ts";
import { typicalReduction } from "./sound-reduction-index.ts";
import { speechPrivacyClass, speechPrivacyClassOfOctaves } from "./speech-privacy-class.ts";

const room = { volume: 31.25, reverberation: 0.5 };
const A_WEIGHTS_DB = [-16.1, -8.6, -3.2, 0, 1.2, 1, -1.1];

/** Octave levels 125–8000 Hz of ventilation by NC curve (ANSI/ASA S12.2, table 1), dB. */
const ventilation = {
  25: [44, 37, 31, 27, 24, 22, 22],
  30: [48, 41, 35, 32, 29, 28, 27],
  35: [52, 45, 40, 36, 34, 33, 32],
  40: [56, 50, 44, 41, 39, 38, 37],
} as const;
type Curve = keyof typeof ventilation;

const width = (hz: number) => 10 * Math.log10(Math.SQRT1_2 * hz);
const spectrum = (octaves: readonly number[]) => octaves.map((level, i) => level - width(WIDE_OCTAVES_HZ[i]!));
const atThirds = (octaves: readonly number[]) => SII_THIRDS.hz.map((hz) => betweenOctaves(octaves, 125, hz));
const thirdLevels = (octaves: readonly number[]) => atThirds(spectrum(octaves)).map((level, i) => level + 15.65 + i);
const five = (octaves: readonly number[]) => octaves.slice(1, 6);
const sixteen = (thirds: readonly number[]) => thirds.slice(0, 16);
const voice = NORMAL_VOICE_POWER_DB.map((power) => power + 10 * Math.log10(4 / 10));
const dba = (octaves: readonly number[]) => addLevels(octaves.map((level, i) => level + A_WEIGHTS_DB[i]!));

/** A voice `louder` than normal by that many dB, behind R'w, in a noise: as octaves and as thirds. */
function behind(rw: number, curve: Curve, louder = 0) {
  const loss = typicalReduction(rw);
  const octaves = voice.map((level, i) => level + louder - loss[i]!);
  const lossThirds = atThirds(loss);
  const spectrumThirds = atThirds(spectrum(voice)).map((level, i) => level + louder - lossThirds[i]!);
  return {
    octaves,
    noise: ventilation[curve],
    loss,
    lossThirds: sixteen(lossThirds),
    spectrumThirds,
    noiseSpectrumThirds: atThirds(spectrum(ventilation[curve])),
    thirds: sixteen(spectrumThirds.map((level, i) => level + 15.65 + i)),
    noiseThirds: sixteen(thirdLevels(ventilation[curve])),
  };
}
type Scene = ReturnType<typeof behind>;

const octaveIndex = ({ octaves, noise }: Scene) => siiOctave(spectrum(octaves).slice(1), spectrum(noise).slice(1));
const within = (actual: number, expected: number, tolerance: number) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance);

const SII = 0.005;
const DB = 0.1;

describe("the calibration table", () => {
  it("a normal voice is 64.4 dBA in such a room, 51.7 dB in the mean of the thirds; raised 6 to 7 dB more", () => {
    within(dba(voice), 64.4, DB);
    within(mean(sixteen(thirdLevels(voice))), 51.7, DB);
    expect(normalVoiceIn(room)).toEqual(five(voice).map((level) => expect.closeTo(level, 9)));
    const raised = mean(raisedVoiceIn(room)) - mean(normalVoiceIn(room));
    expect(raised).toBeGreaterThan(6);
    expect(raised).toBeLessThan(7);
  });

  // biome-ignore format: the table
  it.each([
    [20, 30, 47.4, .589, .573,  50,   4.9, 46.8, .772,  10.9],
    [25, 30, 42.4, .426, .407,  67,  -0.1, 51.8, .623,   5.9],
    [30, 30, 37.4, .269, .249,  82,  -5.1, 56.8, .458,   0.9],
    [35, 30, 32.4, .141, .124,  92, -10.1, 61.8, .300,  -4.1],
    [40, 30, 27.4, .056, .043,  98, -15.1, 66.8, .165,  -9.1],
    [45, 30, 22.4, .011, .003, 100, -20.1, 71.8, .072, -14.1],
    [50, 30, 17.4,    0,    0, 100, -24.8, 76.8, .017, -19.1],
    [30, 25, 37.4, .426, .408,  67,  -0.4, 52.1, .615,   5.6],
    [40, 25, 27.4, .133, .117,  93, -10.4, 62.1, .300,  -4.4],
    [30, 35, 37.4, .151, .133,  92,  -9.7, 61.4, .310,  -3.7],
    [40, 35, 27.4, .012, .003, 100, -19.7, 71.4, .082, -13.7],
    [30, 40, 37.4, .072, .054,  97, -14.5, 66.1, .181,  -8.5],
  ] as const)("R'w %i, NC-%i", (rw, curve, level, octave, third, privacy, snr, spc, louderOctave, louderSnr) => {
    const normal = behind(rw, curve);
    const louder = behind(rw, curve, 6);
    within(dba(normal.octaves), level, DB);
    within(octaveIndex(normal), octave, SII);
    within(siiThird(normal.spectrumThirds, normal.noiseSpectrumThirds), third, SII);
    within(privacyIndex(articulationIndex(normal.thirds, normal.noiseThirds)), privacy, 0.6);
    within(snrUni(normal.thirds, normal.noiseThirds), snr, DB);
    within(speechPrivacyClass(normal.lossThirds, normal.noiseThirds), spc, DB);
    within(octaveIndex(louder), louderOctave, SII);
    within(snrUni(louder.thirds, louder.noiseThirds), louderSnr, DB);
  });

  it.each([
    [30, 25, 0.45],
    [30, 30, 0.284],
    [35, 30, 0.149],
    [40, 30, 0.059],
  ] as const)("SII5 at R'w %i, NC-%i: %f", (rw, curve, expected) => {
    const { octaves, noise } = behind(rw, curve);
    within(sii5(five(octaves), five(noise)), expected, SII);
  });

  const rows = [25, 30, 35, 40, 45].flatMap((rw) => [25, 30, 35].map((curve) => [rw, curve as Curve] as const));

  it.each(rows)("five octaves stand for sixteen thirds: R'w %i, NC-%i", (rw, curve) => {
    const { octaves, noise, loss, lossThirds, thirds, noiseThirds } = behind(rw, curve);
    const index = sii5(five(octaves), five(noise));
    within(snrUniOfOctaves(five(octaves), five(noise)), snrUni(thirds, noiseThirds), 0.3);
    within(speechPrivacyClassOfOctaves(five(loss), five(noise)), speechPrivacyClass(lossThirds, noiseThirds), DB);
    within(articulationIndexFromSii5(index), articulationIndex(thirds, noiseThirds), 0.025);
    within(siiOfThirds(thirds, noiseThirds), index, 0.025);
  });
});
