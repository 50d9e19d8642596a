/** A secret that is shown this once: selectable, with a button that copies it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { text } from "../texts/texts.ts";

export function ToldOnce({ words, secret }: { words: string; secret: string }) {
  const { copy, copied } = text.value.tokens;
  const [done, setDone] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    setDone(false);
    field.current?.focus();
    field.current?.select();
  }, [secret]);
  const take = async () => {
    field.current?.select();
    // Without leave for the clipboard the text stands selected.
    await navigator.clipboard?.writeText(secret).then(
      () => setDone(true),
      () => {},
    );
  };
  return (
    <section class="gateway told-once" aria-labelledby="told-once">
      <div>
        <strong id="told-once">{words}</strong>
        <input class="form-input" readOnly value={secret} ref={field} aria-labelledby="told-once" />
        <p>
          <button type="button" class="plain" onClick={take}>
            {copy}
          </button>{" "}
          <span role="status">{done && copied}</span>
        </p>
      </div>
    </section>
  );
}
