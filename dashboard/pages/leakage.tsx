/** Which rooms leak to which: a table where it fits, a list per room on a narrow screen, and how to read either. */

import { LeakSign } from "../parts/leak.tsx";
import { LeakMatrix } from "../parts/leak-matrix.tsx";
import { useMedia } from "../parts/media.ts";
import { PairList } from "../parts/pair-list.tsx";
import { Title } from "../parts/title.tsx";
import { isLive, siteRooms, store } from "../state/app.ts";
import { type Leak, type Matrix, matrixOf } from "../state/pair-state.ts";
import { number } from "../texts/format.ts";
import { nameOf, text } from "../texts/texts.ts";

const WIDE = "(min-width: 900px)";

/** SPC at which each class begins, dB (ASTM E2638). */
const classes = [
  ["below-minimal", null, 70],
  ["minimal-privacy", 70, 75],
  ["standard-privacy", 75, 80],
  ["standard-security", 80, 85],
  ["high-security", 85, 90],
  ["very-high-security", 90, null],
  ["unknown", null, null],
] as const satisfies readonly (readonly [Leak, number | null, number | null])[];

function Legend() {
  const { locale, leakage: words } = text.value;
  const db = (value: number) => number(value, locale);
  const range = (from: number | null, to: number | null) => {
    if (from === null) return to === null ? "" : words.below(db(to));
    return to === null ? words.above(db(from)) : words.scale(db(from), db(to));
  };
  return (
    <section aria-labelledby="legend-title">
      <h2 id="legend-title">{words.legend}</h2>
      <dl class="leak-legend">
        {classes.map(([leak, from, to]) => (
          <div key={leak}>
            <dt>
              <LeakSign leak={leak} />
            </dt>
            <dd>
              {leak !== "unknown" && (
                <strong>
                  {words.class[leak]}, SPC {range(from, to)}.{" "}
                </strong>
              )}
              {words.meaning[leak]}
            </dd>
          </div>
        ))}
      </dl>
      <p>{words.legendSpc}</p>
      <p>{words.legendBound}</p>
      <p>{words.legendNow}</p>
    </section>
  );
}

function Lists({ matrix }: { matrix: Matrix }) {
  const words = text.value.leakage;
  return matrix.rooms.map((from) => {
    const pairs = matrix.rooms.flatMap((to) => matrix.of(from.id, to.id) ?? []);
    return (
      <section key={from.id} class="leak-room" aria-labelledby={`leak-${from.id}`}>
        <h3 id={`leak-${from.id}`}>{words.heardIn(nameOf(from.name))}</h3>
        <PairList pairs={pairs} other="to" />
      </section>
    );
  });
}

function Pairs() {
  const words = text.value.leakage;
  const wide = useMedia(WIDE);
  const matrix = matrixOf(siteRooms.value, [...store.pairs.value.values()]);
  if (matrix.rooms.length === 0) return <p>{words.empty}</p>;
  return (
    <>
      <section class={isLive.value ? "leaks" : "leaks is-stale"} aria-labelledby="matrix-title">
        <h2 id="matrix-title">{words.matrix}</h2>
        {wide ? <LeakMatrix matrix={matrix} /> : <Lists matrix={matrix} />}
      </section>
      <Legend />
    </>
  );
}

export function LeakagePage() {
  const words = text.value;
  return (
    <>
      <Title>{words.leakage.title}</Title>
      <p class="lead">{words.leakage.lead}</p>
      {store.loaded.value ? <Pairs /> : <p>{words.link.connecting}</p>}
    </>
  );
}
