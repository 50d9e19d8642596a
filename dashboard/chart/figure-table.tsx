/** The figures of a small chart as a table, folded until asked for. */
import { useState } from "preact/hooks";
import { Scroll } from "../parts/scroll.tsx";
import { text } from "../texts/texts.ts";

interface Figures {
  readonly caption: string;
  readonly head: readonly string[];
  /** The first of each row heads it. */
  readonly rows: readonly (readonly string[])[];
}

function Table({ caption, head, rows }: Figures) {
  return (
    <Scroll label={caption}>
      <table class="table table--compact table--borderless figures">
        <caption class="sr-only">{caption}</caption>
        <thead>
          <tr>
            {head.map((word) => (
              <th key={word} scope="col">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...rest]) => (
            <tr key={first}>
              <th scope="row">{first}</th>
              {rest.map((figure, i) => (
                <td key={head[i + 1]}>{figure}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

export function FigureTable({ summary, ...figures }: Figures & { readonly summary?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{summary ?? text.value.room.table}</summary>
      {open && <Table {...figures} />}
    </details>
  );
}
