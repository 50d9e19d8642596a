/** A one-time link: choose a password with it, or just come in. */
import { useState } from "preact/hooks";
import type { LinkView } from "#protocol/access.ts";
import { useDoing } from "../parts/doing.ts";
import { useLoad } from "../parts/load.ts";
import { Refusal } from "../parts/refusal.tsx";
import { NameField, PasswordField } from "../parts/secret-field.tsx";
import { Title } from "../parts/title.tsx";
import { readLink, useLink } from "../state/access-api.ts";
import { link } from "../state/link.ts";
import { goTo, pathOf } from "../state/route.ts";
import { isIn } from "../state/who.ts";
import { text } from "../texts/texts.ts";

function UseForm({ secret, about }: { secret: string; about: LinkView }) {
  const words = text.value.signIn;
  const [name, setName] = useState(about.name ?? "");
  const [password, setPassword] = useState("");
  const { busy, error, run } = useDoing();
  const asksPassword = about.kind !== "sign-in";
  const submit = async (event: Event) => {
    event.preventDefault();
    const chosen = asksPassword ? { password, ...(about.name === null && { name }) } : {};
    const view = await run(() => useLink(secret, chosen));
    if (!view) return;
    link.value = null;
    isIn(view);
    goTo(pathOf.rooms);
  };
  return (
    <form class="sign-in" method="post" action="/api/v1/sign-in/link/use" onSubmit={submit}>
      {error !== undefined && <Refusal error={error} />}
      <p>{words.linkText[about.kind]}</p>
      {asksPassword && about.name === null && <NameField value={name} set={setName} hint={words.nameHint} />}
      {about.name !== null && <NameField value={about.name} />}
      {asksPassword && (
        <PasswordField
          id="password"
          label={words.newPassword}
          hint={words.passwordHint}
          purpose="new-password"
          value={password}
          set={setPassword}
        />
      )}
      <p class="actions">
        <button type="submit" class="button button-primary" disabled={busy}>
          {asksPassword ? words.savePassword : words.signIn}
        </button>
      </p>
    </form>
  );
}

export function LinkPage({ secret }: { secret: string }) {
  const words = text.value.signIn;
  const { value: about, error } = useLoad(secret, 0, () => readLink(secret));
  return (
    <>
      <Title>{about ? words.linkTitle[about.kind] : words.title}</Title>
      {error !== undefined && (
        <>
          <Refusal error={error} />
          <p>
            <button
              type="button"
              class="button button-secondary"
              onClick={() => {
                link.value = null;
              }}
            >
              {words.toSignIn}
            </button>
          </p>
        </>
      )}
      {about && <UseForm secret={secret} about={about} />}
      {!about && error === undefined && <p>{text.value.loading}</p>}
    </>
  );
}
