/** One room heard in another: what that means in plain words, what is so now, what is known of the boundary, and the past. */
import { useState } from "preact/hooks";
import type { PairHistoryView, PairView } from "#protocol/api.ts";
import { FigureTable } from "../chart/figure-table.tsx";
import { NoiseByHour } from "../chart/noise-by-hour.tsx";
import { octaveNames } from "../chart/octaves.ts";
import { Spectrum } from "../chart/spectrum.tsx";
import { AlertsOf } from "../parts/alert-list.tsx";
import { Failure } from "../parts/failure.tsx";
import { HeardMinutes, HeardShares } from "../parts/heard-minutes.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { LeakSign } from "../parts/leak.tsx";
import { useLoad, useVersion } from "../parts/load.ts";
import { RangePicker } from "../parts/range-picker.tsx";
import { roomName } from "../parts/room-name.ts";
import { Title } from "../parts/title.tsx";
import { NotTold } from "../parts/told.tsx";
import { getPairHistory } from "../state/api.ts";
import { isLive, store, timeZone } from "../state/app.ts";
import { nowMs } from "../state/clock.ts";
import {
  isBuildingFactOnly,
  leakOf,
  type PairSign,
  pairSign,
  type Voice,
  voiceThrough,
  Z95,
} from "../state/pair-state.ts";
import { pathOf } from "../state/route.ts";
import { pairKey } from "../state/store.ts";
import { ago, day, number, percent, spc as wholeSpc } from "../texts/format.ts";
import { text } from "../texts/texts.ts";

type Names = readonly [from: string, to: string];

const DAY = 86_400_000;
const ranges = { "24h": DAY, "7d": 7 * DAY, "28d": 28 * DAY, "90d": 90 * DAY } as const;
type Range = keyof typeof ranges;
/** Each reading is an entry in the audit log, and the past changes slowly. */
const REFRESH_MS = 300_000;

const voiceIcons: Readonly<Record<Voice, IconName>> = {
  followed: "warning",
  words: "warning",
  audible: "check",
  "not-understood": "check",
  inaudible: "check",
  unknown: "help",
};

function Headline({ pair, names: [from, to] }: { pair: PairView; names: Names }) {
  const words = text.value.pair;
  const { voice, sure } = voiceThrough(pair);
  return (
    <div class={`headline headline-${voice}`}>
      <Icon name={voiceIcons[voice]} />
      <div>
        <p class="headline-text">{words.voice[voice](from, to)}.</p>
        {!sure && <p>{words.likely}</p>}
      </div>
    </div>
  );
}

const signIcons: Readonly<Record<PairSign["state"], IconName>> = {
  private: "lock",
  overheard: "warning",
  unknown: "help",
  "not-shown": "hidden",
};

/** Why the state is what it is, in a sentence. */
function nowText(pair: PairView, { state, reason, reasonRoom }: PairSign): string {
  const words = text.value;
  if (state === "not-shown" && reason === null) return words.pair.silent;
  if (reason !== null)
    return reasonRoom === null
      ? words.reason[reason]
      : words.privacy.ofRoom(roomName(reasonRoom), words.reason[reason]);
  return pair.hearing === null ? words.pair.quiet : words.pair.talk(words.hearing[pair.hearing]);
}

function Now({ pair }: { pair: PairView }) {
  const words = text.value;
  const sign = pairSign(pair, store.rooms.value, isLive.value);
  return (
    <section class="now" aria-label={words.pair.now} data-state={sign.state}>
      <span class={`sign sign-${sign.state}`}>
        <Icon name={signIcons[sign.state]} />
        {words.pair.state[sign.state]}
      </span>
      <p>
        {nowText(pair, sign)}
        {sign.reason === null && sign.state !== "not-shown" && pair.confidence !== null && (
          <> ({words.pair.confidence(percent(pair.confidence, words.locale))})</>
        )}
      </p>
    </section>
  );
}

function spcText({ spc, spcSigma, spcLimited }: PairView): string | null {
  const { locale, pair: words } = text.value;
  if (spc === null) return null;
  if (spcLimited) return words.boundary.spcBound(wholeSpc(spc, locale));
  const margin = Z95 * (spcSigma ?? 0);
  return words.boundary.spcWith(
    wholeSpc(spc, locale),
    wholeSpc(spc - margin, locale),
    number(Math.ceil(spc + margin), locale),
  );
}

function BoundaryFacts({ pair, targetRw }: { pair: PairView; targetRw: number | null | undefined }) {
  const words = text.value;
  const { locale } = words;
  const say = words.pair.boundary;
  const leak = leakOf(pair);
  const spc = spcText(pair);
  const episodes = say.episodes(number(pair.episodes, locale));
  return (
    <dl class="pair-facts">
      <div>
        <dt>{say.spc}</dt>
        <dd>
          <LeakSign leak={leak} /> {spc}
          <span class="beneath">
            {leak !== "unknown" && `${words.leakage.class[leak]}. `}
            {words.leakage.meaning[leak]}
          </span>
        </dd>
      </div>
      <div>
        <dt>{say.configuredAs}</dt>
        <dd>{say.configured(say.kind[pair.boundary.kind], number(pair.boundary.rw, locale))}</dd>
      </div>
      {targetRw !== undefined && (
        <div>
          <dt>{say.target}</dt>
          <dd>{targetRw === null ? say.noTarget : say.targetIs(number(targetRw, locale))}</dd>
        </div>
      )}
      <div>
        <dt>{say.learned}</dt>
        <dd>
          {pair.learnedAt === null
            ? episodes
            : say.episodesUntil(episodes, ago(Date.parse(pair.learnedAt), nowMs.value, locale))}
        </dd>
      </div>
      {pair.dropDb !== null && (
        <div>
          <dt>{say.drop}</dt>
          <dd>{say.dropIs(number(pair.dropDb, locale, 1))}</dd>
        </div>
      )}
    </dl>
  );
}

function Days({ days, names: [from, to] }: { days: PairHistoryView["days"]; names: Names }) {
  const words = text.value;
  const { locale } = words;
  const say = words.pair.days;
  if (days.length === 0) return <p>{say.none}</p>;
  const figure = (value: number | null, bound: number | null) => {
    if (value !== null) return number(value, locale, 1);
    return bound === null ? words.pair.spectrum.unknown : words.pair.spectrum.atLeast(number(bound, locale, 1));
  };
  return (
    <FigureTable
      summary={say.show}
      caption={say.caption(from, to)}
      head={[say.day, say.episodes, ...octaveNames(locale)]}
      rows={days
        .toReversed()
        .map((shown) => [
          day(Date.parse(shown.day), locale, timeZone.value),
          shown.episodes === null ? words.told.fourWeeks : number(shown.episodes, locale),
          ...shown.ld.map((value, i) => figure(value, shown.bound[i] ?? null)),
        ])}
    />
  );
}

/** `silent`: when there is talk is not told, only what the building does. */
function Past({ history, names, silent }: { history: PairHistoryView; names: Names; silent: boolean }) {
  const words = text.value.pair;
  const hours = history.noiseByHour.toSorted((a, b) => a.hour - b.hour);
  return (
    <>
      {!silent && (
        <section aria-labelledby="minutes-title">
          <h3 id="minutes-title">{words.minutes.title}</h3>
          {history.byHearing && <HeardMinutes minutes={history.byHearing} from={names[0]} />}
          {history.shares && <HeardShares shares={history.shares} />}
          {history.suppressed !== null && <NotTold reason={history.suppressed} />}
        </section>
      )}
      <section aria-labelledby="noise-title">
        <h3 id="noise-title">{words.noise.title(names[1])}</h3>
        <p class="facts">{words.noise.text}</p>
        <NoiseByHour hours={hours} room={names[1]} />
      </section>
      <section aria-labelledby="days-title">
        <h3 id="days-title">{words.days.title}</h3>
        <Days days={history.days} names={names} />
      </section>
    </>
  );
}

function PairBody({ pair }: { pair: PairView }) {
  const words = text.value;
  const { from, to } = pair;
  const names: Names = [roomName(from), roomName(to)];
  const [range, setRange] = useState<Range>("28d");
  const version = useVersion(REFRESH_MS);
  const { value, error, retry } = useLoad(`${pairKey(from, to)} ${range}`, version, (signal) => {
    const until = Date.now();
    return getPairHistory(from, to, until - ranges[range], until, signal);
  });
  return (
    <>
      <Title>{words.leakage.from(...names)}</Title>
      <Headline pair={pair} names={names} />
      <Now pair={pair} />
      <AlertsOf pair={[from, to]} />
      <section class="boundary" aria-labelledby="boundary-title">
        <h2 id="boundary-title">{words.pair.boundary.title}</h2>
        <BoundaryFacts pair={pair} targetRw={value?.targetRw} />
        <h3>{words.pair.spectrum.title}</h3>
        <Spectrum pair={pair} targetRw={value?.targetRw ?? null} names={names} />
      </section>
      <section class="past" aria-labelledby="past-title">
        <h2 id="past-title">{words.pair.past}</h2>
        <RangePicker
          names={Object.keys(ranges) as Range[]}
          words={words.pair.ranges}
          chosen={range}
          choose={setRange}
        />
        {error !== undefined && <Failure error={error} retry={retry} />}
        {value && <Past history={value} names={names} silent={isBuildingFactOnly(pair, store.rooms.value)} />}
        {!value && error === undefined && <p class="chart-place">{words.loading}</p>}
      </section>
    </>
  );
}

export function PairPage({ from, to }: { from: string; to: string }) {
  const words = text.value;
  const pair = store.pairs.value.get(pairKey(from, to));
  return (
    <>
      <p class="back">
        <a href={pathOf.leakage}>
          <Icon name="back" />
          {words.pair.back}
        </a>
        {store.pairs.value.has(pairKey(to, from)) && (
          <a href={pathOf.pair(to, from)}>{words.pair.other(roomName(to), roomName(from))}</a>
        )}
      </p>
      {pair && <PairBody key={pairKey(from, to)} pair={pair} />}
      {!pair && <Title>{words.leakage.from(roomName(from), roomName(to))}</Title>}
      {!pair && <p>{store.loaded.value ? words.pair.notFound(roomName(from), roomName(to)) : words.link.connecting}</p>}
    </>
  );
}
