/** Why something is to be widened, and until when. */
import { useEffect, useRef } from "preact/hooks";
import { timeZone } from "../state/app.ts";
import { isoDate } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Field } from "./field.tsx";

const DAY = 86_400_000;

export interface Grounds {
  readonly reason: string;
  /** A date, 2027-03-01. */
  readonly until: string;
}

interface Given {
  /** Among the fields of the page. */
  readonly name: string;
  /** How long it is told beforehand: it cannot end before. */
  readonly noticeDays: number;
  readonly value: Grounds;
  readonly set: (value: Grounds) => void;
}

/** Takes the focus when it comes. */
export function ReasonFields({ name, noticeDays, value, set }: Given) {
  const words = text.value.changes;
  const first = useRef<HTMLTextAreaElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <>
      <Field id={`reason-${name}`} label={words.reasonLabel}>
        <textarea
          ref={first}
          class="form-input"
          id={`reason-${name}`}
          required
          minLength={10}
          maxLength={500}
          value={value.reason}
          onInput={(event) => set({ ...value, reason: event.currentTarget.value })}
        />
      </Field>
      <Field id={`until-${name}`} label={words.untilLabel}>
        <input
          class="form-input"
          type="date"
          id={`until-${name}`}
          required
          // Two approvals take a day or two.
          min={isoDate(Date.now() + (noticeDays + 2) * DAY, timeZone.value)}
          value={value.until}
          onInput={(event) => set({ ...value, until: event.currentTarget.value })}
        />
      </Field>
    </>
  );
}

export const endOf = ({ until }: Grounds): string => `${until}T00:00:00Z`;
