import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createContour, type Melody } from "./contour.ts";

/** Melody after these pitches, one per frame of 16 ms, in semitones; null is unvoiced. */
function melodyOf(pitches: readonly (number | null)[]): Melody {
  const contour = createContour();
  for (const pitch of pitches) contour.add(pitch !== null, pitch ?? 0);
  return { ...contour.melody() };
}
const frames = <T>(count: number, at: (n: number) => T) => Array.from({ length: count }, (_, n) => at(n));

describe("contour", () => {
  it("tells held notes of one tuning from a gliding voice", () => {
    const notes = melodyOf(frames(500, (n) => 0.3 + [0, 4, 7, 5][Math.floor(n / 20) % 4]!));
    const voice = melodyOf(frames(500, (n) => (n % 25 < 15 ? 4 * Math.sin(n / 17) + n / 90 : null)));
    expect([notes.grid > 0.95, notes.moving, notes.gliding]).toEqual([true, 0, 0]);
    expect([voice.grid < 0.3, voice.moving > 0.4, voice.gliding > 0.4]).toEqual([true, true, true]);
    expect(voice.run).toBeCloseTo(15, 0);
  });

  it("is the same in every key, and within its bounds whatever is sung", () => {
    const pitch = fc.option(fc.double({ min: -6, max: 24, noNaN: true }), { nil: null });
    fc.assert(
      fc.property(
        fc.array(pitch, { minLength: 1, maxLength: 300 }),
        fc.double({ min: -6, max: 6, noNaN: true }),
        (sung, key) => {
          const plain = melodyOf(sung);
          const transposed = melodyOf(sung.map((p) => (p === null ? null : p + key)));
          expect(transposed.grid).toBeCloseTo(plain.grid, 6);
          expect(transposed.voiced).toBe(plain.voiced);
          for (const share of [plain.moving, plain.gliding, plain.grid, plain.voiced]) {
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1 + 1e-9);
          }
        },
      ),
    );
  });
});
