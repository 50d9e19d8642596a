/** A line to be taken along: selectable, with a button that copies it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { text } from "../texts/texts.ts";

interface Field {
  readonly value: string;
  /** Id of what names it. */
  readonly labelledBy: string;
  /** Takes the focus when it comes, so that it is read out. */
  readonly first?: boolean;
}

/** All of it is to be seen, also on a narrow screen. */
const rowsOf = (value: string) => (value.length > 40 ? 2 : 1);

export function CopyField({ value, labelledBy, first = false }: Field) {
  const { copy, copied } = text.value.copying;
  const [done, setDone] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    setDone(false);
    if (!first) return;
    field.current?.focus();
    field.current?.select();
  }, [value]);
  const take = async () => {
    field.current?.select();
    // Without leave for the clipboard the text stands selected.
    await navigator.clipboard?.writeText(value).then(
      () => setDone(true),
      () => {},
    );
  };
  return (
    <>
      <textarea
        class="form-input"
        readOnly
        rows={rowsOf(value)}
        value={value}
        ref={field}
        aria-labelledby={labelledBy}
      />
      <p>
        <button type="button" class="plain" onClick={take} aria-describedby={labelledBy}>
          {copy}
        </button>{" "}
        <span role="status">{done && copied}</span>
      </p>
    </>
  );
}
