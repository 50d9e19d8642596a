/** One room: what is so now, and its history where that may be shown. */
import { useState } from "preact/hooks";
import type { HistoryView, RoomView } from "#protocol/api.ts";
import { Chart, Legend } from "../chart/chart.tsx";
import { type Range, rangeNames, ranges } from "../chart/ranges.ts";
import { HistoryTable } from "../chart/table.tsx";
import { AlertsOf } from "../parts/alert-list.tsx";
import { DeviceTable } from "../parts/device-table.tsx";
import { Failure } from "../parts/failure.tsx";
import { Icon } from "../parts/icon.tsx";
import { InSums } from "../parts/in-sums.tsx";
import { useLoad, useVersion } from "../parts/load.ts";
import { PairList } from "../parts/pair-list.tsx";
import { RangePicker } from "../parts/range-picker.tsx";
import { PrivacyLine, RoomDetail } from "../parts/room-card.tsx";
import { RoomSignBadge } from "../parts/room-sign.tsx";
import { Title } from "../parts/title.tsx";
import { DailyTable, NotTold, ProfileTable } from "../parts/told.tsx";
import { getHistory } from "../state/api.ts";
import { isLive, isStrict, site, siteRooms, store, timeZone } from "../state/app.ts";
import { isSilent, signOf } from "../state/room-state.ts";
import { pathOf } from "../state/route.ts";
import { pairKey } from "../state/store.ts";
import { may } from "../state/who.ts";
import { date, percent } from "../texts/format.ts";
import { nameOf, text } from "../texts/texts.ts";

/** How much of the period was measured, 0–1. */
const covered = ({ coverage }: HistoryView) =>
  coverage.length === 0 ? 0 : coverage.reduce((sum, share) => sum + share, 0) / coverage.length;

function Shown({ history, name, range }: { history: HistoryView; name: string; range: string }) {
  const words = text.value;
  if (covered(history) === 0) return <p>{words.room.noData}</p>;
  const facts = [
    // Where days are told, single conversations are not.
    ...(history.daily === null ? [words.room.conversations(history.conversations.length)] : []),
    ...(history.conversationsFrom === null
      ? []
      : [words.room.conversationsFrom(date(Date.parse(history.conversationsFrom), words.locale, timeZone.value))]),
    words.room.measured(percent(covered(history), words.locale)),
    words.room.resolution[history.resolution],
    words.room.zone(timeZone.value),
  ];
  return (
    <>
      <p class="facts">{facts.join(" · ")}</p>
      <Legend />
      <Chart history={history} label={words.room.chartLabel(name, range)} />
      <p class="small-text">{words.room.gaps}</p>
      <HistoryTable key={`${history.room} ${range}`} history={history} caption={words.room.tableCaption(name, range)} />
    </>
  );
}

/** What the display rules leave of a room's past. */
function Told({ history, room, range }: { history: HistoryView; room: RoomView; range: string }) {
  const { suppressed, daily } = history;
  return (
    <>
      {suppressed === null && <Shown history={history} name={nameOf(room.name)} range={range} />}
      {suppressed !== null && <NotTold reason={suppressed} />}
      {room.kind === "conversation-room" && daily && <ProfileTable profile={history.profile} room={room.id} />}
      {daily && <DailyTable daily={daily} room={room.id} />}
    </>
  );
}

function RoomHistory({ room }: { room: RoomView }) {
  const words = text.value.room;
  const [range, setRange] = useState<Range>("8h");
  const { ms, resolution, refreshMs } = ranges[range];
  const version = useVersion(refreshMs);
  const { value, error, retry } = useLoad(`${room.id} ${range}`, version, (signal) => {
    const to = Date.now();
    return getHistory(room.id, to - ms, to, resolution, signal);
  });
  return (
    <section class="room-history" aria-labelledby="history-title">
      <h2 id="history-title">{words.history}</h2>
      <RangePicker names={rangeNames} words={words.ranges} chosen={range} choose={setRange} />
      {error !== undefined && <Failure error={error} retry={retry} />}
      {value && <Told history={value} room={room} range={words.ranges[range]} />}
      {!value && error === undefined && <p class="chart-place">{text.value.loading}</p>}
    </section>
  );
}

/** Where this room can be heard, and what can be heard in it. */
function Leaks({ room }: { room: RoomView }) {
  const words = text.value.leakage;
  const joined = (way: "from" | "to") =>
    siteRooms.value.flatMap(
      ({ id }) => store.pairs.value.get(way === "from" ? pairKey(room.id, id) : pairKey(id, room.id)) ?? [],
    );
  const [away, here] = [joined("from"), joined("to")];
  if (away.length + here.length === 0) return null;
  return (
    <section class="room-leaks" aria-labelledby="leaks-title">
      <h2 id="leaks-title">{words.ofRoom}</h2>
      <div class={isLive.value ? "two-ways" : "two-ways is-stale"}>
        <section aria-labelledby="leaks-away">
          <h3 id="leaks-away">{words.fromHere}</h3>
          <PairList pairs={away} other="to" />
        </section>
        <section aria-labelledby="leaks-here">
          <h3 id="leaks-here">{words.toHere}</h3>
          <PairList pairs={here} other="from" />
        </section>
      </div>
    </section>
  );
}

function WhyNothing() {
  const words = text.value.room;
  return (
    <section class="why">
      <Icon name="lock" />
      <div>
        <h2>{words.privateTitle}</h2>
        <p>{words.privateText}</p>
      </div>
    </section>
  );
}

function RoomNow({ room }: { room: RoomView }) {
  const sign = signOf(room, isLive.value);
  return (
    <>
      <section class={`now ${sign.reason === "stale" ? "is-stale" : ""}`} aria-label={text.value.room.now}>
        <RoomSignBadge state={sign.state} />
        <RoomDetail room={room} />
        <PrivacyLine room={room} />
      </section>
      <AlertsOf room={room.id} />
    </>
  );
}

/** Of nobody's room live, in a strict house, is an office. */
const isInSums = ({ kind }: RoomView): boolean => isStrict.value && OFFICES.has(kind);
const OFFICES: ReadonlySet<RoomView["kind"]> = new Set(["shared-office", "open-plan", "private-office"]);

function Untold({ room }: { room: RoomView }) {
  return isInSums(room) ? <InSums /> : <p class="lead">{text.value.reason["not-told"]}</p>;
}

/** Of a room that is not told live to whoever looks: its past, and how much its boundaries keep in. */
function untold(id: string): RoomView | undefined {
  const room = may("history") ? site.value?.rooms.find((one) => one.id === id) : undefined;
  const unknown = { conversation: "unknown", privacy: "unknown", privacyReason: "not-told" } as const;
  return room && { ...room, ...unknown, occupied: null, since: null, reason: null, free: null };
}

function RoomBody({ room, told }: { room: RoomView; told: boolean }) {
  const words = text.value;
  const devices = [...store.devices.value.values()].filter((device) => device.room === room.id);
  return (
    <>
      <Title>{nameOf(room.name)}</Title>
      {told ? <RoomNow room={room} /> : <Untold room={room} />}
      {isSilent(room) ? <WhyNothing /> : <RoomHistory key={room.id} room={room} />}
      <Leaks room={room} />
      <section aria-labelledby="sensors-title">
        <h2 id="sensors-title">{words.room.sensors}</h2>
        {devices.length > 0 ? <DeviceTable devices={devices} /> : <p>{words.room.noSensors}</p>}
      </section>
    </>
  );
}

export function RoomPage({ id }: { id: string }) {
  const words = text.value;
  const live = store.rooms.value.get(id);
  const room = live ?? (store.loaded.value ? untold(id) : undefined);
  return (
    <>
      <p class="back">
        <a href={pathOf.rooms}>
          <Icon name="back" />
          {words.room.back}
        </a>
      </p>
      {room && <RoomBody room={room} told={live !== undefined} />}
      {!room && <Title>{id}</Title>}
      {!room && <p>{store.loaded.value ? words.room.notFound(id) : words.link.connecting}</p>}
    </>
  );
}
