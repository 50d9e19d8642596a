/** A run of journalled messages as the points they become. */
import type { Id, Millis } from "#protocol/quantities.ts";
import { topicFor } from "#protocol/topics.ts";
import type { Journal, Quarantined, StoredMessage } from "../journal/journal.ts";
import type { Errand } from "./backlog.ts";
import type { Point } from "./history.ts";
import { pointOf, type ReadingMessage, type WhereIs } from "./points.ts";

export interface Batch {
  readonly errand: Errand;
  /** Every message of the errand below this id is in the batch. */
  readonly reached: number;
  /** When the first message arrived; null without any. */
  readonly oldest: Millis | null;
  readonly points: readonly Point[];
  /** The message behind each point. */
  readonly origins: readonly StoredMessage[];
  readonly unfit: readonly Unfit[];
}

/** A message that becomes no point, for a reason that will not pass. */
export interface Unfit {
  readonly message: StoredMessage;
  readonly reason: "not-json" | "unknown-device" | "schema";
  readonly detail: string;
}

export async function readBatch(
  journal: Pick<Journal, "messagesAfter">,
  errand: Errand,
  limit: number,
  whereIs: WhereIs,
): Promise<Batch> {
  const wanted = Math.min(limit, errand.to - errand.from);
  const found = await journal.messagesAfter(errand.from - 1, wanted);
  const messages = found.filter(({ id }) => id < errand.to);
  // Only silence says that there is no more: a shorter answer than was asked for proves nothing.
  const reached = (messages.at(-1)?.id ?? errand.to - 1) + 1;
  return { errand, reached, oldest: messages[0]?.receivedAt ?? null, ...decode(messages, whereIs) };
}

function decode(messages: readonly StoredMessage[], whereIs: WhereIs): Pick<Batch, "points" | "origins" | "unfit"> {
  const points: Point[] = [];
  const origins: StoredMessage[] = [];
  const unfit: Unfit[] = [];
  for (const message of messages) {
    const decoded = decodeOne(message, whereIs);
    if (decoded === undefined) continue;
    if ("reason" in decoded) unfit.push({ message, ...decoded });
    else {
      points.push(decoded);
      origins.push(message);
    }
  }
  return { points, origins, unfit };
}

/** undefined: kept of this message is only that it came (PRIVACY §1.3). Payloads were validated before they were journalled. */
function decodeOne(message: StoredMessage, whereIs: WhereIs): Point | Omit<Unfit, "message"> | undefined {
  if (message.payload.length === 0) return undefined;
  const where = whereIs(message.device);
  if (!where) return { reason: "unknown-device", detail: "the site file no longer names it" };
  if (where.silent && message.channel !== "health") return undefined;
  try {
    const reading = JSON.parse(textOf(message.payload));
    return pointOf({ channel: message.channel, reading } as ReadingMessage, where.place);
  } catch (error) {
    return { reason: "not-json", detail: (error as Error).message };
  }
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

/** An unfit message with its raw bytes, as the quarantine keeps it. */
export const quarantinedOf = (site: Id, { message, reason, detail }: Unfit): Quarantined => ({
  topic: topicFor(site, message.device, message.channel),
  payload: message.payload,
  reason,
  detail: `history: ${detail}`,
  receivedAt: message.receivedAt,
});
