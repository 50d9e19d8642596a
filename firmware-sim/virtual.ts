/** `--publish-to`: what would be published, written as fast as the machine can. */
import { once } from "node:events";
import { createWriteStream, fstatSync } from "node:fs";
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import type { Site } from "#protocol/site.ts";
import type { Words } from "./command-line.ts";
import { withConversationLeases } from "./conversation-leases.ts";
import { listen } from "./device/listen.ts";
import { type GenerateOptions, generate, generateFrom, type LeaseUntil } from "./generate.ts";
import { presenceOf } from "./play.ts";
import { type Publication, writeRecords } from "./record.ts";
import { senseWorld } from "./simulated-world.ts";
import { deviceOf, microphoneOf, peopleOf, UserError } from "./source.ts";

/** Resolves to the number of publications written. */
export async function writePublications(words: Words, site: Site): Promise<number> {
  if (words.leases === "conversation" && fstatSync(process.stdout.fd).isFile())
    throw new UserError("--leases conversation: standard output is a file, and bands are never written to a file");
  const publications = publicationsOf(words, site);
  if (words.publishTo === "-") return writeRecords(publications, process.stdout);
  const file = createWriteStream(words.publishTo!);
  await once(file, "open").catch((cause: Error) => {
    throw new UserError(`cannot write ${words.publishTo}: ${cause.message}`, { cause });
  });
  const count = await writeRecords(publications, file);
  file.end();
  await once(file, "finish");
  return count;
}

function publicationsOf(words: Words, site: Site): Iterable<Publication> | AsyncIterable<Publication> {
  const { seed, fault: faults, from = Math.floor(Date.now() / 1000) * 1000, until = Number.POSITIVE_INFINITY } = words;
  if (words.world) {
    const openNow = words.openNow ?? false;
    const sense = senseWorld({ ...words, site, form: words.audio ? "audio" : "levels", openNow });
    const devices = words.device === undefined ? site.devices : [deviceOf(words, site)];
    const options: GenerateOptions = { site, seed, sense, from, until, faults, always: openNow };
    const run = (leaseUntil?: LeaseUntil) =>
      generate({ ...options, devices: devices.map(({ id }) => id), ...(leaseUntil && { leaseUntil }) });
    return words.leases === "conversation" ? withConversationLeases(site, run) : run();
  }
  const seconds = listen(microphoneOf(words), { start: from, createSpeechDetector });
  const presence = presenceOf(peopleOf(words), seed);
  return generateFrom(seconds, presence, { site, seed, from, until, faults, always: true }, deviceOf(words, site));
}
