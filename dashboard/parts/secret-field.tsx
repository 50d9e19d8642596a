/** A password's field, which may be looked at while it is written. */
import { useState } from "preact/hooks";
import { text } from "../texts/texts.ts";
import { Field, hintOf } from "./field.tsx";

export function PasswordField(field: {
  id: string;
  label: string;
  hint?: string;
  /** For the browser's and other password managers. */
  purpose: "current-password" | "new-password";
  value: string;
  set: (value: string) => void;
}) {
  const words = text.value.signIn;
  const [shown, setShown] = useState(false);
  return (
    <Field id={field.id} label={field.label} hint={field.hint}>
      <input
        class="form-input"
        id={field.id}
        name="password"
        // One field that changes its kind, so that what is written stays; the types know them apart.
        type={(shown ? "text" : "password") as "password"}
        autocomplete={field.purpose}
        aria-describedby={field.hint ? hintOf(field.id) : undefined}
        spellcheck={false}
        autocapitalize="none"
        required
        value={field.value}
        onInput={(event) => field.set(event.currentTarget.value)}
      />
      <label class="check">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.currentTarget.checked)} />
        {words.showPassword}
      </label>
    </Field>
  );
}

/** The login name; read-only where it is there so that a password manager knows whose password it is. */
export function NameField(field: { value: string; set?: (value: string) => void; hint?: string }) {
  const words = text.value.signIn;
  return (
    <Field id="login-name" label={words.name} hint={field.hint}>
      <input
        class="form-input"
        id="login-name"
        name="username"
        autocomplete="username"
        aria-describedby={field.hint ? hintOf("login-name") : undefined}
        spellcheck={false}
        autocapitalize="none"
        required
        readOnly={field.set === undefined}
        value={field.value}
        onInput={(event) => field.set?.(event.currentTarget.value)}
      />
    </Field>
  );
}
