/** Fits the speech detector's weights on the tuning half, and prints them as `firmware-sim/detector/speech.ts` wants them. */
import { parseArgs } from "node:util";
import { createFeatureExtractor, type Features } from "#firmware/detector/features.ts";
import { loadRecordings } from "#test/recordings/recordings.ts";
import { KINDS, planScene } from "./kinds.ts";
import { fitLogistic } from "./logistic-regression.ts";
import { render, type Scene } from "./scene.ts";

const USAGE = "Usage: node test/scenes/fit-detector.ts [--scenes N of each kind, 8] [--ridge R, 0.002]";
/** Only a gate: how far a sound rises must not say what it is. */
const GATE: keyof Features = "rise";
/** Music is the hardest of what is not speech, and the most varied: more scenes, and each counts for more. */
const MUSIC_SCENES = 2;
const MUSIC_WEIGHT = 6;
/** A false conversation costs more than a second of delay: taken off the log-odds, for sounds that nobody thought of. */
const CAUTION = 0.6;
const TALK = "talk: ";
const isMusic = (kind: string) => kind.endsWith(" music");

interface Judged {
  /** Examples of one group share one weight: a kind of talk, a kind of noise, the rooms between talk. */
  readonly group: string;
  readonly positive: boolean;
  readonly features: Readonly<Features>;
}

/** Seconds that are mostly speech over the detector's window, and seconds without any; what lies between proves nothing. */
function judged(scene: Scene): Judged[] {
  const all: Features[] = [];
  createFeatureExtractor((features) => all.push({ ...features })).process(scene.pressure);
  return all.flatMap((features, second): Judged[] => {
    const said = ((scene.speech[second] ?? 0) + (scene.speech[second - 1] ?? 0)) / 2;
    const talking = scene.conversation !== null && second >= scene.conversation.from && second < scene.conversation.to;
    if (said >= 0.5 && talking) return [{ group: TALK + scene.kind, positive: true, features }];
    if (said > 0 || talking) return [];
    return [{ group: scene.conversation ? "between talk" : scene.kind, positive: false, features }];
  });
}

/** Half of the weight to all talk, half to all else, each group alike. */
function weigh(seconds: readonly Judged[]): number[] {
  const sizes = Map.groupBy(seconds, ({ group }) => group);
  const share = (group: string) => (!group.startsWith(TALK) && isMusic(group) ? MUSIC_WEIGHT : 1);
  const total = (positive: boolean) =>
    [...sizes].reduce((sum, [group, own]) => (own[0]!.positive === positive ? sum + share(group) : sum), 0);
  const totals = { talk: total(true), else: total(false) };
  return seconds.map(({ group, positive }) => {
    return share(group) / (2 * (positive ? totals.talk : totals.else) * sizes.get(group)!.length);
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      scenes: { type: "string", default: "8" },
      ridge: { type: "string", default: "0.002" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(USAGE);
  const sounds = await loadRecordings("tuning");
  const seconds = KINDS.flatMap((kind) =>
    Array.from({ length: Number(values.scenes) * (!kind.talk && isMusic(kind.name) ? MUSIC_SCENES : 1) }, (_, n) => {
      const { plan, random } = planScene(kind, "tuning", n, sounds);
      return judged(render(plan, random));
    }).flat(),
  );
  const names = (Object.keys(seconds[0]!.features) as (keyof Features)[]).filter((name) => name !== GATE);
  const weights = weigh(seconds);
  const examples = seconds.map(({ features, positive }, i) => ({
    x: names.map((name) => features[name]),
    positive,
    weight: weights[i]!,
  }));
  const model = fitLogistic(examples, Number(values.ridge));
  console.log(`  bias: ${(model.bias - CAUTION).toFixed(3)},\n  ${GATE}: 0,`);
  for (const [j, name] of names.entries()) console.log(`  ${name}: ${Number(model.weights[j]!.toPrecision(3))},`);
}

await main();
