/**
 * The shell of every table: a caption for who hears it, the heads, and a frame that scrolls by itself. With `blocks` a narrow
 * screen shows each row as a block, of which the cells name their column (`data-title`).
 */
import type { ComponentChildren } from "preact";
import { Scroll } from "./scroll.tsx";

export interface Head {
  readonly name: string;
  /** Whether figures stand beneath it. */
  readonly isNumber?: boolean;
  /** What a shortened name means. */
  readonly hint?: string | undefined;
}

interface Given {
  /** Its class in the style sheets. */
  readonly look: string;
  readonly caption: string;
  readonly heads: readonly (string | Head)[];
  readonly blocks?: boolean;
  /** Rows. */
  readonly children: ComponentChildren;
}

export function Table({ look, caption, heads, blocks = false, children }: Given) {
  return (
    <Scroll label={caption}>
      <table class={`table table--compact table--borderless ${blocks ? "table--responsive-headers" : ""} ${look}`}>
        <caption class="sr-only">{caption}</caption>
        <thead>
          <tr>
            {heads
              .map((head): Head => (typeof head === "string" ? { name: head } : head))
              .map(({ name, isNumber, hint }) => (
                <th key={name} scope="col" title={hint} class={isNumber ? "number" : undefined}>
                  {name}
                </th>
              ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </Scroll>
  );
}

/** A head above figures. */
export const ofFigures = (name: string): Head => ({ name, isNumber: true });
