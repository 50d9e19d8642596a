/** A process for crash.test.ts: appends without end, notes in a file what was acknowledged, and says when it may be killed. */
import { openSync, writeSync } from "node:fs";
import type { Message } from "./journal.ts";
import { openJournal } from "./open-journal.ts";

const [folder, acknowledgements, enough] = process.argv.slice(2);
const journal = await openJournal(folder!);
const noted = openSync(acknowledgements!, "a");
const payload = new TextEncoder().encode(JSON.stringify({ filler: "x".repeat(200) }));
const IN_FLIGHT = 400;
const nextSeq = new Map<string, number>();
let stored = 0;

async function appendForEver(device: string): Promise<never> {
  for (;;) {
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

await Promise.all(Array.from({ length: IN_FLIGHT }, (_, i) => appendForEver(`d-${i % 7}`)));
