/**
 * Says how much memory a gateway takes with a backlog and with one ten times as long, in front of a database that does not
 * answer. Run with `--expose-gc`, arguments: data folder, history URL, seconds of the first backlog.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openCrowd } from "./crowd.ts";

const [data = "", history = "", seconds = "0"] = process.argv.slice(2);
const collect = (globalThis as unknown as { gc: () => void }).gc;

/** What is in use after everything unused is gone, and what the whole process has, with its threads; bytes. */
async function inUse() {
  await sleep(50);
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { behind: crowd.pipeline.forwarder.status().behind, heap: heapUsed + external, resident: rss };
}

const crowd = await openCrowd(data, history, "data");
const first = Number(seconds);
await crowd.speak(first);
const short = await inUse();
await crowd.speak(9 * first);
const long = await inUse();
// Not closed in good order: in virtual time that stands still, what waits for the database is waited for for ever.
process.stdout.write(JSON.stringify({ short, long }), () => process.exit());
