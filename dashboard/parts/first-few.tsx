/** The first of a long list, and a button that shows the rest. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";

const FIRST = 8;

export function FirstFew<T>({
  items,
  children,
}: {
  items: readonly T[];
  children: (shown: readonly T[]) => ComponentChildren;
}) {
  const { locale, showAll } = text.value;
  const [all, setAll] = useState(false);
  return (
    <>
      {children(all ? items : items.slice(0, FIRST))}
      {!all && items.length > FIRST && (
        <button type="button" class="button button-secondary show-all" onClick={() => setAll(true)}>
          {showAll(number(items.length, locale))}
        </button>
      )}
    </>
  );
}
