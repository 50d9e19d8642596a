/** The 43 words of the attack (ACOUSTICS §6.2): spelling alphabet, digits and weekdays, each spoken alone by one voice. */
import { join } from "node:path";
import { decode } from "#test/recordings/decode.ts";
import { fetchPackages, packageFolder } from "#test/recordings/packages.ts";

const SPELLING =
  "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo " +
  "sierra tango uniform victor whiskey x-ray yankee zulu";
const DIGITS = "zero one two three four five six seven eight nine";
const WEEKDAYS = "sunday monday tuesday wednesday thursday friday saturday";

/** Each word and its recording within the package. */
const RECORDINGS: readonly (readonly [word: string, file: string])[] = [
  ...SPELLING.split(" ").map((word) => [word, `phonetic/${word[0]}_p`] as const),
  ...DIGITS.split(" ").map((word, i) => [word, `digits/${i}`] as const),
  ...WEEKDAYS.split(" ").map((word, i) => [word, `digits/day-${i}`] as const),
];
const FOLDER = "usr/share/asterisk/sounds/en_US_f_Allison";

export const WORDS: readonly string[] = RECORDINGS.map(([word]) => word);

/** Samples at 16 kHz, in the order of `WORDS`. */
export async function spokenWords(): Promise<Float32Array[]> {
  await fetchPackages();
  const folder = join(packageFolder("asterisk-core-sounds-en-g722"), FOLDER);
  return decode(
    "words",
    RECORDINGS.map(([name, file]) => ({ name, file: join(folder, `${file}.g722`) })),
  );
}
