/** A run of journalled messages as the points they become. */
import type { Id, Millis } from "#protocol/quantities.ts";
import { topicFor } from "#protocol/topics.ts";
import type { Quarantined, StoredMessage } from "../journal/journal.ts";
import type { Errand } from "./backlog.ts";
import type { History, Point } from "./history.ts";
import type { Measurement } from "./measurements.ts";
import { pointOf, type ReadingMessage, type WhereIs } from "./points.ts";
import type { Lot } from "./write-around.ts";

/** Neither messages nor points are kept decoded: what of them outlived a request would cost more than decoding them. */
export interface Batch extends Lot {
  readonly errand: Errand;
  /** Every message of the errand below this id is in the batch. */
  readonly reached: number;
  /** When the first message arrived; null without any. */
  readonly oldest: Millis | null;
  /** In which minutes its points lie. */
  readonly touched: readonly Moment[];
  readonly unfit: readonly Unfit[];
  /** The message behind each point. */
  origins(): readonly StoredMessage[];
}

/** A point of a measurement is there at about this time. */
export type Moment = Pick<Point, "measurement" | "t">;

/** A message that becomes no point, for a reason that will not pass. */
export interface Unfit {
  readonly message: StoredMessage;
  readonly reason: "not-json" | "unknown-device" | "schema";
  readonly detail: string;
}

/** Messages with id > `after`, oldest first, at most `limit`; they can be walked through again and again. */
export interface MessageSource {
  messagesAfter(after: number, limit: number): Promise<Iterable<StoredMessage>>;
}

export async function readBatch(
  source: MessageSource,
  errand: Errand,
  limit: number,
  whereIs: WhereIs,
  history: Pick<History, "pack">,
): Promise<Batch> {
  const wanted = Math.min(limit, errand.to - errand.from);
  const messages = await source.messagesAfter(errand.from - 1, wanted);
  // Only silence says that there is no more: a shorter answer than was asked for proves nothing.
  let reached = errand.to;
  let oldest: Millis | null = null;
  let count = 0;
  let last: Point | undefined;
  const unfit: Unfit[] = [];
  const minutes = new Map<Measurement, Set<number>>();

  function* noting(): Generator<Point> {
    for (const [message, decoded] of decode(messages, errand, whereIs)) {
      reached = message.id + 1;
      oldest ??= message.receivedAt;
      if (decoded === undefined) continue;
      if ("reason" in decoded) {
        unfit.push({ message, ...decoded });
        continue;
      }
      count++;
      last = decoded;
      minutesOf(minutes, decoded.measurement).add(Math.floor(decoded.t / MINUTE_MS));
      yield decoded;
    }
  }
  const { store } = history.pack(noting());
  const touched = [...minutes].flatMap(([measurement, of]) =>
    [...of].map((minute): Moment => ({ measurement, t: minute * MINUTE_MS })),
  );
  /** Once more, for what is seldom asked. */
  const again = () => [...decode(messages, errand, whereIs)].filter(isPoint);
  return {
    errand,
    reached,
    oldest,
    count,
    last,
    touched,
    unfit,
    store,
    points: () => again().map(([, point]) => point),
    origins: () => again().map(([message]) => message),
  };
}

const MINUTE_MS = 60_000;

function minutesOf(all: Map<Measurement, Set<number>>, measurement: Measurement): Set<number> {
  const known = all.get(measurement);
  if (known) return known;
  const made = new Set<number>();
  all.set(measurement, made);
  return made;
}

type Decoded = Point | Omit<Unfit, "message"> | undefined;

function* decode(
  messages: Iterable<StoredMessage>,
  errand: Errand,
  whereIs: WhereIs,
): Generator<readonly [StoredMessage, Decoded]> {
  for (const message of messages) if (message.id < errand.to) yield [message, decodeOne(message, whereIs)];
}

const isPoint = (found: readonly [StoredMessage, Decoded]): found is readonly [StoredMessage, Point] =>
  found[1] !== undefined && !("reason" in found[1]);

/** undefined: kept of this message is only that it came (PRIVACY §1.3). Payloads were validated before they were journalled. */
function decodeOne(message: StoredMessage, whereIs: WhereIs): Decoded {
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
