/** What is known of a boundary, in short: its class as an icon and a word, the figure with its margin, the age of it. */
import type { PairView } from "#protocol/api.ts";
import { isLive, store } from "../state/app.ts";
import { nowMs } from "../state/clock.ts";
import { type Leak, leakOf, pairSign, Z95 } from "../state/pair-state.ts";
import { ago, number, spc as wholeSpc } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Icon, type IconName } from "./icon.tsx";

const icons: Readonly<Record<Leak, IconName>> = {
  "below-minimal": "warning",
  "minimal-privacy": "minus",
  "standard-privacy": "check",
  "standard-security": "check",
  "high-security": "lock",
  "very-high-security": "lock",
  unknown: "help",
};

export const LeakSign = ({ leak }: { leak: Leak }) => (
  <span class={`leak leak-${leak}`}>
    <Icon name={icons[leak]} />
    {text.value.leakage.short[leak]}
  </span>
);

/** SPC with half its interval of 95 %, or as a lower bound; undefined where nothing is known. */
export function spcWords({ spc, spcSigma, spcLimited }: PairView): string | undefined {
  const { locale, leakage } = text.value;
  if (spc === null) return undefined;
  const value = wholeSpc(spc, locale);
  if (spcLimited) return leakage.spcBound(value);
  return spcSigma === null ? leakage.spcAlone(value) : leakage.spc(value, number(Z95 * spcSigma, locale));
}

/** What is so now, where it is worth a mark beside the class: heard, or not known because of a fault. */
export function NowMark({ pair }: { pair: PairView }) {
  const words = text.value;
  const { state, reason } = pairSign(pair, store.rooms.value, isLive.value);
  if (state === "overheard")
    return (
      <span class="now-mark now-overheard">
        <Icon name="warning" />
        {words.leakage.now.overheard}
        {pair.hearing && <span class="sr-only">: {words.hearing[pair.hearing]}</span>}
      </span>
    );
  // An unknown class says as much; and that nobody talks is no fault.
  if (state !== "unknown" || reason === null || reason === "nobody-talks" || leakOf(pair) === "unknown") return null;
  return (
    <span class="now-mark now-unknown">
      {words.leakage.now.unknown}
      <span class="sr-only">: {words.reason[reason]}</span>
    </span>
  );
}

export function LeakFigures({ pair }: { pair: PairView }) {
  const words = text.value;
  return (
    <span class="leak-figures">
      <span class="leak-spc">{spcWords(pair) ?? words.leakage.notMeasured}</span>
      {pair.learnedAt !== null && (
        <time class="leak-age" dateTime={pair.learnedAt}>
          {ago(Date.parse(pair.learnedAt), nowMs.value, words.locale)}
        </time>
      )}
    </span>
  );
}

/** All of it, one beneath the other. */
export const LeakSummary = ({ pair }: { pair: PairView }) => (
  <>
    <NowMark pair={pair} />
    <LeakSign leak={leakOf(pair)} />
    <LeakFigures pair={pair} />
  </>
);
