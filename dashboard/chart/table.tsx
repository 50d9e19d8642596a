/** The same figures as the chart's, as a table: for screen readers, and for whoever wants the numbers. */
import { useState } from "preact/hooks";
import type { HistoryView } from "#protocol/api.ts";
import { Table } from "../parts/table.tsx";
import { timeZone } from "../state/app.ts";
import { clock, clockWithSeconds, day, number, percent } from "../texts/format.ts";
import { text } from "../texts/texts.ts";

const ROWS = 60;
type Column = "laeqDba" | "lafmaxDba" | "l90Dba";

function Row({ history, i }: { history: HistoryView; i: number }) {
  const words = text.value;
  const { locale } = words;
  const ms = history.t[i]!;
  const time = (history.resolution === "raw" ? clockWithSeconds : clock)(ms, locale, timeZone.value);
  const level = (column: Column) => {
    const value = history[column][i] ?? null;
    return <td>{value === null ? words.room.noMeasurement : number(value, locale, 1)}</td>;
  };
  const speech = history.speechRatio[i] ?? null;
  return (
    <tr>
      <th scope="row">
        {day(ms, locale, timeZone.value)} {time}
      </th>
      {level("laeqDba")}
      {level("lafmaxDba")}
      {level("l90Dba")}
      <td>{speech === null ? words.room.noMeasurement : percent(speech, locale)}</td>
      <td>{percent(history.coverage[i] ?? 0, locale)}</td>
    </tr>
  );
}

function Rows({ history, caption }: { history: HistoryView; caption: string }) {
  const words = text.value.room;
  const [page, setPage] = useState(0);
  const total = history.t.length;
  const first = Math.min(page * ROWS, Math.max(0, total - 1));
  const last = Math.min(first + ROWS, total);
  const shown = Array.from({ length: last - first }, (_, i) => total - 1 - first - i);
  return (
    <>
      <Table
        look="figures"
        caption={caption}
        heads={[
          words.tableTime,
          `${words.series.laeq}, dB(A)`,
          `${words.series.lafmax}, dB(A)`,
          `${words.series.l90}, dB(A)`,
          words.series.speech,
          words.series.coverage,
        ]}
      >
        {shown.map((i) => (
          <Row key={history.t[i]} history={history} i={i} />
        ))}
      </Table>
      <div class="pager">
        <button type="button" class="button button-secondary" disabled={first === 0} onClick={() => setPage(page - 1)}>
          {words.newer}
        </button>
        <p aria-live="polite">{words.rowsShown(first + 1, last, total)}</p>
        <button
          type="button"
          class="button button-secondary"
          disabled={last >= total}
          onClick={() => setPage(page + 1)}
        >
          {words.older}
        </button>
      </div>
    </>
  );
}

export function HistoryTable(props: { history: HistoryView; caption: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.value.room.table}</summary>
      {open && <Rows {...props} />}
    </details>
  );
}
