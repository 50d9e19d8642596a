/** What a simulated house does in a week: the data a scenario is made of (firmware-sim/scenarios holds them). */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { RoomKind, Weekday } from "#protocol/site.ts";
import type { PartitionSpectra } from "./partitions.ts";

/** A recurring meeting of staff in a conversation room, the largest that is free. */
export interface Meeting {
  readonly weekday: Weekday;
  /** Minutes after the house opens. */
  readonly startMin: number;
  readonly lengthMin: number;
  readonly people: number;
}

/** Something wrong with a microphone, with its clock or with where it hangs, from `from` (inclusive) until `until`. */
export type Fault =
  | { readonly kind: "stuck-microphone"; readonly room: RoomId; readonly from: Millis; readonly until: Millis }
  | { readonly kind: "clipped-microphone"; readonly room: RoomId; readonly from: Millis; readonly until: Millis }
  /** What the device takes for a second begins this much after it, ms; it does not know. */
  | {
      readonly kind: "clock-offset";
      readonly room: RoomId;
      readonly offsetMs: number;
      readonly from: Millis;
      readonly until: Millis;
    }
  | {
      readonly kind: "swapped-rooms";
      readonly rooms: readonly [RoomId, RoomId];
      readonly from: Millis;
      readonly until: Millis;
    };

/** What people do with doors, besides opening them for the seconds in which they come and go. */
export interface DoorHabits {
  /** Shares of the conversations behind a door that are held with it ajar, and with it open. */
  readonly ajar: number;
  readonly open: number;
  /** Share of the half days on which an office's door stands open whatever goes on in it. */
  readonly openOffice: number;
}

/** What sounds in the house besides its people. */
export interface HouseSounds {
  /** Kinds of rooms in which a radio plays all day. */
  readonly radioIn: readonly RoomKind[];
  /** How often a day two neighbouring offices listen to the same programme for an hour or two. */
  readonly sharedRadiosPerDay: number;
  readonly announcementsPerHour: number;
  /** Kinds of rooms in which announcements come out of loudspeakers. */
  readonly announcementsIn: readonly RoomKind[];
  readonly ventilationStepsPerHour: number;
  /** A vacuum cleaner goes round before the house closes. */
  readonly vacuumed: boolean;
}

export interface Scenario {
  readonly name: string;
  /** Half-hour interviews a caseworker holds in a week, mean; the week's total is this times the caseworkers, rounded. */
  readonly interviewsPerCaseworker: number;
  /** The most one caseworker holds in a week. */
  readonly interviewsAtMost: number;
  /** Share of the desks in shared offices whose staff hold interviews. */
  readonly caseworkerShare: number;
  /** How much citizens like each half hour of the day after opening, relative; the last value holds for the rest. */
  readonly popularity: readonly number[];
  /** Probability that an interview stays in the shared office though a conversation room is free. */
  readonly staysInOffice: number;
  /** Minutes between drop-ins: citizens without a booking, helped for some minutes at a desk that is free; 0 for none. */
  readonly dropInEveryMin: number;
  /** Telephone calls per member of staff and hour, and the median length of one. */
  readonly callsPerHour: number;
  readonly callMedianMin: number;
  /** Chats of colleagues per shared office and hour, and the median length of one. */
  readonly chatsPerHour: number;
  readonly chatMedianMin: number;
  /** Chatter per waiting room and hour. */
  readonly chatterPerHour: number;
  readonly meetings: readonly Meeting[];
  readonly doors: DoorHabits;
  readonly house: HouseSounds;
  /** Where the spectra of walls and doors come from. */
  readonly partitions: PartitionSpectra;
  readonly faults: readonly Fault[];
}
