/** Bodies of the HTTP API and events of its stream. Times are RFC 3339 UTC strings; levels carry their unit in their name. */
import { z } from "zod";
import { HEARINGS } from "./acoustics/hearing.ts";
import { CredentialState } from "./enrolment.ts";
import { Id, RoomId } from "./quantities.ts";
import { RoomKind, Weekday } from "./site.ts";

const Time = z.iso.datetime().describe("RFC 3339, UTC");

export const Conversation = z.enum(["on", "off", "unknown"]);
export type Conversation = z.infer<typeof Conversation>;
export const Privacy = z.enum(["private", "overheard", "unknown"]);
export type Privacy = z.infer<typeof Privacy>;

/** Why a room's state is unknown. */
export const UnknownReason = z.enum([
  "no-device",
  "offline",
  "no-data",
  "muted",
  "asleep",
  "starting",
  "silent-room",
  "stuck",
  "clipped",
]);
export type UnknownReason = z.infer<typeof UnknownReason>;

export const Names = z.object({ da: z.string(), en: z.string() });
export type Names = z.infer<typeof Names>;

/**
 * A figure of behaviour: as measured, or that the truth lies between two (both ends belong to it), which is how small
 * counts, and sums of them, are told: 0 to 4 is "fewer than five". Rules: gateway/display.
 */
export const Figure = z.union([z.number(), z.object({ least: z.number(), most: z.number() })]);
export type Figure = z.infer<typeof Figure>;

/**
 * Why a figure of behaviour is not told: `one-person` nothing of it is kept · `in-group` told only with other rooms, because
 * few people work here, or another room needs it, or the house is strict · `conversation-room` dates are told of all conversation rooms together · `too-few-people`
 * not even a group has five · `not-yours` another room's · `under-four-weeks` the period holds no end of a fixed span of four
 * weeks · `too-little` there was less than an hour of it · `single-events` told only in sums · `regrouped` in a part of the
 * period it was told with other rooms.
 */
export const SuppressReason = z.enum([
  "one-person",
  "in-group",
  "conversation-room",
  "too-few-people",
  "not-yours",
  "under-four-weeks",
  "too-little",
  "single-events",
  "regrouped",
]);
export type SuppressReason = z.infer<typeof SuppressReason>;

export const RoomView = z.object({
  id: RoomId,
  name: Names,
  kind: RoomKind,
  conversation: Conversation,
  occupied: z.boolean().nullable().describe("null: not known, or not told for this kind of room"),
  privacy: Privacy.describe("of the room: `overheard` by a firing alert, `private` when every pair from it is"),
  privacyReason: z
    .lazy(() => PairReason)
    .nullable()
    .describe("why `privacy` is unknown; null when it is known"),
  since: Time.nullable().describe("when `conversation` took its present value"),
  reason: UnknownReason.nullable().describe("why `conversation` is unknown; null when it is known"),
  /** A conversation room that is measured, quiet and empty can be offered as the place to move to. */
  free: z.boolean().nullable().describe("conversation rooms: free now; null for other kinds or when not known"),
});
export type RoomView = z.infer<typeof RoomView>;

/** A conversation room as its door sign has it. */
export const FreeRoomView = z.object({
  id: RoomId,
  name: Names,
  state: z.enum(["free", "in-use", "unknown"]),
  readiness: Privacy.exclude(["overheard"]).describe(
    "free rooms: `private` when a normal voice would be understood nowhere else; `unknown` of every other",
  ),
});
export type FreeRoomView = z.infer<typeof FreeRoomView>;

export const AlertRule = z.enum(["conversation-in-shared-office", "overheard", "privacy-degraded"]);
export type AlertRule = z.infer<typeof AlertRule>;
export const AlertState = z.enum(["pending", "firing", "acknowledged", "resolved"]);
export type AlertState = z.infer<typeof AlertState>;
export const Severity = z.enum(["info", "warning", "critical"]);
export type Severity = z.infer<typeof Severity>;
export const ResolveReason = z.enum([
  "conversation-ended",
  "room-unknown",
  "room-vacant",
  "never-fired",
  "no-longer-heard",
  "pair-unknown",
  "recovered",
]);
export type ResolveReason = z.infer<typeof ResolveReason>;

export const Hearing = z.enum(HEARINGS);
export type Hearing = z.infer<typeof Hearing>;

export const AlertView = z.object({
  id: z.string(),
  rule: AlertRule,
  room: RoomId.nullable(),
  pair: z.tuple([RoomId, RoomId]).nullable(),
  state: AlertState,
  severity: Severity,
  startedAt: Time.describe(
    "start of what the alert is about; privacy-degraded: the full hour (UTC) after it was found",
  ),
  firedAt: Time.nullable(),
  acknowledgedAt: Time.nullable(),
  resolvedAt: Time.nullable(),
  reason: ResolveReason.nullable().describe("why it was resolved"),
  hearing: Hearing.nullable().describe("overheard: the most that could be heard while it lasted"),
  dropDb: z.number().nullable().describe("privacy-degraded: how much less the boundary keeps in, dB"),
  message: Names.describe("a room, a time and the nearest free private room; never a person"),
});
export type AlertView = z.infer<typeof AlertView>;

export const DeviceFault = z.enum([
  "offline",
  "silent",
  "muted",
  "tamper",
  "clipped",
  "noise-limited",
  "dropping",
  "clock",
  "no-credential",
  "denied",
  "namesake",
]);
export type DeviceFault = z.infer<typeof DeviceFault>;
/** Come and go with what is to be heard in the room. */
export const heardFaults: ReadonlySet<DeviceFault> = new Set(["clipped", "noise-limited"]);
export const DeviceView = z.object({
  id: Id,
  room: RoomId,
  connection: z.enum(["online", "offline", "unknown"]),
  credential: CredentialState,
  mode: z.enum(["measuring", "asleep", "muted", "unknown"]),
  lastSeen: Time.nullable(),
  firmware: z.string().nullable(),
  microphone: z.string().nullable(),
  calibration: z.object({ id: Id, date: z.string() }).nullable(),
  uptimeHours: z.number().nullable(),
  outbox: z.number().nullable().describe("messages waiting on the device"),
  dropped: z.number().nullable(),
  micFloorDba: z.number().nullable(),
  rssiDbm: z.number().nullable(),
  clockSkewMs: z.number().nullable().describe("arrival minus the end of the reading's window"),
  received: z
    .number()
    .nullable()
    .describe("readings stored since the gateway started; told to who sees the room live, as talk makes them more"),
  duplicates: z.number(),
  refused: z.number().describe("messages that were set aside, and what it was denied"),
  faults: z.array(DeviceFault),
});
export type DeviceView = z.infer<typeof DeviceView>;

/** Why a pair's state is unknown: what a room's may be, or what its sound says. */
export const PairReason = z.enum([
  ...UnknownReason.options,
  "no-bands",
  "clock",
  "swapped",
  "common-source",
  "learning",
  "uncertain",
  "nobody-talks",
  "not-told",
]);
export type PairReason = z.infer<typeof PairReason>;

/** Speech privacy classes of closed rooms by SPC (ASTM E2638). */
export const SpcClass = z.enum([
  "below-minimal",
  "minimal-privacy",
  "standard-privacy",
  "standard-security",
  "high-security",
  "very-high-security",
]);
export type SpcClass = z.infer<typeof SpcClass>;

const octaves = <T extends z.ZodType>(value: T) => z.array(value).length(5);

/**
 * Speech from room `from` heard at room `to`: every ordered pair that a boundary joins. `state` is about now. While
 * somebody talks in `from`: `overheard` or `private` when it is known which. While nobody does: `private` when a normal
 * voice would not be understood, otherwise `unknown` with `nobody-talks`. Who may not know of talk in `from` is told
 * `unknown` with `not-told`, and of the rest what stood there within the last hour, counts and times coarsely.
 */
export const PairView = z.object({
  from: RoomId,
  to: RoomId,
  boundary: z.object({ kind: z.enum(["wall", "door", "screen", "open"]), rw: z.number() }).describe("as configured"),
  state: Privacy,
  reason: PairReason.nullable().describe("why `state` is unknown; null when it is known"),
  reasonRoom: RoomId.nullable().describe("the room whose sensor is the reason"),
  link: z.boolean().nullable().describe("the sound at `to` follows the talk in `from`; null when nobody talks"),
  hearing: Hearing.nullable().describe("of the conversation that goes on in `from`"),
  snr: z.number().nullable().describe("SNR_uni of that conversation at `to`, dB"),
  sii5: z.number().nullable().describe("its speech intelligibility index from five octaves, 0–1"),
  probability: z.number().nullable().describe("that SNR_uni is above −12 dB, 0–1"),
  ld: octaves(z.number().nullable()).nullable().describe("level difference in octaves 250–4000 Hz, dB"),
  ldSigma: octaves(z.number().nullable()).nullable().describe("its standard uncertainty, dB"),
  ldLimited: octaves(z.boolean()).nullable().describe("the value is a lower bound: nothing was heard in the band"),
  spc: z.number().nullable().describe("speech privacy class, ASTM E2638: LD + background, dB"),
  spcSigma: z.number().nullable(),
  spcLimited: z.boolean().describe("`spc` is a lower bound"),
  spcClass: SpcClass.nullable(),
  confidence: z.number().nullable().describe("probability that `state` is right, 0–1; null when it is unknown"),
  episodes: z.int().describe("conversations from which the level difference is known"),
  learnedAt: Time.nullable().describe("when it was last learned from"),
  dropDb: z.number().nullable().describe("how much lower the latest level differences are than their 30-day median"),
});
export type PairView = z.infer<typeof PairView>;

export const Resolution = z.enum(["raw", "1m", "1h"]);
export type Resolution = z.infer<typeof Resolution>;

/** Rooms whose behaviour is told together, and how much of it there was on each local day that is over. */
export const GroupDays = z.object({
  id: z.string(),
  name: Names,
  rooms: z.array(RoomId),
  days: z.array(z.object({ day: Time, conversations: Figure, minutes: Figure.describe("in conversation") })),
});
export type GroupDays = z.infer<typeof GroupDays>;

/** How much a conversation room is used, over four whole weeks. Weekdays that would tell of single days are left out. */
export const RoomProfile = z.object({
  from: Time,
  to: Time,
  cells: z.array(
    z.object({ weekday: Weekday, hour: z.int().describe("local"), inUse: Figure.describe("percent of the time") }),
  ),
});
export type RoomProfile = z.infer<typeof RoomProfile>;

/**
 * Columns, not rows; `null` is a gap. All columns have the length of `t`. To whoever sees rooms only in groups, columns are
 * of whole hours that are over, empty with the reason in `suppressed` where the room is not told singly; `conversations` is
 * empty and `daily` says what may be said of them.
 */
export const HistoryView = z.object({
  room: RoomId,
  resolution: Resolution,
  from: Time,
  to: Time,
  stepMs: z.number().describe("distance of the points, ms"),
  t: z.array(z.number()).describe("start of each window, ms UTC"),
  laeqDba: z.array(z.number().nullable()).describe("energy mean"),
  lafmaxDba: z.array(z.number().nullable()),
  l90Dba: z.array(z.number().nullable()),
  speechRatio: z.array(z.number().nullable()),
  coverage: z.array(z.number()).describe("share of the window that was measured, 0–1"),
  conversations: z.array(z.object({ start: Time, end: Time.nullable() })),
  conversationsFrom: Time.nullable().describe(
    "conversations that were over before are not kept any more; null: those of all the period are",
  ),
  suppressed: SuppressReason.nullable().describe("why there are no columns; null: they are told"),
  daily: GroupDays.nullable().describe("the room by days, or the rooms it is told with; null where it is told in none"),
  profile: RoomProfile.nullable().describe(
    "conversation rooms: use by weekday and hour; null for others, or when too short",
  ),
});
export type HistoryView = z.infer<typeof HistoryView>;

/** A value and the interval it lies in with 95 % confidence, dB. */
const Interval95 = z.tuple([z.number(), z.number()]);

/** Minutes of talk in `from` by what could be heard of it at `to`; `unknown`: minutes in which that is not known. */
export const MinutesByHearing = z.object({
  inaudible: z.number(),
  audible: z.number(),
  words: z.number(),
  partly: z.number(),
  intelligible: z.number(),
  clearly: z.number(),
  unknown: z.number(),
});
export type MinutesByHearing = z.infer<typeof MinutesByHearing>;

/** Percent of the minutes of talk in whole spans of four weeks, by what was heard. Says nothing of how many there were. */
export const SharesByHearing = z.object({
  inaudible: Figure,
  audible: Figure,
  words: Figure,
  partly: Figure,
  intelligible: Figure,
  clearly: Figure,
  unknown: Figure,
});
export type SharesByHearing = z.infer<typeof SharesByHearing>;

/** Of how a pair's talk is told: in minutes, in shares, or not at all and why. */
const heard = {
  shares: SharesByHearing.nullable().describe("where minutes are not told: what part of them"),
  suppressed: SuppressReason.nullable().describe("why there are neither minutes nor shares"),
};

/** What a period has shown of one ordered pair of rooms. */
export const PairReport = z.object({
  from: RoomId,
  to: RoomId,
  boundary: z.object({ kind: z.enum(["wall", "door", "screen", "open"]), rw: z.number() }).describe("as configured"),
  targetRw: z.number().nullable().describe("R'w that BR18's guidance asks of such a boundary, dB"),
  ld: octaves(z.number().nullable()).describe("level difference in octaves 250–4000 Hz, dB"),
  ldSigma: octaves(z.number().nullable()),
  ldLimited: octaves(z.boolean()).describe("the value is a lower bound"),
  spc: z.number().nullable(),
  spcInterval: Interval95.nullable().describe("null also where `spc` is a lower bound"),
  spcLimited: z.boolean(),
  spcClass: SpcClass.nullable(),
  episodes: z.int().nullable().describe("conversations the level difference rests on; null: not told of `from`"),
  days: z.int().nullable().describe("days with at least one of them; null: not told of `from`"),
  minutes: MinutesByHearing.nullable(),
  ...heard,
  coverage: z
    .number()
    .nullable()
    .describe("share of the minutes of talk in `from` of which it is known what `to` heard"),
});
export type PairReport = z.infer<typeof PairReport>;

export const PairComparison = z.object({
  from: RoomId,
  to: RoomId,
  changeDb: z
    .number()
    .nullable()
    .describe("mean change of LD over the bands known in both periods; positive: keeps more in"),
  interval: Interval95.nullable(),
  verdict: z.enum(["better", "worse", "no-difference", "inconclusive"]),
});
export type PairComparison = z.infer<typeof PairComparison>;

/**
 * One pair's past. `minutes` are behaviour (short retention), `days` building facts: of rooms whose behaviour is told only
 * with others', a value for four weeks instead of a day, because a day has one when somebody talked.
 */
export const PairHistoryView = z.object({
  from: RoomId,
  to: RoomId,
  targetRw: z.number().nullable(),
  period: z.object({ from: Time, to: Time }),
  minutes: z.object({
    t: z.array(z.number()).describe("start of each minute in which somebody talked in `from`, ms UTC"),
    hearing: z.array(Hearing.nullable()),
    snr: z.array(z.number().nullable()),
    sii5: z.array(z.number().nullable()),
  }),
  byHearing: MinutesByHearing.nullable(),
  ...heard,
  noiseByHour: z
    .array(z.object({ hour: z.int(), l90: octaves(z.number()), dba: z.number() }))
    .describe("background at `to`: L90 by local hour of day, dB"),
  days: z.array(
    z.object({
      day: Time,
      episodes: z.int().nullable().describe("null where the value is of four weeks"),
      ld: octaves(z.number().nullable()),
      sigma: octaves(z.number().nullable()),
      bound: octaves(z.number().nullable()),
    }),
  ),
});
export type PairHistoryView = z.infer<typeof PairHistoryView>;

/** What a period has shown, as far as whoever asks may see it (PRIVACY §2). */
export const ReportView = z.object({
  site: Id,
  siteName: Names,
  timeZone: z.string(),
  reach: z
    .enum(["all", "grouped", "own-rooms"])
    .describe("`all`: rooms singly, as measured · `grouped`: by the display rules · `own-rooms`: of these, one's own"),
  from: Time,
  to: Time,
  software: z.string(),
  rooms: z.array(
    z.object({
      id: RoomId,
      name: Names,
      kind: RoomKind,
      conversations: Figure.nullable(),
      minutes: Figure.nullable().describe("minutes in conversation"),
      alerts: Figure.nullable(),
      suppressed: SuppressReason.nullable().describe("why there are no figures; null: they are told"),
      coverage: z.number().nullable().describe("share of the opening hours that was measured, 0–1"),
    }),
  ),
  groups: z
    .array(
      z.object({
        id: z.string(),
        name: Names,
        rooms: z.array(RoomId),
        conversations: Figure,
        minutes: Figure,
        alerts: Figure,
      }),
    )
    .describe("rooms that are told together; empty for the reach `all`"),
  byKindAndHour: z.array(
    z.object({
      kind: RoomKind,
      hour: z.int(),
      conversations: z.number().nullable(),
      minutes: z.number().nullable(),
      share: Figure.nullable().describe("where minutes are not told: percent of the kind's talk in `hoursOf`"),
    }),
  ),
  hoursOf: z
    .object({ from: Time, to: Time })
    .nullable()
    .describe("the whole spans of four weeks that hours are told of; null: of the period, or there is none"),
  hoursSuppressed: SuppressReason.nullable(),
  sharedOffices: z.object({
    conversations: Figure,
    minutes: Figure,
    longestMinutes: z.number().nullable().describe("null: single conversations are not told"),
  }),
  alerts: z.array(
    z.object({
      rule: AlertRule,
      fired: Figure,
      minutes: Figure.describe("sum of how long they lasted"),
      medianMinutes: z.number().nullable(),
      longestMinutes: z.number().nullable(),
    }),
  ),
  coverage: z.object({ overall: z.number().nullable(), conclusive: z.boolean().describe("at least 90 % covered") }),
  pairs: z.array(PairReport),
  comparison: z
    .object({ from: Time, to: Time, pairs: z.array(PairComparison) })
    .nullable()
    .describe("the same pairs in an earlier or later period; null unless asked for"),
});
export type ReportView = z.infer<typeof ReportView>;

/**
 * Why the database takes nothing at the moment, as coarse as people need it: `no-answer` and `busy` pass by themselves
 * (it is away; it answers too slowly, or that it is overloaded), the others wait for somebody. What the database has said
 * itself is in the gateway's log.
 */
export const HistoryTrouble = z.enum([
  "no-answer",
  "busy",
  "sign-in",
  "missing",
  "limit",
  "certificate",
  "types",
  "other",
]);
export type HistoryTrouble = z.infer<typeof HistoryTrouble>;
export const JournalTrouble = z.enum(["full", "read-only", "other"]);
export type JournalTrouble = z.infer<typeof JournalTrouble>;

/** How the gateway itself is. Nothing of any room. */
export const StatusView = z.object({
  history: z.object({
    state: z
      .enum(["flowing", "waiting", "held"])
      .describe("`waiting`: tried again by itself · `held`: somebody must act. Nothing is lost in either"),
    reason: HistoryTrouble.nullable().describe("null while it flows"),
    behind: z.int().describe("readings that are safe on the gateway and not yet in the database"),
    oldest: Time.nullable().describe("arrival of the oldest of them, as far as they have been looked at"),
  }),
  journal: z.object({
    state: z.enum(["ok", "failing"]).describe("`failing`: readings cannot be made safe, so none is acknowledged"),
    reason: JournalTrouble.nullable(),
  }),
});
export type StatusView = z.infer<typeof StatusView>;

export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** What the stream says, by event name. A new stream begins with everything as it is; then changes. */
export interface StreamEvents {
  room: RoomView;
  /** A conversation room, for all who may know which is free. */
  "free-room": FreeRoomView;
  alert: AlertView;
  device: DeviceView;
  pair: PairView;
  status: StatusView;
  heartbeat: { at: string };
  /**
   * `behind`: the reader took too little for too long · `session`: it is signed in no more, or may see other things now.
   * It may come back at once.
   */
  bye: { reason: "shutdown" | "behind" | "session" };
}
export type StreamEvent = keyof StreamEvents;
