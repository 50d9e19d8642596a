/** Bytes of one message → what they say, or why they are refused. */
import type { RefusalReason } from "#protocol/commands.ts";
import { type Id, type Millis, Seq } from "#protocol/quantities.ts";
import { type ReadingChannel, type Readings, readingSchemas } from "#protocol/readings.ts";
import { isReadingChannel, MAX_PAYLOAD_BYTES, parseTopic } from "#protocol/topics.ts";
import { quickCheck } from "./quick-check.ts";
import { isOfBehaviour, type Place, type Registry } from "./registry.ts";

/** A clock may be this much ahead; the rest must be wrong, and would win every "latest" for as long. */
export const CLOCK_AHEAD_MS = 30_000;
/** What a device said in the last seconds of its lease may arrive after it, ms. */
const ON_THEIR_WAY_MS = 5000;
/** An outbox reaches back 72 h. What is older than this is a wrong clock. */
export const CLOCK_BEHIND_MS = 7 * 24 * 3600_000;

/** `channel` tells the type of `reading`. */
export type Accepted = {
  readonly [C in ReadingChannel]: {
    readonly kind: "accepted";
    readonly place: Place;
    readonly channel: C;
    readonly reading: Readings[C];
    /** Nothing of it may be kept or told: of this place never, or not of this time (PRIVACY §1.3, §1.10). */
    readonly withheld: "silent" | "outside-hours" | null;
  };
}[ReadingChannel];

export interface Refused {
  readonly kind: "refused";
  readonly reason: RefusalReason;
  /** What is wrong, for people; no value of the message is repeated in it. */
  readonly detail: string;
  /** Whom to tell: where the topic names a device of this site. */
  readonly device?: Id;
  readonly channel?: string;
  readonly seq?: number;
  /** Nothing of its payload may be kept: what may not be when it is right may not be when it is wrong. */
  readonly withheld?: true;
}

export type Verdict = Accepted | Refused;

export interface Circumstances {
  readonly registry: Registry;
  /** Whether the site measures at this time, by what has been agreed. */
  readonly measures: (t: Millis) => boolean;
  /** Until when the device may publish `bands`. */
  readonly leaseUntil: (device: Id) => Millis | undefined;
}

const quickChecks = Object.fromEntries(
  Object.entries(readingSchemas).map(([channel, schema]) => [channel, quickCheck(schema)]),
) as Record<ReadingChannel, (value: unknown) => boolean>;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** `at` is the arrival, on the gateway's clock. */
export function judge(topic: string, payload: Uint8Array, at: Millis, circumstances: Circumstances): Verdict {
  const place = circumstances.registry.placeOf(topic);
  const sender = place ?? senderOf(topic, circumstances.registry);
  if ("kind" in sender) return sender;
  const { device, channel } = sender;
  const refused = (reason: RefusalReason, detail: string, value?: unknown): Refused => {
    const seq = seqOf(value);
    const withheld = place?.withheld || (isOfBehaviour(channel) && !mayBeKept(value, at, circumstances));
    return {
      kind: "refused",
      reason,
      detail,
      device,
      channel,
      ...(seq !== undefined && { seq }),
      ...(withheld && { withheld }),
    };
  };

  if (payload.length > MAX_PAYLOAD_BYTES)
    return refused("oversize", `${payload.length} bytes; at most ${MAX_PAYLOAD_BYTES} are read`);
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(payload));
  } catch {
    return refused("not-json", "is not JSON in UTF-8");
  }
  if (!place) return refused("unknown-device", `the site file has no device ${device}`, value);
  const reading = value as Readings[ReadingChannel];
  if (!quickChecks[channel](value)) {
    const parsed = readingSchemas[channel].safeParse(value);
    if (!parsed.success) return refused("schema", describe(parsed.error.issues), value);
  }
  const fault = clockFault(channel, reading.t, at);
  if (fault) return refused(...fault, reading);
  if (channel === "bands" && !((circumstances.leaseUntil(device) ?? 0) + ON_THEIR_WAY_MS > at))
    return refused("no-lease", "bands are taken only under a lease", reading);
  return {
    kind: "accepted",
    place,
    channel,
    reading,
    withheld: withheldOf(place, reading.t, circumstances),
  } as Accepted;
}

const withheldOf = (place: Place, t: Millis, { measures }: Circumstances): Accepted["withheld"] => {
  if (place.withheld) return "silent";
  return isOfBehaviour(place.channel) && !measures(t) ? "outside-hours" : null;
};

/** Of what is refused nobody knows when it was measured: it has to have come within the hours, and if it says a time, to be of them. */
function mayBeKept(value: unknown, at: Millis, { measures }: Circumstances): boolean {
  if (!measures(at)) return false;
  const t = fieldOf(value, "t");
  const isNear = typeof t === "number" && t - at <= CLOCK_AHEAD_MS && at - t <= CLOCK_BEHIND_MS;
  return !isNear || measures(t);
}

/** A topic that no registered device reads on: of ours but unknown, or not ours at all. */
function senderOf(topic: string, registry: Registry): { device: Id; channel: ReadingChannel } | Refused {
  const bad = (detail: string): Refused => ({ kind: "refused", reason: "bad-topic", detail });
  const parts = parseTopic(topic);
  if (!parts) return bad("is no topic of the protocol");
  if (parts.site !== registry.site.site) return bad("belongs to another site");
  const { device, channel } = parts;
  if (isReadingChannel(channel)) return { device, channel };
  const refusal = bad("is a channel on which only the gateway speaks");
  return registry.roomOf(device) ? { ...refusal, device, channel } : refusal;
}

/** `birth` and `status` are kept by the broker, and a will is written long before it is published: they may be old. */
function clockFault(
  channel: ReadingChannel,
  t: Millis,
  at: Millis,
): ["clock-ahead" | "clock-behind", string] | undefined {
  if (t - at > CLOCK_AHEAD_MS) return ["clock-ahead", `${Math.round((t - at) / 1000)} s ahead of the gateway`];
  if (channel === "birth" || channel === "status" || at - t <= CLOCK_BEHIND_MS) return undefined;
  return ["clock-behind", `${Math.round((at - t) / 3600_000)} h behind the gateway`];
}

function seqOf(value: unknown): number | undefined {
  const seq = Seq.safeParse(fieldOf(value, "seq"));
  return seq.success ? seq.data : undefined;
}

const fieldOf = (value: unknown, name: "seq" | "t"): unknown =>
  typeof value === "object" && value !== null ? (value as Record<typeof name, unknown>)[name] : undefined;

function describe(issues: readonly { path: readonly PropertyKey[]; message: string; code?: string }[]): string {
  const [first] = issues;
  if (!first) return "does not fit the schema";
  // The name of an unknown field comes from outside and could be any text.
  const what = first.code === "unrecognized_keys" ? "has fields that are not known" : first.message;
  const where = first.path.join(".");
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
  return `${where ? `${where}: ` : ""}${what}${more}`.slice(0, 200);
}
