/** Prints how the speech detector and the conversation state machine do on scenes of one half. */
import { parseArgs } from "node:util";
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import { type Half, loadRecordings } from "#test/recordings/recordings.ts";
import { KINDS, planScene } from "./kinds.ts";
import { render, type Scene } from "./scene.ts";
import { auc, type Outcome, outcomeOf, turnsOf, windows } from "./score.ts";

const USAGE = `Usage: evaluate:detector [--half tuning|held-out] [--scenes N] [--kind NAME]
Per kind: AUC of speech against all negatives, per second and per 10 s; conversations missed, false and late.`;

/** Probabilities of the detector over a scene. */
export function detect(scene: Scene): number[] {
  const probability: number[] = [];
  createSpeechDetector((p) => probability.push(p)).process(scene.pressure);
  return probability;
}

/** Outcomes of `scenes` scenes of each kind whose name starts with `name`. */
export async function evaluate(half: Half, scenes: number, name = ""): Promise<Outcome[]> {
  const sounds = await loadRecordings(half);
  return KINDS.filter((kind) => kind.name.startsWith(name)).flatMap((kind) =>
    Array.from({ length: scenes }, (_, n) => {
      const { plan, random } = planScene(kind, half, n, sounds);
      const scene = render(plan, random);
      return outcomeOf(scene, detect(scene));
    }),
  );
}

export interface Summary {
  readonly aucSecond: number;
  readonly aucTen: number;
  /** Conversations in the scenes, and how many of them were not noticed. */
  readonly conversations: number;
  readonly missed: number;
  readonly meanDelay: number;
  readonly greatestDelay: number;
  /** Where the conversation is dated from, seconds after the first word: least and greatest. */
  readonly dated: readonly [number, number];
  /** False conversations, and hours of scenes without any. */
  readonly false: number;
  readonly hours: number;
}

/** `own` against the negatives of `all` (kinds of talk) or the positives of `all` (kinds without). */
export function summarise(own: readonly Outcome[], all: readonly Outcome[]): Summary {
  const turns = own.map((outcome) => turnsOf(outcome));
  const delays = turns.flatMap(({ delay }) => (typeof delay === "number" ? [delay] : []));
  const dated = turns.flatMap((t) => (t.dated === null ? [] : [t.dated]));
  const conversations = own.filter((outcome) => outcome.conversation !== null).length;
  const compare = (length: number) => {
    const [mine, others] = [windows(own, length), windows(all, length)];
    return conversations > 0 ? auc(mine.positives, others.negatives) : auc(others.positives, mine.negatives);
  };
  return {
    aucSecond: compare(1),
    aucTen: compare(10),
    conversations,
    missed: turns.filter(({ delay }) => delay === null).length,
    meanDelay: delays.reduce((sum, d) => sum + d, 0) / delays.length,
    greatestDelay: Math.max(...delays),
    dated: [Math.min(...dated), Math.max(...dated)],
    false: turns.reduce((sum, t) => sum + t.false, 0),
    hours: own.filter((outcome) => outcome.conversation === null).reduce((sum, { seconds }) => sum + seconds / 3600, 0),
  };
}

function line(name: string, s: Summary): string {
  const talk = s.conversations > 0 ? `${s.missed}/${s.conversations}` : "–";
  const delay = s.conversations > s.missed ? `${s.meanDelay.toFixed(1)} / ${s.greatestDelay}` : "–";
  const since = s.conversations > s.missed ? `${s.dated[0]}…${s.dated[1]}` : "–";
  const wrong = `${s.false}${s.hours > 0 ? ` in ${s.hours.toFixed(2)} h` : ""}`;
  const numbers = [s.aucSecond, s.aucTen].map((v) => v.toFixed(3).padStart(6)).join("  ");
  return `${name.padEnd(24)}${numbers}  ${talk.padStart(7)}  ${delay.padStart(10)}  ${since.padStart(8)}  ${wrong}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      half: { type: "string", default: "held-out" },
      scenes: { type: "string", default: "6" },
      kind: { type: "string", default: "" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(USAGE);
  if (values.half !== "held-out" && values.half !== "tuning") throw new Error(USAGE);
  const outcomes = await evaluate(values.half, Number(values.scenes), values.kind);
  console.log(`${values.half} voices and noises, ${values.scenes} scenes of each kind`);
  console.log(`${"kind".padEnd(24)} AUC 1 s  10 s   missed  delay s      since   false`);
  for (const kind of KINDS) {
    const own = outcomes.filter((outcome) => outcome.kind === kind.name);
    if (own.length > 0) console.log(line(kind.name, summarise(own, outcomes)));
  }
  console.log(line("all", summarise(outcomes, outcomes)));
}

if (import.meta.main) await main();
