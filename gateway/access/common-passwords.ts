/**
 * What is tried first. The lists of leaked passwords hold hardly anything of twelve characters and more that is not one of
 * these words, again and again or with digits around it, a row of the keyboard, or one character over and over.
 */
const WORDS = new Set(
  (
    "password passw0rd passord password adgangskode kodeord kode hemmelig hemmeligt velkommen welcome letmein login logon " +
    "admin administrator root user bruger guest gaest test testing changeme default secret master access system sommer summer " +
    "winter vinter efteraar autumn spring foraar januar februar marts april maj juni juli august september oktober november " +
    "december mandag tirsdag onsdag torsdag fredag monday tuesday wednesday thursday friday danmark denmark kobenhavn " +
    "copenhagen aarhus odense aalborg kommune jobcenter jobcentre jobcentret fortrolig fortroligt confidential iloveyou " +
    "football fodbold baseball dragon monkey superman batman sunshine princess princess michael jordan liverpool chelsea " +
    "starwars pokemon computer internet samsung google facebook microsoft windows office qwerty qwertyuiop qwertyuiopaa " +
    "asdfghjkl zxcvbnm azerty qazwsx qazwsxedc onetwothree trustno abc abcdef abcdefgh correcthorsebatterystaple " +
    "correct horse battery staple whatever shadow killer hunter hello hej goddag mor far skat elsker"
  ).split(" "),
);

/** Rows of keys and of signs, in both directions. */
const ROWS = [
  "abcdefghijklmnopqrstuvwxyzæøå",
  "qwertyuiopå",
  "asdfghjklæø",
  "zxcvbnm",
  "01234567890",
  "1qaz2wsx3edc4rfv5tgb",
];
const runs = ROWS.flatMap((row) => [row, [...row].reverse().join("")]);

/** Letters that digits and signs are written for. */
const plain: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "i",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

/** Fewer different characters than this are a pattern. */
const FEWEST_DIFFERENT = 5;
/** With what is left beside a common word there is not much more to try. */
const LEFT_OVER = 5;

export function isCommon(password: string): boolean {
  const text = password.toLowerCase();
  if (new Set(text).size < FEWEST_DIFFERENT) return true;
  const spelled = [...text].map((sign) => plain[sign] ?? sign).join("");
  return beyondPatterns(text) < LEFT_OVER || beyondPatterns(spelled) < LEFT_OVER;
}

/** How many letters, or pairs of digits, are neither a common word nor a run of the keyboard. */
function beyondPatterns(text: string): number {
  let rest = 0;
  for (let at = 0; at < text.length; ) {
    const length = Math.max(wordAt(text, at), runAt(text, at));
    if (length === 0) rest += /[\p{L}]/u.test(text[at]!) ? 1 : 0.5;
    at += Math.max(1, length);
  }
  return rest;
}

const LONGEST_WORD = Math.max(...[...WORDS].map((word) => word.length));

function wordAt(text: string, at: number): number {
  for (let length = Math.min(LONGEST_WORD, text.length - at); length >= 3; length -= 1)
    if (WORDS.has(text.slice(at, at + length))) return length;
  return 0;
}

/** Four or more in a row of the keyboard, or of one character. */
function runAt(text: string, at: number): number {
  let length = 1;
  while (at + length < text.length && (isRow(text.slice(at, at + length + 1)) || isOneSign(text, at, length + 1)))
    length += 1;
  return length >= 4 ? length : 0;
}

const isRow = (part: string): boolean => runs.some((row) => row.includes(part));
const isOneSign = (text: string, at: number, length: number): boolean =>
  new Set(text.slice(at, at + length)).size === 1;
