/** Open alerts: which room, since when, what to do. A room, never a person. */
import type { AlertView } from "#protocol/api.ts";
import { isLive, isStrict, store } from "../state/app.ts";
import { freeRooms, isShared, signOf } from "../state/room-state.ts";
import { pathOf } from "../state/route.ts";
import { number } from "../texts/format.ts";
import { nameOf, text } from "../texts/texts.ts";
import { alertHeading } from "./alert-words.ts";
import { Icon } from "./icon.tsx";
import { Since } from "./since.tsx";

/** No more rooms are named than one can choose between. */
const NAMED = 3;

function whatToDo(): string {
  const words = text.value;
  const { free, unknown } = freeRooms(store.rooms.value.values(), isLive.value);
  if (free.length > 0)
    return words.alerts.moveTo(
      words.list(
        free.slice(0, NAMED).map((room) => room.id),
        "disjunction",
      ),
    );
  return unknown.length > 0 ? words.alerts.moveUnknown : words.alerts.moveWhenFree;
}

/** What is known of it beside its rule: how much can be heard, how much less is kept in. */
function detail({ hearing, dropDb }: AlertView): string | null {
  const words = text.value;
  if (hearing !== null) return words.alerts.atMost(words.hearing[hearing]);
  return dropDb === null ? null : words.alerts.drop(number(dropDb, words.locale, 1));
}

const placeOf = ({ room, pair }: AlertView): string | null => {
  if (pair !== null) return pathOf.pair(...pair);
  return room === null ? null : pathOf.room(room);
};

function AlertItem({ alert }: { alert: AlertView }) {
  const words = text.value.alerts;
  const place = placeOf(alert);
  const more = detail(alert);
  return (
    <li class={`alarm alarm-${alert.severity}`} data-rule={alert.rule}>
      <Icon name="warning" />
      <div>
        <h3>{place === null ? alertHeading(alert) : <a href={place}>{alertHeading(alert)}</a>}</h3>
        <p>
          <Since instant={alert.startedAt} say={(clock, age) => words.since(words.rule[alert.rule], clock, age)} />
        </p>
        {more !== null && <p>{more}</p>}
        <p class="alarm-action">{alert.rule === "privacy-degraded" ? words.checkBoundary : whatToDo()}</p>
      </div>
      <p class="alarm-marks">
        <span class="badge">{words.severity[alert.severity]}</span>
        {alert.state === "acknowledged" && <span class="badge badge-info">{words.acknowledged}</span>}
      </p>
    </li>
  );
}

/** "No alerts" is said together with the rooms it cannot be said about. */
function NoAlerts() {
  const words = text.value;
  if (!isLive.value) return <p>{words.alerts.cannotTell}</p>;
  const unknown = [...store.rooms.value.values()].filter(
    (room) => isShared(room) && signOf(room, true).state === "unknown",
  );
  return (
    <p>
      {isStrict.value ? words.alerts.noneOfThese : words.alerts.none}
      {unknown.length > 0 && ` ${words.alerts.unknownIn(words.list(unknown.map((room) => nameOf(room.name))))}`}
    </p>
  );
}

/** The open alerts of one room, also as the room that hears; or of one pair of rooms. Nothing where there are none. */
export function AlertsOf(about: { room: string } | { pair: readonly [string, string] }) {
  const isAbout = ({ room, pair }: AlertView) =>
    "room" in about
      ? room === about.room || pair?.includes(about.room)
      : pair?.[0] === about.pair[0] && pair[1] === about.pair[1];
  const alerts = store.openAlerts.value.filter(isAbout);
  if (alerts.length === 0) return null;
  return (
    <section class={isLive.value ? "alarms" : "alarms is-stale"} aria-label={text.value.alerts.title}>
      <ul>
        {alerts.map((alert) => (
          <AlertItem key={alert.id} alert={alert} />
        ))}
      </ul>
    </section>
  );
}

export function AlertList() {
  const alerts = store.openAlerts.value;
  return (
    <section class={isLive.value ? "alarms" : "alarms is-stale"} aria-labelledby="alerts-title">
      <h2 id="alerts-title">{text.value.alerts.title}</h2>
      {alerts.length === 0 ? (
        <NoAlerts />
      ) : (
        <ul>
          {alerts.map((alert) => (
            <AlertItem key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
    </section>
  );
}
