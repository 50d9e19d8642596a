/** Who has an account, with which roles and rooms: for those who look after accounts, approve them, or may know of them. */
import { useState } from "preact/hooks";
import type { PersonView } from "#protocol/access.ts";
import { Confirm } from "../parts/confirm.tsx";
import { type Doing, useDoing } from "../parts/doing.ts";
import { Failure } from "../parts/failure.tsx";
import { Field, hintOf } from "../parts/field.tsx";
import { useFollowing, useGoingBack } from "../parts/going-back.ts";
import { GrantFields } from "../parts/grant-fields.tsx";
import { useLoad } from "../parts/load.ts";
import { Refusal } from "../parts/refusal.tsx";
import { Title } from "../parts/title.tsx";
import { TokenTable } from "../parts/token-table.tsx";
import { ToldOnce } from "../parts/told-once.tsx";
import { roleNames } from "../parts/who-menu.tsx";
import {
  approve,
  changeGrant,
  close,
  type Grant,
  getPeople,
  getTokens,
  invite,
  makeLink,
  revokeToken,
} from "../state/access-api.ts";
import { may } from "../state/who.ts";
import { text } from "../texts/texts.ts";

/** What a card may do with the list it stands in. */
interface Deeds {
  readonly doing: Doing;
  /** Ends an account, and with it the card. */
  readonly close: (person: PersonView) => void;
  readonly again: () => void;
  readonly tell: (told: Told) => void;
}
interface Told {
  readonly words: string;
  readonly secret: string;
}

const linkOf = (secret: string): string => `${location.origin}/sign-in#link=${secret}`;
const given = (grant: Grant): string =>
  grant.rooms.length === 0 ? roleNames(grant.roles) : `${roleNames(grant.roles)} (${grant.rooms.join(", ")})`;

function Asked({ person, deeds }: { person: PersonView; deeds: Deeds }) {
  const words = text.value.people;
  const { asked } = person;
  if (!asked) return null;
  // Also when it was not done: something else may be asked for by now.
  const decide = (yes: boolean) => void deeds.doing.run(() => approve(person.id, yes, asked)).then(deeds.again);
  return (
    <>
      <p>
        <strong>{words.asked(given(asked))}</strong>
      </p>
      {may("approve-people") && (
        <p class="actions">
          <button type="button" class="button button-primary" onClick={() => decide(true)}>
            {words.approve}
          </button>
          <button type="button" class="button button-secondary" onClick={() => decide(false)}>
            {words.refuse}
          </button>
        </p>
      )}
    </>
  );
}

function ChangeForm({ person, deeds, done }: { person: PersonView; deeds: Deeds; done: () => void }) {
  const words = text.value.people;
  const [grant, setGrant] = useState<Grant>({ roles: person.roles, rooms: person.rooms });
  const submit = async (event: Event) => {
    event.preventDefault();
    const answer = await deeds.doing.run(() => changeGrant(person.id, grant));
    if (!answer) return;
    done();
    deeds.again();
  };
  return (
    <form onSubmit={submit}>
      <GrantFields grant={grant} set={setGrant} />
      <p class="actions">
        <button type="submit" class="button button-primary">
          {words.save}
        </button>
        <button type="button" class="button button-secondary" onClick={done}>
          {text.value.cancel}
        </button>
      </p>
    </form>
  );
}

function Manage({ person, deeds }: { person: PersonView; deeds: Deeds }) {
  const words = text.value.people;
  const [open, setOpen] = useState<"change" | "close" | null>(null);
  const place = useGoingBack<HTMLParagraphElement>(open !== null);
  const { doing, tell } = deeds;
  const name = person.name ?? person.id;
  if (open === "change") return <ChangeForm person={person} deeds={deeds} done={() => setOpen(null)} />;
  if (open === "close")
    return (
      <Confirm
        question={person.state === "outside" ? words.sureOfOutside : words.sure}
        yes={words.closeSure(name)}
        onYes={() => deeds.close(person)}
        onNo={() => setOpen(null)}
      />
    );
  const newLink = async () => {
    const made = await doing.run(() => makeLink(person.id));
    if (made) tell({ words: words.linkFor(name), secret: linkOf(made.link) });
  };
  // What a provider says of somebody is changed there.
  const isLocal = person.state !== "outside";
  return (
    <p class="person-deeds" ref={place}>
      {isLocal && (
        <button type="button" class="plain" onClick={() => setOpen("change")}>
          {words.change} <span class="sr-only">{name}</span>
        </button>
      )}
      {isLocal && (
        <button type="button" class="plain" onClick={newLink}>
          {person.state === "invited" ? words.newInvitation : words.newPassword} <span class="sr-only">{name}</span>
        </button>
      )}
      <button type="button" class="plain" onClick={() => setOpen("close")}>
        {words.close} <span class="sr-only">{name}</span>
      </button>
    </p>
  );
}

function PersonCard({ person, deeds }: { person: PersonView; deeds: Deeds }) {
  const words = text.value.people;
  const heading = useFollowing<HTMLHeadingElement>(person.asked === null);
  return (
    <li class="person" data-person={person.name ?? person.id}>
      <h3 ref={heading} tabIndex={-1}>
        {person.name ?? words.fromProvider(person.id)}
      </h3>
      <p>{given(person)}</p>
      <p class="small-text">
        {words.state[person.state]} · {words.sessions(person.sessions)}
      </p>
      <Asked person={person} deeds={deeds} />
      {may("manage-people") && <Manage person={person} deeds={deeds} />}
    </li>
  );
}

function InviteForm({ deeds }: { deeds: Deeds }) {
  const { people: words, signIn } = text.value;
  const [name, setName] = useState("");
  const [grant, setGrant] = useState<Grant>({ roles: [], rooms: [] });
  const submit = async (event: Event) => {
    event.preventDefault();
    const made = await deeds.doing.run(() => invite(name, grant));
    if (!made) return;
    deeds.tell({ words: words.linkFor(name), secret: linkOf(made.link) });
    setName("");
    setGrant({ roles: [], rooms: [] });
    deeds.again();
  };
  return (
    <section aria-labelledby="invite-title">
      <h2 id="invite-title">{words.invite}</h2>
      <p>{words.inviteText}</p>
      <form class="sign-in" onSubmit={submit}>
        <Field id="invited" label={signIn.name} hint={signIn.nameHint}>
          <input
            class="form-input"
            id="invited"
            aria-describedby={hintOf("invited")}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            required
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <GrantFields grant={grant} set={setGrant} />
        <p class="actions">
          <button type="submit" class="button button-primary" disabled={deeds.doing.busy}>
            {words.invite}
          </button>
        </p>
      </form>
    </section>
  );
}

function Tokens() {
  const words = text.value.tokens;
  const [version, setVersion] = useState(0);
  const { value, error, retry } = useLoad("tokens", version, getTokens);
  const doing = useDoing();
  const end = ({ id }: { id: string }) => void doing.run(() => revokeToken(id)).then(() => setVersion((n) => n + 1));
  return (
    <section aria-labelledby="all-tokens-title">
      <h2 id="all-tokens-title">{words.all}</h2>
      {error !== undefined && <Failure error={error} retry={retry} />}
      {doing.error !== undefined && <Refusal error={doing.error} />}
      {value && <TokenTable tokens={value} {...(may("manage-people") && { end })} />}
    </section>
  );
}

export function PeoplePage() {
  const words = text.value.people;
  const [version, setVersion] = useState(0);
  const [told, tell] = useState<Told | null>(null);
  const doing = useDoing();
  const { value, error, retry } = useLoad("people", version, getPeople);
  const [closed, setClosed] = useState<string>();
  const list = useFollowing<HTMLUListElement>(closed !== undefined && !value?.some(({ id }) => id === closed));
  const again = () => setVersion((n) => n + 1);
  const deeds: Deeds = {
    doing,
    tell,
    again,
    close({ id }) {
      setClosed(id);
      void doing.run(() => close(id)).then(again);
    },
  };
  return (
    <>
      <Title>{words.title}</Title>
      <p class="lead">{words.lead}</p>
      {doing.error !== undefined && <Refusal error={doing.error} />}
      {told && <ToldOnce words={told.words} secret={told.secret} />}
      {error !== undefined && <Failure error={error} retry={retry} />}
      {value && (
        <ul class="people" tabIndex={-1} ref={list}>
          {value.map((person) => (
            <PersonCard key={person.id} person={person} deeds={deeds} />
          ))}
        </ul>
      )}
      {may("manage-people") && <InviteForm deeds={deeds} />}
      <Tokens />
    </>
  );
}
