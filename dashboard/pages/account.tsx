/** One's own account: what one may do here, password, tokens for programs, and out of everywhere. */
import { useState } from "preact/hooks";
import type { MeView } from "#protocol/access.ts";
import type { Role } from "#protocol/roles.ts";
import { useDoing } from "../parts/doing.ts";
import { Failure } from "../parts/failure.tsx";
import { Field } from "../parts/field.tsx";
import { RoomFields } from "../parts/grant-fields.tsx";
import { useLoad } from "../parts/load.ts";
import { Refusal } from "../parts/refusal.tsx";
import { NameField, PasswordField } from "../parts/secret-field.tsx";
import { Title } from "../parts/title.tsx";
import { TokenTable } from "../parts/token-table.tsx";
import { ToldOnce } from "../parts/told-once.tsx";
import { roleNames } from "../parts/who-menu.tsx";
import { changePassword, getOwnTokens, makeToken, revokeOwnToken, signOut } from "../state/access-api.ts";
import { isIn, isOut, me, whileReplaced } from "../state/who.ts";
import { text } from "../texts/texts.ts";

function PasswordForm({ name }: { name: string }) {
  const { account: words, signIn } = text.value;
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [done, setDone] = useState(false);
  const { busy, error, run } = useDoing();
  const submit = async (event: Event) => {
    event.preventDefault();
    setDone(false);
    const view = await run(() => whileReplaced(() => changePassword(current, password)));
    setCurrent("");
    if (!view) return;
    isIn(view);
    setPassword("");
    setDone(true);
  };
  return (
    <section aria-labelledby="password-title">
      <h2 id="password-title">{words.password}</h2>
      <p>{words.passwordText}</p>
      <form class="sign-in" method="post" action="/api/v1/me/password" onSubmit={submit}>
        {error !== undefined && <Refusal error={error} />}
        <p role="status">{done && words.passwordDone}</p>
        <NameField value={name} />
        <PasswordField id="current" label={words.current} purpose="current-password" value={current} set={setCurrent} />
        <PasswordField
          id="new"
          label={signIn.newPassword}
          hint={signIn.passwordHint}
          purpose="new-password"
          value={password}
          set={setPassword}
        />
        <p class="actions">
          <button type="submit" class="button button-primary" disabled={busy}>
            {words.changePassword}
          </button>
        </p>
      </form>
    </section>
  );
}

const withRooms: readonly Role[] = ["room-staff", "team-lead"];

function TokenForm({ view, made }: { view: MeView; made: (secret: string) => void }) {
  const { tokens: words, roles } = text.value;
  const [role, setRole] = useState<Role>(view.roles[0]!);
  const [label, setLabel] = useState("");
  const [days, setDays] = useState(90);
  const [rooms, setRooms] = useState<readonly string[]>(view.rooms);
  const { busy, error, run } = useDoing();
  const submit = async (event: Event) => {
    event.preventDefault();
    const wish = { role, label, days, rooms: withRooms.includes(role) ? rooms : [] };
    const token = await run(() => makeToken(wish));
    if (!token) return;
    setLabel("");
    made(token.secret);
  };
  return (
    <form class="sign-in" onSubmit={submit}>
      {error !== undefined && <Refusal error={error} />}
      <Field id="token-label" label={words.label}>
        <input
          class="form-input"
          id="token-label"
          required
          maxLength={60}
          value={label}
          onInput={(event) => setLabel(event.currentTarget.value)}
        />
      </Field>
      <Field id="token-role" label={words.role}>
        <select
          class="form-input"
          id="token-role"
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as Role)}
        >
          {view.roles.map((held) => (
            <option key={held} value={held}>
              {roles[held]}
            </option>
          ))}
        </select>
      </Field>
      {withRooms.includes(role) && <RoomFields rooms={rooms} among={view.rooms} set={setRooms} />}
      <Field id="token-days" label={words.days}>
        <input
          class="form-input"
          id="token-days"
          type="number"
          min={1}
          max={400}
          required
          value={days}
          onInput={(event) => setDays(event.currentTarget.valueAsNumber)}
        />
      </Field>
      <p class="actions">
        <button type="submit" class="button button-secondary" disabled={busy}>
          {words.make}
        </button>
      </p>
    </form>
  );
}

function OwnTokens({ view }: { view: MeView }) {
  const words = text.value.tokens;
  const [secret, setSecret] = useState<string | null>(null);
  const [version, setVersion] = useState(0);
  const { value, error, retry } = useLoad("own-tokens", version, getOwnTokens);
  const ending = useDoing();
  const failure = error !== undefined && <Failure error={error} retry={retry} />;
  if (!value) return failure || <p>{text.value.loading}</p>;
  const again = () => setVersion((n) => n + 1);
  return (
    <>
      {/* What was told once, and what is being written, stays where the list cannot be had anew. */}
      {failure}
      {ending.error !== undefined && <Refusal error={ending.error} />}
      <TokenTable tokens={value} end={({ id }) => void ending.run(() => revokeOwnToken(id)).then(again)} />
      {secret !== null && <ToldOnce words={words.toldOnce} secret={secret} />}
      {view.roles.length > 0 && (
        <TokenForm
          view={view}
          made={(told) => {
            setSecret(told);
            again();
          }}
        />
      )}
    </>
  );
}

export function AccountPage() {
  const { account: words, tokens, signIn, list } = text.value;
  const { busy, error, run } = useDoing();
  const view = me.value;
  if (view === null) return null;
  const leave = async () => {
    if ((await run(() => signOut(true))) !== undefined) isOut("left");
  };
  return (
    <>
      <Title>{words.title}</Title>
      <p class="lead">
        {roleNames(view.roles)}
        {view.rooms.length > 0 && ` · ${words.ownRooms(list(view.rooms))}`}
      </p>
      {view.waiting && <p>{signIn.waiting}</p>}
      {view.name !== null && <PasswordForm name={view.name} />}
      <section aria-labelledby="tokens-title">
        <h2 id="tokens-title">{tokens.title}</h2>
        <p>{tokens.text}</p>
        <OwnTokens view={view} />
      </section>
      <section aria-labelledby="everywhere-title">
        <h2 id="everywhere-title">{words.everywhere}</h2>
        <p>{words.everywhereText}</p>
        {error !== undefined && <Refusal error={error} />}
        <p class="actions">
          <button type="button" class="button button-secondary" onClick={leave} disabled={busy}>
            {words.everywhere}
          </button>
        </p>
      </section>
    </>
  );
}
