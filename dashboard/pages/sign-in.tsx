/** Signing in: in place of whatever page was asked for, which comes when it is done. */
import { useState } from "preact/hooks";
import { useDoing } from "../parts/doing.ts";
import { Icon } from "../parts/icon.tsx";
import { useLoad } from "../parts/load.ts";
import { Refusal } from "../parts/refusal.tsx";
import { NameField, PasswordField } from "../parts/secret-field.tsx";
import { Title } from "../parts/title.tsx";
import { getOffer, providerSignOutUrl, providerUrl, signIn } from "../state/access-api.ts";
import { isIn, leave, who } from "../state/who.ts";
import { nameOf, text } from "../texts/texts.ts";

/** Signing out has not reached the gateway: whoever comes to this browser next is in. */
function StillIn() {
  const words = text.value.signIn;
  const { busy, error, run } = useDoing();
  return (
    <section class="alert alert-warning" role="alert">
      <p class="alert-heading">{words.leaving}</p>
      <p class="alert-text">{words.leavingText}</p>
      {error !== undefined && <Refusal error={error} />}
      <button type="button" class="button button-primary" onClick={() => void run(leave)} disabled={busy}>
        {words.leaveAgain}
      </button>
    </section>
  );
}

/** Why one is asked to sign in while a page was open. */
function Notice({ provider }: { readonly provider: string | undefined }) {
  const words = text.value.signIn;
  const now = who.value;
  if (now.kind !== "nobody" || now.why === "new") return null;
  if (now.why === "leaving") return <StillIn />;
  return (
    <section class="stale signed-out" role="status">
      <Icon name="info" />
      <div>
        <strong>{now.why === "left" ? words.left : words.ended}</strong>
        <p>{now.why === "left" ? words.leftText : words.endedText}</p>
        {now.elsewhere && provider !== undefined && (
          <>
            <p>{words.elsewhere(provider)}</p>
            <p>
              <a href={providerSignOutUrl} target="_self">
                {words.signOutElsewhere}
              </a>
            </p>
          </>
        )}
      </div>
    </section>
  );
}

function LocalForm() {
  const words = text.value.signIn;
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { busy, error, run } = useDoing();
  const submit = async (event: Event) => {
    event.preventDefault();
    const view = await run(() => signIn(name, password));
    if (view) isIn(view);
    else setPassword("");
  };
  return (
    <form class="sign-in" method="post" action="/api/v1/sign-in" onSubmit={submit}>
      {error !== undefined && <Refusal error={error} />}
      <NameField value={name} set={setName} />
      <PasswordField
        id="password"
        label={words.password}
        purpose="current-password"
        value={password}
        set={setPassword}
      />
      <p class="actions">
        <button type="submit" class="button button-primary" disabled={busy}>
          {busy ? words.signingIn : words.signIn}
        </button>
      </p>
    </form>
  );
}

/** A provider's refusal comes back in the address. */
function ProviderRefusal() {
  const words = text.value.signIn;
  const reason = new URLSearchParams(location.search).get("refused");
  if (reason === null) return null;
  const known: Readonly<Record<string, string>> = words.refusal;
  return (
    <div class="inconclusive refusal" role="alert">
      <Icon name="error" />
      <span>{known[reason] ?? words.refusal.provider}</span>
    </div>
  );
}

export function SignInPage() {
  const words = text.value.signIn;
  const { value: offer } = useLoad("offer", 0, getOffer);
  const provider = offer?.provider ? nameOf(offer.provider.name) : undefined;
  return (
    <>
      <Title>{words.title}</Title>
      <Notice provider={provider} />
      <ProviderRefusal />
      {provider !== undefined && (
        <p class="actions">
          <a class="button button-primary" href={providerUrl(location.pathname)} target="_self">
            {words.with(provider)}
          </a>
        </p>
      )}
      {provider !== undefined && offer?.local && <h2>{words.orLocal}</h2>}
      {offer?.local !== false && <LocalForm />}
      <p class="small-text">{words.cookies}</p>
    </>
  );
}
