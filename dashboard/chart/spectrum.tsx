/** How much a boundary damps in each octave, how sure that is, and what is recommended of such a boundary. */
import type { PairView } from "#protocol/api.ts";
import { Z95 } from "../state/pair-state.ts";
import { number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { FigureTable } from "./figure-table.tsx";
import { Frame, type Place, tensAround } from "./frame.tsx";
import { octaveNames, referenceCurve } from "./octaves.ts";

/** One octave. `margin`: half the interval of 95 %, dB; null where the value is a lower bound. */
export interface Band {
  readonly value: number;
  readonly margin: number | null;
}

/** The octaves of a pair, null where nothing is known. */
export const bandsOf = ({ ld, ldSigma, ldLimited }: Pick<PairView, "ld" | "ldSigma" | "ldLimited">): (Band | null)[] =>
  (ld ?? []).map((value, i) =>
    value === null ? null : { value, margin: ldLimited?.[i] ? null : Z95 * (ldSigma?.[i] ?? 0) },
  );

const at = (i: number) => (i + 0.5) / 5;
const CAP = 6;
const DOT = 5;

function Measured({ band, x, y }: { band: Band; x: number; y: Place["y"] }) {
  const [low, high] = [y(band.value - band.margin!), y(band.value + band.margin!)];
  return (
    <g class="drawn-value">
      <path d={`M${x - CAP} ${high}h${2 * CAP}M${x} ${high}V${low}M${x - CAP} ${low}h${2 * CAP}`} />
      <circle cx={x} cy={y(band.value)} r={DOT} />
    </g>
  );
}

/** A hollow wedge with an arrow upwards: so much, or more. */
function Bound({ band, x, y }: { band: Band; x: number; y: Place["y"] }) {
  const foot = y(band.value);
  return (
    <g class="drawn-bound">
      <path d={`M${x - DOT - 2} ${foot}h${2 * DOT + 4}l${-DOT - 2} ${-DOT - 6}z`} />
      <path d={`M${x} ${foot - DOT - 6}v-16m-4 5l4 -5l4 5`} />
    </g>
  );
}

function Drawn({ bands, reference, place }: { bands: readonly (Band | null)[]; reference: number[]; place: Place }) {
  const { x, y } = place;
  const curve = reference.map((value, i) => `${i === 0 ? "M" : "L"}${x(at(i))} ${y(value)}`).join("");
  const { unknown } = text.value.pair.spectrum;
  return (
    <>
      {curve !== "" && <path class="drawn-reference" d={curve} />}
      {bands.map((band, i) => {
        const key = octaveNames("en")[i];
        if (band === null)
          return (
            <text key={key} class="drawn-unknown" x={x(at(i))} y={place.bottom - 8} text-anchor="middle">
              <title>{unknown}</title>?
            </text>
          );
        return band.margin === null ? (
          <Bound key={key} band={band} x={x(at(i))} y={y} />
        ) : (
          <Measured key={key} band={band} x={x(at(i))} y={y} />
        );
      })}
    </>
  );
}

export function Spectrum({
  pair,
  targetRw,
  names: [from, to],
}: {
  pair: PairView;
  targetRw: number | null;
  names: readonly [string, string];
}) {
  const words = text.value;
  const { locale } = words;
  const say = words.pair.spectrum;
  const bands = bandsOf(pair);
  if (bands.every((band) => band === null)) return <p>{say.none}</p>;
  const reference = targetRw === null ? [] : referenceCurve(targetRw);
  const edges = bands.flatMap((band) =>
    band ? [band.value - (band.margin ?? 0), band.value + (band.margin ?? 8)] : [],
  );
  const octaves = octaveNames(locale);
  return (
    <>
      <ul class="legend" aria-hidden="true">
        <li class="legend-value">{say.value}</li>
        {bands.some((band) => band?.margin === null) && <li class="legend-bound">{say.bound}</li>}
        {targetRw !== null && <li class="legend-reference">{say.reference(number(targetRw, locale))}</li>}
      </ul>
      <Frame
        label={say.label(from, to)}
        axis={{ name: say.axis, ...tensAround([...edges, ...reference, 0]) }}
        marks={octaves.map((word, i) => ({ at: at(i), word }))}
      >
        {(place) => <Drawn bands={bands} reference={reference} place={place} />}
      </Frame>
      {targetRw !== null && <p class="small-text">{say.referenceText}</p>}
      <FigureTable
        caption={say.caption(from, to)}
        head={[say.frequency, say.axis, say.margin]}
        rows={bands.map((band, i) => [
          octaves[i]!,
          band === null
            ? say.unknown
            : band.margin === null
              ? say.atLeast(number(band.value, locale, 1))
              : number(band.value, locale, 1),
          band?.margin == null ? "–" : `± ${number(band.margin, locale, 1)}`,
        ])}
      />
    </>
  );
}
