/** Figures that the display rules have made coarser, and why others are not told. Never a zero or a gap. */
import type { Figure, GroupDays, RoomProfile, SuppressReason } from "#protocol/api.ts";
import { timeZone } from "../state/app.ts";
import { date, day, number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Icon } from "./icon.tsx";
import { roomName } from "./room-name.ts";
import { Table } from "./table.tsx";

/** Of whole things: none to four is `<5`. */
export const countOf = (figure: Figure): string => toldAs(figure, 1);
/** Of minutes and percents: 0 to 5 is `<5`. */
export const amountOf = (figure: Figure): string => toldAs(figure, 0);

function toldAs(figure: Figure, step: number): string {
  const { locale } = text.value;
  if (typeof figure === "number") return number(figure, locale);
  const { least, most } = figure;
  return least === 0 ? `<${number(most + step, locale)}` : `${number(least, locale)}–${number(most, locale)}`;
}

export const addedUp = (figures: readonly Figure[]): Figure => {
  const ends = figures.map((figure) => (typeof figure === "number" ? { least: figure, most: figure } : figure));
  const least = ends.reduce((sum, end) => sum + end.least, 0);
  const most = ends.reduce((sum, end) => sum + end.most, 0);
  return least === most ? least : { least, most };
};

export function NotTold({ reason }: { reason: SuppressReason }) {
  return (
    <p class="not-told" data-suppressed={reason}>
      <Icon name="hidden" />
      {text.value.told.because[reason]}
    </p>
  );
}

/** The rooms' days together, newest first. */
export function DailyTable({ daily, room }: { daily: GroupDays; room: string }) {
  const words = text.value.told;
  const { locale } = text.value;
  const others = daily.rooms.length > 1;
  const title = others ? words.dailyTogether(text.value.list(daily.rooms.map(roomName))) : words.daily(roomName(room));
  return (
    <section class="told" aria-labelledby="daily-title">
      <h3 id="daily-title">{title}</h3>
      <p class="small-text">{words.rules}</p>
      {daily.days.length === 0 && <p>{words.noDays}</p>}
      {daily.days.length > 0 && (
        <Table
          look="figures"
          caption={title}
          heads={[words.columns.day, words.columns.conversations, words.columns.minutes]}
        >
          {daily.days.toReversed().map((told) => (
            <tr key={told.day}>
              <th scope="row">{day(Date.parse(told.day), locale, timeZone.value)}</th>
              <td>{countOf(told.conversations)}</td>
              <td>{amountOf(told.minutes)}</td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** Only hours and weekdays in which the room was used a quarter of the time, or more, have a place. */
export function ProfileTable({ profile, room }: { profile: RoomProfile | null; room: string }) {
  const words = text.value.told;
  const { locale } = text.value;
  if (profile === null) return <NotTold reason="under-four-weeks" />;
  const shown = weekdays.filter((weekday) => profile.cells.some((cell) => cell.weekday === weekday));
  if (shown.length === 0) return <NotTold reason="too-little" />;
  const busy = profile.cells
    .filter(({ inUse }) => typeof inUse === "number" || inUse.least > 0)
    .map(({ hour }) => hour);
  const [first, last] = busy.length > 0 ? [Math.min(...busy), Math.max(...busy)] : [8, 15];
  const hours = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const inUse = (weekday: string, hour: number) =>
    profile.cells.find((cell) => cell.weekday === weekday && cell.hour === hour)?.inUse ?? 0;
  const [from, to] = [Date.parse(profile.from), Date.parse(profile.to) - 1];
  const title = words.profile(roomName(room), date(from, locale, timeZone.value), date(to, locale, timeZone.value));
  return (
    <section class="told" aria-labelledby="profile-title">
      <h3 id="profile-title">{title}</h3>
      <p class="small-text">{words.profileText}</p>
      <Table
        look="figures"
        caption={title}
        heads={[words.columns.hour, ...shown.map((weekday) => words.weekdays[weekday])]}
      >
        {hours.map((hour) => (
          <tr key={hour}>
            <th scope="row">{words.hour(hour)}</th>
            {shown.map((weekday) => (
              <td key={weekday}>{amountOf(inUse(weekday, hour))} %</td>
            ))}
          </tr>
        ))}
      </Table>
    </section>
  );
}
