/** `npm run device`: one simulated device, or all of a site. */
import { WavError } from "#firmware/audio/wav-format.ts";
import { FileError } from "#protocol/site-file.ts";
import { comeWithCredentials } from "./claim.ts";
import { readCommandLine } from "./command-line.ts";
import { CredentialError } from "./credential.ts";
import { LinkError } from "./device/link.ts";
import { hearMicrophone, liveWorld } from "./live.ts";
import { OutboxFileError } from "./outbox-file.ts";
import { readSite, UserError } from "./source.ts";
import { openTerminal } from "./terminal.ts";
import { writePublications } from "./virtual.ts";

async function main(): Promise<void> {
  const words = readCommandLine(process.argv.slice(2), process.env);
  const site = await readSite(words.site);
  if (words.publishTo !== undefined) {
    const began = performance.now();
    const count = await writePublications(words, site);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (words.publishTo !== "-") console.log(`${count} publications in ${seconds} s → ${words.publishTo}`);
    return;
  }
  const whose = await comeWithCredentials(words, site);
  if (!words.wav && !words.stdin && !words.world) return;
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
  const live = { words, site, ...whose, terminal: openTerminal(process.stdout), signal: stop.signal };
  await (words.world ? liveWorld(live) : hearMicrophone(live));
}

/** Faults of the input and of the surroundings are one line each; any other error is ours and keeps its stack. */
const expected = [CredentialError, UserError, FileError, WavError, LinkError, OutboxFileError];

try {
  await main();
} catch (error) {
  const known = expected.some((kind) => error instanceof kind);
  // Whoever read our output has had enough of it.
  if ((error as NodeJS.ErrnoException).code !== "EPIPE") console.error(known ? (error as Error).message : error);
  process.exitCode = 1;
}
