/** The figures of a small chart as a table, folded until asked for. */
import { useState } from "preact/hooks";
import { Table } from "../parts/table.tsx";
import { text } from "../texts/texts.ts";

interface Figures {
  /** What it is folded behind. */
  readonly summary?: string;
  readonly caption: string;
  readonly head: readonly string[];
  /** The first of each row heads it. */
  readonly rows: readonly (readonly string[])[];
}

export function FigureTable({ summary, caption, head, rows }: Figures) {
  const [open, setOpen] = useState(false);
  return (
    <details class="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary ?? text.value.room.table}</summary>
      {open && (
        <Table look="figures" caption={caption} heads={head}>
          {rows.map(([first, ...rest]) => (
            <tr key={first}>
              <th scope="row">{first}</th>
              {rest.map((figure, i) => (
                <td key={head[i + 1]}>{figure}</td>
              ))}
            </tr>
          ))}
        </Table>
      )}
    </details>
  );
}
