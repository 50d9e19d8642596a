/** What the display rules tell, as the API says it. */
import type { Figure, SuppressReason } from "#protocol/api.ts";
import type { RoomId } from "#protocol/quantities.ts";
import { exactly, type Told, total } from "../display/figure.ts";
import type { GroupedSight } from "../display/sight.ts";
import type { Unit } from "../display/units.ts";

export const figure = ({ least, most }: Told): Figure => (least === most ? least : { least, most });

export const addedUp = (figures: readonly Figure[]): Figure =>
  figure(total(figures.map((one) => (typeof one === "number" ? exactly(one) : one))));

/** Of whole things: `7`, `<5`, `12–16`. */
export const countText = (figure: Figure, written = String as Written): string => textOf(figure, 1, written);
/** Of minutes and percents, in which `<5` is 0 to 5. */
export const amountText = (figure: Figure, written = String as Written): string => textOf(figure, 0, written);

/** How a number is written in a language. */
type Written = (value: number) => string;

function textOf(figure: Figure, step: number, written: Written): string {
  if (typeof figure === "number") return written(figure);
  const { least, most } = figure;
  return least === 0 ? `<${written(most + step)}` : `${written(least)}–${written(most)}`;
}

/** The unit that is a room alone, for whoever may see it; otherwise why there are no figures of the room. */
export function tellingOf(room: RoomId, { units, own }: GroupedSight): Unit | SuppressReason {
  const unit = units.of.get(room)!;
  if (typeof unit === "string") return unit;
  if (!own.includes(unit)) return "not-yours";
  if (unit.kind === "conversation-rooms") return "conversation-room";
  return unit.kind === "group" ? "in-group" : unit;
}

/** Why nothing of the talk in a room is told, not even together with other rooms. */
export function silenceOf(room: RoomId, { units, own }: GroupedSight): SuppressReason | undefined {
  const unit = units.of.get(room)!;
  if (typeof unit === "string") return unit;
  return own.includes(unit) ? undefined : "not-yours";
}

export const figures = <K extends string>(told: Readonly<Record<K, Told>>): Record<K, Figure> =>
  Object.fromEntries(Object.entries<Told>(told).map(([key, one]) => [key, figure(one)])) as Record<K, Figure>;
