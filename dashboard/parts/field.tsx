/** What a field of a form has around it: its name and, where it needs one, a hint. */
import type { ComponentChildren } from "preact";

interface Around {
  /** Of the field itself, which stands within. */
  readonly id: string;
  readonly label: string;
  /** The field is described by `hintOf(id)`. */
  readonly hint?: string | undefined;
  readonly children: ComponentChildren;
}

export const hintOf = (id: string): string => `${id}-hint`;

export const Field = ({ id, label, hint, children }: Around) => (
  <div class="form-group">
    <label class="form-label" for={id}>
      {label}
    </label>
    {hint && (
      <p class="form-hint" id={hintOf(id)}>
        {hint}
      </p>
    )}
    {children}
  </div>
);
