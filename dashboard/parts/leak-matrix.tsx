/** Who can be heard where, as a table: rows talk, columns hear. Only cells of rooms that adjoin hold anything. */
import type { PairView } from "#protocol/api.ts";
import { leakOf, type Matrix } from "../state/pair-state.ts";
import { pathOf } from "../state/route.ts";
import { pairKey } from "../state/store.ts";
import { nameOf, text } from "../texts/texts.ts";
import { LeakSummary } from "./leak.tsx";
import { roomName } from "./room-name.ts";
import { Scroll } from "./scroll.tsx";

const directions: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
};

/** From a cell to the next one that holds a link, in the same row or column. Tab goes through all of them as ever. */
function moveFocus(event: KeyboardEvent): void {
  const step = directions[event.key];
  const cell = (event.target as Element).closest<HTMLTableCellElement>("td");
  const rows = cell?.closest("tbody")?.rows;
  if (!step || !cell || !rows) return;
  event.preventDefault();
  let [row, column] = [(cell.parentElement as HTMLTableRowElement).sectionRowIndex, cell.cellIndex];
  for (;;) {
    row += step[0];
    column += step[1];
    const next = rows[row]?.cells[column];
    if (!next) return;
    const link = next.matches("td") ? next.querySelector("a") : null;
    if (link) {
      link.focus();
      return;
    }
  }
}

function Cell({ pair }: { pair: PairView | undefined }) {
  if (!pair) return <td class="no-boundary" />;
  return (
    <td class={`cell-${leakOf(pair)}`} data-pair={pairKey(pair.from, pair.to)}>
      <a href={pathOf.pair(pair.from, pair.to)}>
        <span class="sr-only">{text.value.leakage.from(roomName(pair.from), roomName(pair.to))}: </span>
        <LeakSummary pair={pair} />
      </a>
    </td>
  );
}

export function LeakMatrix({ matrix }: { matrix: Matrix }) {
  const words = text.value.leakage;
  return (
    <>
      <Scroll label={words.matrix}>
        {/* The arrow keys move between the links in the cells. */}
        <table class="matrix" onKeyDown={moveFocus}>
          <caption class="sr-only">{words.caption}</caption>
          <thead>
            <tr>
              <td class="matrix-corner">{words.corner}</td>
              {matrix.rooms.map((room) => (
                <th key={room.id} scope="col">
                  {nameOf(room.name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rooms.map((from) => (
              <tr key={from.id}>
                <th scope="row">
                  <a href={pathOf.room(from.id)}>{nameOf(from.name)}</a>
                </th>
                {matrix.rooms.map((to) => (
                  <Cell key={to.id} pair={matrix.of(from.id, to.id)} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <p class="small-text">
        {words.caption} {words.keys}
      </p>
    </>
  );
}
