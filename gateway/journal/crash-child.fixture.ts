/** A process for crash.test.ts: appends, notes in a file what was acknowledged, and says when it may be killed. */
import { openSync, writeSync } from "node:fs";
import type { Message } from "./journal.ts";
import { openJournal } from "./open-journal.ts";

const [folder, acknowledgements, enough] = process.argv.slice(2);
const journal = await openJournal(folder!);
const noted = openSync(acknowledgements!, "a");
const payload = new TextEncoder().encode(JSON.stringify({ filler: "x".repeat(200) }));
const IN_FLIGHT = 400;
/** So many follow, for the kill to meet it at work; no more, since a late kill would find the log begun anew. */
const FOLLOWING = 2000;
const nextSeq = new Map<string, number>();
let stored = 0;

async function appendOn(device: string): Promise<void> {
  while (stored < Number(enough) + FOLLOWING) {
    const seq = nextSeq.get(device) ?? 0;
    nextSeq.set(device, seq + 1);
    const t = 1_780_000_000_000 + seq;
    const message: Message = { device, boot: "0a1b2c3d", channel: "level", seq, t, receivedAt: t, payload };
    const appended = await journal.append(message);
    if (appended.kind !== "stored") continue;
    writeSync(noted, `${appended.id} ${device} ${seq}\n`);
    if (++stored === Number(enough)) console.log("enough");
  }
}

await Promise.all(Array.from({ length: IN_FLIGHT }, (_, i) => appendOn(`d-${i % 7}`)));
setInterval(() => {}, 2 ** 30); // until it is killed
