/**
 * A local day that is over, in what a strict house tells of it in the place of single alerts: of each unit the figures that
 * the grouped report has of that day, so that nothing is told that it does not tell. Pure.
 */
import type { Names } from "#protocol/api.ts";
import { localTime } from "#protocol/calendar.ts";
import { intervalOf } from "../display/bins.ts";
import { seenFrom, type ToldFrom } from "../display/regrouping.ts";
import { groupedSight } from "../display/sight.ts";
import { daysNeeded } from "../display/talk.ts";
import { amountText, countText } from "./figures.ts";
import { day as dayInWords } from "./html-values.ts";
import type { Language } from "./texts.ts";
import { figuresOf, type Happened, tellUnits, type UnitFigures } from "./told-units.ts";

/** What is told together goes by its name; of its rooms nothing is said. */
export interface DigestUnit extends UnitFigures {
  readonly id: string;
  readonly name: Names;
}

export interface DigestView {
  /** One for each site and local day. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly units: readonly DigestUnit[];
  readonly message: Names;
}

/** Of the day with this number, which is over `now`. */
export function digestOf(happened: Happened, day: number, now: number, toldFrom?: ToldFrom): DigestView {
  const { site } = happened;
  const days = { from: day, until: day + 1 };
  const sight = seenFrom(groupedSight(site, now, toldFrom), daysNeeded(days).from);
  const told = tellUnits(happened, sight, days);
  const units = sight.own.map((unit) => ({ id: unit.id, name: unit.name, ...figuresOf(unit, told) }));
  const { from, until } = intervalOf(days, site.timeZone);
  const date = (language: Language) => dayInWords(new Date(from).toISOString(), site.timeZone, language);
  return {
    id: `digest:${site.site}:${localTime(from, site.timeZone).date}`,
    from: new Date(from).toISOString(),
    to: new Date(until).toISOString(),
    units,
    message: {
      da: [`${date("da")}.`, ...units.map(inDanish)].join(" "),
      en: [`${date("en")}.`, ...units.map(inEnglish)].join(" "),
    },
  };
}

const inDanish = ({ name, alerts, minutes }: DigestUnit): string =>
  `${name.da}: mulig overhøring ${countText(alerts)} gange, samtale i ${amountText(minutes)} min.`;
const inEnglish = ({ name, alerts, minutes }: DigestUnit): string =>
  `${name.en}: possible overhearing ${countText(alerts)} times, conversation for ${amountText(minutes)} min.`;
