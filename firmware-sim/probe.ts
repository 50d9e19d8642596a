/** `npm run probe`: what the speech detector of a device thinks of a recording, second by second. */
import { Command } from "commander";
import { WavError } from "./audio/wav-format.ts";
import { wavMicrophone } from "./audio/wav-microphone.ts";
import { initialConversation, stepConversation } from "./detector/conversation.ts";
import { createSpeechDetector } from "./detector/speech.ts";
import { SAMPLE_RATE_HZ } from "./device/microphone.ts";

const NOTES = `
Any WAV file: every rate, any number of channels, PCM of 8 to 32 bits or float. One CSV line per second of sound:
  t_seconds     where the second starts, from the start of the file
  probability   that somebody speaks in it, 0 to 1, judged on that second and the one before
A last part of half a second or more counts as a second. The level of the recording does not matter.`;

interface Words {
  readonly conversation?: true;
}

function readCommandLine(argv: readonly string[]): { path: string; words: Words } {
  const command = new Command("npm run probe --")
    .description("Prints the probability of speech in a recording, per second, as CSV.")
    .argument("<file.wav>", "the recording")
    .option("--conversation", "add columns: the conversation state (on, off) and its kind")
    .addHelpText("after", NOTES);
  command.parse(argv, { from: "user" });
  return { path: command.args[0]!, words: command.opts<Words>() };
}

/** Speech probabilities of a recording, as its seconds end. */
async function* secondsOf(path: string): AsyncIterable<number> {
  const ended: number[] = [];
  const detector = createSpeechDetector((probability) => ended.push(probability));
  // The part of a second that has begun, to be completed by its own mirror image when the file ends within it.
  const part = new Float32Array(SAMPLE_RATE_HZ);
  let filled = 0;
  for await (const block of wavMicrophone(path).blocks()) {
    detector.process(block);
    for (let n = 0; n < block.length; n++) {
      part[filled] = block[n]!;
      filled = (filled + 1) % SAMPLE_RATE_HZ;
    }
    yield* ended.splice(0);
  }
  if (filled < SAMPLE_RATE_HZ / 2) return;
  detector.process(part.slice(2 * filled - SAMPLE_RATE_HZ, filled).reverse());
  yield* ended;
}

async function probe(path: string, { conversation }: Words): Promise<void> {
  let state = initialConversation;
  let seconds = 0;
  for await (const speech of secondsOf(path)) {
    if (seconds === 0) console.log(`t_seconds,probability${conversation ? ",conversation,hint" : ""}`);
    state = stepConversation(state, { t: seconds * 1000, speech }).state;
    const more = conversation ? `,${state.on ? "on" : "off"},${state.hint}` : "";
    console.log(`${seconds},${speech.toFixed(4)}${more}`);
    seconds++;
  }
  if (seconds === 0) throw new WavError(`${path}: it is shorter than half a second`);
}

const { path, words } = readCommandLine(process.argv.slice(2));
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever read our output has had enough of it.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
try {
  await probe(path, words);
} catch (error) {
  console.error(error instanceof WavError ? error.message : error);
  process.exitCode = 1;
}
