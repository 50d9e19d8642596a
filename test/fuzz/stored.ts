/** Whether a journal holds anything that it should not, judged by the schemas alone. */

import type { StoredMessage } from "#gateway/journal/journal.ts";
import { openJournal } from "#gateway/journal/open-journal.ts";
import { readingSchemas } from "#protocol/readings.ts";
import type { Spoken } from "./good-client.ts";
import { FOREIGN_BOOT, GOOD, house, SILENT } from "./house.ts";

const AHEAD_MS = 30_000;
const BEHIND_MS = 7 * 24 * 3600_000;
const BATCH = 20_000;
/** More of one kind say nothing new. */
const MOST_TOLD = 20;

export async function faultsInJournal(
  data: string,
  devices: "enrolled" | "open",
  good: Spoken,
): Promise<{ stored: number; levels: number; faults: string[] }> {
  await using journal = await openJournal(data, { readOnly: true });
  const names = new Set(house.devices.map(({ id }) => id));
  const faults: string[] = [];
  const goodOnes: number[] = [];
  let stored = 0;
  let levels = 0;
  for (let after = 0; ; ) {
    const messages = await journal.messagesAfter(after, BATCH);
    if (messages.length === 0) break;
    after = messages.at(-1)!.id;
    stored += messages.length;
    for (const message of messages) {
      if (message.channel === "level") levels++;
      const why = whyNot(message, names, devices);
      if (why && faults.length < MOST_TOLD) faults.push(`stored: ${message.device} ${message.channel}: ${why}`);
      if (message.device === GOOD && message.boot === good.boot) goodOnes.push(message.seq);
      else if (message.device === GOOD && devices === "enrolled")
        faults.push("stored in the name of who speaks properly");
    }
  }
  if (goodOnes.join() !== good.acknowledged.join())
    faults.push("not all that was said properly is stored, once and in order");
  return { stored, levels, faults };
}

function whyNot(message: StoredMessage, names: ReadonlySet<string>, devices: "enrolled" | "open"): string | undefined {
  const { device, channel, boot, seq, t, receivedAt } = message;
  if (!names.has(device)) return "no device of the site";
  if (device === SILENT && channel !== "health") return "from a silent room";
  if (devices === "enrolled" && boot.startsWith(FOREIGN_BOOT)) return "said by another device";
  if (t - receivedAt > AHEAD_MS || receivedAt - t > BEHIND_MS) return "of a wrong time";
  const text = Buffer.from(message.payload).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `no JSON: ${text.slice(0, 80)}`;
  }
  const parsed = readingSchemas[channel].safeParse(value);
  if (!parsed.success) return `against its schema: ${text.slice(0, 80)}`;
  const same = parsed.data.boot === boot && parsed.data.seq === seq && parsed.data.t === t;
  return same ? undefined : "another identity than its payload's";
}
