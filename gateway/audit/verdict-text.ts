/** A verdict in plain words. */
import type { Verdict } from "./verify.ts";

const counted = (n: number, one: string, more = `${one}s`) => `${n} ${n === 1 ? one : more}`;
const entriesOf = (n: number) => counted(n, "entry", "entries");

/** Lines for a terminal. */
export function verdictText(file: string, verdict: Verdict): string {
  const lines = [
    `${file}: ${verdict.sound ? "sound" : "NOT SOUND"}`,
    ...verdict.faults.map(({ words, line }) => `  ${words}${line === null ? "" : ` (line ${line})`}`),
    `  ${what(verdict)}`,
    ...witnesses(verdict),
  ];
  return `${lines.join("\n")}\n`;
}

function what({ lines, entries, from, until, head }: Verdict): string {
  if (lines === 0) return "the file holds no entry";
  if (entries === 0) return "no entry fits";
  const which = entries === lines ? entriesOf(entries) : `the first ${entriesOf(entries)} of ${lines} lines fit`;
  return `${which}, from ${from} to ${until}; the last has the hash ${head}`;
}

function witnesses({ checkpoints, entries }: Verdict): string[] {
  const { given, fitting, through, keys } = checkpoints;
  if (given === 0)
    return ["  no checkpoints given: a log that ends too early, or was written anew as a whole, would look the same"];
  const after = entries - through;
  const alone = after > 0 ? `; ${entriesOf(after)} after that without a witness yet` : "";
  return [
    `  ${fitting} of ${counted(given, "checkpoint")} ${fitting === 1 ? "fits" : "fit"}, the newest over ${entriesOf(through)}${alone}`,
    ...keys.map((key) => `  signed by ${key}`),
  ];
}
