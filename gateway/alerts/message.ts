/** What an alert says, in both languages: rooms, a time and the nearest free conversation room. Never a person. */
import type { Hearing } from "#protocol/api.ts";
import type { Millis, RoomId } from "#protocol/quantities.ts";
import type { Boundary, Site } from "#protocol/site.ts";
import type { Alert } from "./alert.ts";
import { type FreeRooms, nearestFree } from "./nearest-free.ts";

export interface Message {
  readonly da: string;
  readonly en: string;
}

/**
 * The sensor cannot know that a conversation is confidential:
 * the text says possible overhearing (DESIGN §2).
 */
export function alertMessage(alert: Alert, site: Site, free: FreeRooms): Message {
  switch (alert.rule) {
    case "conversation-in-shared-office":
      return inSharedOffice(alert, site, free);
    case "overheard":
      return alert.resolvedAt === null ? overheard(alert, site, free) : noLongerOverheard(alert, site);
    case "privacy-degraded":
      return degraded(alert, site);
  }
}

function inSharedOffice(alert: Alert, site: Site, free: FreeRooms): Message {
  const name = nameOf(site, alert.room);
  const { from, to } = clockTimes(alert, site);
  if (to !== null)
    return {
      da: `Mulig overhøring i ${name.da} kl. ${from.da}–${to.da} er slut.`,
      en: `Possible overhearing in ${name.en}, ${from.en}–${to.en}, is over.`,
    };
  const where = whereTo(site, alert.room, free);
  return {
    da: `Mulig overhøring: samtale i ${name.da} siden kl. ${from.da}. ${where.da}`,
    en: `Possible overhearing: conversation in ${name.en} since ${from.en}. ${where.en}`,
  };
}

/** From `partly` on, which is the least that an alert tells of. */
const HEARD: Record<"partly" | "intelligible" | "clearly", Message> = {
  partly: { da: "enkelte sætninger kan forstås", en: "some sentences can be understood" },
  intelligible: { da: "ord og sætninger kan følges", en: "words and sentences can be followed" },
  clearly: { da: "næsten alt kan forstås", en: "almost everything can be understood" },
};

const heard = (hearing: Hearing | undefined): Message =>
  hearing === "clearly" || hearing === "intelligible" ? HEARD[hearing] : HEARD.partly;

function overheard(alert: Alert, site: Site, free: FreeRooms): Message {
  const [talk, ear] = pairNames(alert, site);
  const { from } = clockTimes(alert, site);
  const what = heard(alert.hearing);
  const where = whereTo(site, alert.room, free);
  return {
    da: `Mulig overhøring: samtalen i ${talk.da} siden kl. ${from.da} kan høres i ${ear.da}: ${what.da}. ${where.da}`,
    en: `Possible overhearing: the conversation in ${talk.en} since ${from.en} can be heard in ${ear.en}: ${what.en}. ${where.en}`,
  };
}

/** What is not known any more is not said to be over. */
function noLongerOverheard(alert: Alert, site: Site): Message {
  const [talk, ear] = pairNames(alert, site);
  const { from, to } = clockTimes(alert, site);
  const until = to ?? from;
  switch (alert.reason) {
    case "no-longer-heard":
      return {
        da: `Mulig overhøring er slut: samtalen i ${talk.da} har siden kl. ${until.da} næppe kunnet forstås i ${ear.da}.`,
        en: `Possible overhearing is over: the conversation in ${talk.en} has hardly been understandable in ${ear.en} since ${until.en}.`,
      };
    case "pair-unknown":
    case "room-unknown":
      return {
        da: `Siden kl. ${until.da} vides det ikke, om samtalen i ${talk.da} kan høres i ${ear.da}.`,
        en: `Since ${until.en} it is not known whether the conversation in ${talk.en} can be heard in ${ear.en}.`,
      };
    default:
      return {
        da: `Mulig overhøring er slut: samtalen i ${talk.da} kl. ${from.da}–${until.da} kunne høres i ${ear.da}.`,
        en: `Possible overhearing is over: the conversation in ${talk.en}, ${from.en}–${until.en}, could be heard in ${ear.en}.`,
      };
  }
}

/** What it is called, and why it may let more through than it did. */
const BOUNDARY: Record<Boundary["kind"], { readonly name: Message; readonly cause: Message }> = {
  wall: {
    name: { da: "Væggen", en: "The wall" },
    cause: {
      da: "En dør kan stå åben, eller der er en utæthed.",
      en: "A door may be open, or there is a gap.",
    },
  },
  door: {
    name: { da: "Døren", en: "The door" },
    cause: { da: "Den kan stå åben, eller der er en utæthed.", en: "It may be open, or there is a gap." },
  },
  screen: {
    name: { da: "Skærmen", en: "The screen" },
    cause: { da: "Den kan være flyttet.", en: "It may have been moved." },
  },
  open: {
    name: { da: "Åbningen", en: "The opening" },
    cause: { da: "Noget kan være flyttet.", en: "Something may have been moved." },
  },
};

function degraded(alert: Alert, site: Site): Message {
  const [one, other] = pairNames(alert, site);
  const { name, cause } = BOUNDARY[boundaryOf(alert, site)?.kind ?? "wall"];
  const between = {
    da: `${name.da} mellem ${one.da} og ${other.da}`,
    en: `${name.en} between ${one.en} and ${other.en}`,
  };
  const db = Math.round(alert.dropDb ?? 0);
  if (alert.resolvedAt === null)
    return {
      da: `${between.da} holder mindre lyd inde, end den plejer (${db} dB mindre). ${cause.da}`,
      en: `${between.en} keeps in less sound than usual (${db} dB less). ${cause.en}`,
    };
  if (alert.reason === "recovered")
    return {
      da: `${between.da} holder igen lige så meget lyd inde, som den plejer.`,
      en: `${between.en} keeps in as much sound as usual again.`,
    };
  return {
    da: `${between.da} måles ikke længere.`,
    en: `${between.en} is no longer measured.`,
  };
}

/** Of several between the same rooms the one that lets most through, as for detection. */
const boundaryOf = ({ pair }: Alert, { boundaries }: Site): Boundary | undefined =>
  boundaries
    .filter(({ between }) => pair?.every((room) => between.includes(room)) === true)
    .sort((a, b) => a.rw - b.rw)[0];

const pairNames = ({ pair }: Alert, site: Site): readonly [Message, Message] => [
  nameOf(site, pair?.[0] ?? null),
  nameOf(site, pair?.[1] ?? null),
];

const nameOf = (site: Site, id: RoomId | null): Message =>
  site.rooms.find((room) => room.id === id)?.name ?? { da: id ?? "", en: id ?? "" };

function whereTo(site: Site, from: RoomId | null, free: FreeRooms): Message {
  const room = from === null ? undefined : nearestFree(site, from, free);
  if (room === undefined)
    return { da: "Intet samtalerum vides at være ledigt.", en: "No conversation room is known to be free." };
  return { da: `${room.name.da} er ledigt.`, en: `${room.name.en} is free.` };
}

/** Start and, when it is over, end; Danish writes the time of day with a full stop. */
function clockTimes({ startedAt, resolvedAt }: Alert, { timeZone }: Site): { from: Message; to: Message | null } {
  const written = (at: Millis): Message => {
    const time = clockTime(at, timeZone);
    return { da: time.replace(":", "."), en: time };
  };
  return { from: written(startedAt), to: resolvedAt === null ? null : written(resolvedAt) };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Local time of day, HH:MM. A format is costly to make and constant per time zone. */
function clockTime(at: Millis, timeZone: string): string {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    formats.set(timeZone, format);
  }
  return format.format(at);
}
