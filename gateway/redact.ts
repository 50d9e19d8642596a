/** What a log line must not say, whoever wrote it: secrets are taken out of the finished line. Pure. */

const HIDDEN = "…";
/** Of a field, a header or a setting that holds a secret; also of one written into the text of another. */
const NAMES = "[\\w-]*(?:authorization|cookie|password|passwd|secret|token|credential|private[_-]?key|api[_-]?key)";

const patterns: readonly (readonly [RegExp, string])[] = [
  // "name":"value" and "name":["value"]
  [new RegExp(`((?<!\\\\)"${NAMES}":\\s*\\[?")(?:[^"\\\\]|\\\\.)*`, "gi"), `$1${HIDDEN}`],
  // The same within a text: \"name\":\"value\"
  [new RegExp(`(\\\\"${NAMES}\\\\":\\s*\\[?\\\\")(?:[^"\\\\]|\\\\[^"])*`, "gi"), `$1${HIDDEN}`],
  // Name: value, as a header in a text
  [/\b((?:proxy-)?authorization|(?:set-)?cookie):\s*(?:[^"\\\r\n]|\\[^"rn])+/gi, `$1: ${HIDDEN}`],
  [/\b(bearer)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  // scheme://user:password@host
  [/(\b[a-z][\w+.-]{0,30}:\/\/)[^\s/"'@\\]*@/gi, `$1${HIDDEN}@`],
  // ?token=value
  [
    /([?&;](?:[\w-]*(?:password|secret|token|key|session|signature)|code|state|nonce|claim|u|p)=)[^&#\s"\\]*/gi,
    `$1${HIDDEN}`,
  ],
];

/** Secrets shorter than this are no secrets: they would be found in every other word. */
const LEAST_LENGTH = 6;

/** `known`: secrets of the settings, taken out wherever they stand. */
export function redactor(known: readonly string[] = []): (line: string) => string {
  const told = known
    .filter(({ length }) => length >= LEAST_LENGTH)
    .flatMap((secret) => [JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  const literals = [...new Set(told)].sort((a, b) => b.length - a.length);
  return (line) => {
    let clean = line;
    for (const [pattern, replacement] of patterns) clean = clean.replace(pattern, replacement);
    for (const literal of literals) clean = clean.replaceAll(literal, HIDDEN);
    return clean;
  };
}
