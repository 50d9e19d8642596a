/** What a simulated house does in a week: the data a scenario is made of (firmware-sim/scenarios holds them). */
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Weekday } from "#protocol/site.ts";

/** A recurring meeting of staff in a conversation room, the largest that is free. */
export interface Meeting {
  readonly weekday: Weekday;
  /** Minutes after the house opens. */
  readonly startMin: number;
  readonly lengthMin: number;
  readonly people: number;
}

/** Something wrong with a microphone or with where it hangs, from `from` (inclusive) until `until`. */
export type Fault =
  | { readonly kind: "stuck-microphone"; readonly room: RoomId; readonly from: Millis; readonly until: Millis }
  | { readonly kind: "clipped-microphone"; readonly room: RoomId; readonly from: Millis; readonly until: Millis }
  | {
      readonly kind: "swapped-rooms";
      readonly rooms: readonly [RoomId, RoomId];
      readonly from: Millis;
      readonly until: Millis;
    };

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
  readonly faults: readonly Fault[];
}
