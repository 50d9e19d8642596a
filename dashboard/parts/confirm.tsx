/** Asks whether it is meant. Takes the focus when it comes, so that nothing is done by a second press on what is no longer there. */
import { useEffect, useRef } from "preact/hooks";
import { text } from "../texts/texts.ts";

interface Question {
  readonly question: string;
  readonly yes: string;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

export function Confirm({ question, yes, onYes, onNo }: Question) {
  const here = useRef<HTMLParagraphElement>(null);
  useEffect(() => here.current?.focus(), []);
  return (
    <div class="confirm">
      <p ref={here} tabIndex={-1}>
        {question}
      </p>
      <p class="actions">
        <button type="button" class="button button-primary" onClick={onYes}>
          {yes}
        </button>
        <button type="button" class="button button-secondary" onClick={onNo}>
          {text.value.cancel}
        </button>
      </p>
    </div>
  );
}

/** The same beneath a row of a table, as wide as all of its columns. */
export const ConfirmRow = ({ columns, ...question }: Question & { readonly columns: number }) => (
  <tr class="row-question">
    <td colSpan={columns}>
      <Confirm {...question} />
    </td>
  </tr>
);
