/** What detection says of pairs of rooms: speech from room `from`, heard at room `to`. */
import type { Hearing, PairReason, Privacy } from "#protocol/api.ts";
import type { Id, Millis, RoomId } from "#protocol/quantities.ts";

/** Five values, one per octave 250, 500, 1000, 2000, 4000 Hz. */
export type PerOctave<T> = readonly T[];

/** Of the conversation that goes on in `from`, at `to`. */
export interface Audibility {
  /** SNR_uni, dB, and its standard uncertainty. */
  readonly snr: number;
  readonly sigma: number;
  readonly sii5: number;
  /** That SNR_uni is above −12 dB, 0–1. */
  readonly probability: number;
  readonly hearing: Hearing;
}

export interface PairSituation {
  readonly from: RoomId;
  readonly to: RoomId;
  readonly state: Privacy;
  /** Why `state` is unknown, and the room whose sensor is the reason. */
  readonly reason: PairReason | null;
  readonly reasonRoom: RoomId | null;
  /** The sound at `to` follows the talk in `from`; null when nobody talks there. */
  readonly link: boolean | null;
  readonly audibility: Audibility | null;
}

/** What is known of the boundary itself, whoever talks. */
export interface PairKnowledge {
  readonly from: RoomId;
  readonly to: RoomId;
  /** Level difference, dB; null where nothing is known. `limited`: a lower bound. */
  readonly ld: PerOctave<number | null>;
  readonly sigma: PerOctave<number | null>;
  readonly limited: PerOctave<boolean>;
  /** Conversations it rests on, and when the last of them was. */
  readonly episodes: number;
  readonly learnedAt: Millis | null;
  /** Level differences against the 30-day median, dB; null unless the pair is degraded. */
  readonly dropDb: number | null;
  /** LD_avg + Ln_avg (ACOUSTICS §3.3), dB; a lower bound where any band of LD is. */
  readonly spc: { readonly value: number; readonly sigma: number; readonly limited: boolean } | null;
}

/** One minute in which somebody talked in `from`, for the history. */
export interface PairMinute {
  readonly from: RoomId;
  readonly to: RoomId;
  /** Start of the minute. */
  readonly t: Millis;
  readonly situation: PairSituation;
  /** Link statistic Z of the newest window; null when there was none. */
  readonly z: number | null;
  /** Privacy Index, %. */
  readonly pi: number | null;
  readonly spc: number | null;
  readonly ld: PerOctave<number | null>;
}

/**
 * What the conversations of one local day have shown of a boundary: a building fact, dated by the day only. Said anew after
 * each conversation; the last word of a day counts.
 */
export interface PairDay {
  readonly from: RoomId;
  readonly to: RoomId;
  /** Local midnight. */
  readonly day: Millis;
  readonly episodes: number;
  readonly ld: PerOctave<number | null>;
  readonly sigma: PerOctave<number | null>;
  /** Where `ld` is null: the greatest lower bound, dB. */
  readonly bound: PerOctave<number | null>;
}

/**
 * Whose talk a room's sensor takes for a conversation: the room's own, that of a louder room next to it (`elsewhere`), or not
 * known yet, since somebody talks next door as well.
 */
export type TalkSource = "own" | "elsewhere" | "undecided";

/** `at` is when it became known and never goes back from one fact to the next. */
export type PairFact =
  | { readonly kind: "pair"; readonly at: Millis; readonly situation: PairSituation }
  | { readonly kind: "pair-knowledge"; readonly at: Millis; readonly knowledge: PairKnowledge }
  | { readonly kind: "pair-minute"; readonly at: Millis; readonly minute: PairMinute }
  | { readonly kind: "pair-day"; readonly at: Millis; readonly day: PairDay }
  | { readonly kind: "talk-source"; readonly at: Millis; readonly room: RoomId; readonly source: TalkSource }
  /** Two conversations in a row came through the boundary more than 3 dB louder than its 30-day median. */
  | {
      readonly kind: "pair-degraded";
      readonly at: Millis;
      readonly from: RoomId;
      readonly to: RoomId;
      readonly dropDb: number;
    }
  | { readonly kind: "pair-restored"; readonly at: Millis; readonly from: RoomId; readonly to: RoomId }
  /** The device may publish `bands` until then. */
  | { readonly kind: "lease"; readonly at: Millis; readonly device: Id; readonly until: Millis };
