/** Values as the page shows them. Formatted by hand: the tables of `Intl` differ between versions, and the same report is the same bytes. */
import { localTime } from "#protocol/calendar.ts";
import { type Language, reportTexts } from "./texts.ts";

/** A local day in words. */
export function day(time: string, timeZone: string, language: Language): string {
  const [year, month, date] = localTime(Date.parse(time), timeZone).date.split("-").map(Number) as [
    number,
    number,
    number,
  ];
  const name = reportTexts[language].months[month - 1]!;
  return language === "da" ? `${date}. ${name} ${year}` : `${date} ${name} ${year}`;
}

export function number(value: number, language: Language): string {
  const [whole, fraction] = String(value).split(".") as [string, string?];
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, language === "da" ? "." : ",");
  return fraction === undefined ? grouped : `${grouped}${language === "da" ? "," : "."}${fraction}`;
}

/** Tenths tell something of a short time only. */
export const minutes = (value: number, language: Language): string =>
  number(value < 10 ? value : Math.round(value), language);

export const percent = (share: number, language: Language): string =>
  `${number(Math.round(share * 1000) / 10, language)} %`;

export const html = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
