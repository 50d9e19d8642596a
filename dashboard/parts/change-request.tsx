/** A widening that was asked for: what, how far it has come, who must still agree; and what who looks may do with it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ChangeDeed, ChangeRequestView, ChangesView } from "#protocol/changes.ts";
import type { Role } from "#protocol/roles.ts";
import { ApiError, doToChange, reviseChange } from "../state/api.ts";
import { timeZone } from "../state/app.ts";
import { date, isoDate, number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Confirm } from "./confirm.tsx";
import { Field } from "./field.tsx";
import { SettingChanges } from "./setting-change.tsx";

export const roleNames = (roles: readonly Role[]): string =>
  text.value.list(roles.map((role) => text.value.changes.role[role]));

const DAY = 86_400_000;

interface Given {
  readonly request: ChangeRequestView;
  readonly onDone: (changes: ChangesView) => void;
}

function Facts({ request }: { request: ChangeRequestView }) {
  const { locale, changes: words } = text.value;
  const { facts } = words;
  const on = (time: string) => date(Date.parse(time), locale, timeZone.value);
  const rows: (readonly [name: string, value: string | null])[] = [
    [facts.asked, on(request.requestedAt)],
    [facts.reason, request.hasReason ? (request.reason ?? words.reasonHidden) : words.noReason],
    [facts.notice, words.days(number(request.noticeDays, locale))],
    [facts.until, request.until && on(request.until)],
    [facts.approved, request.over === null && request.approvedBy.length > 0 ? roleNames(request.approvedBy) : null],
    [facts.needs, request.needs.length > 0 ? roleNames(request.needs) : null],
    [facts.over, request.over && on(request.over)],
  ];
  return (
    <dl class="explained change-facts">
      {rows.map(
        ([name, value]) =>
          value !== null && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function Revise({
  request,
  send,
  onNo,
}: {
  request: ChangeRequestView;
  send: (reason: string, until: string) => void;
  onNo: () => void;
}) {
  const words = text.value.changes;
  const [reason, setReason] = useState(request.reason ?? "");
  const earliest = isoDate(Date.now() + (request.noticeDays + 2) * DAY, timeZone.value);
  const [until, setUntil] = useState(request.until?.slice(0, 10) ?? "");
  const first = useRef<HTMLTextAreaElement>(null);
  useEffect(() => first.current?.focus(), []);
  return (
    <form
      class="confirm"
      onSubmit={(event) => {
        event.preventDefault();
        send(reason, until);
      }}
    >
      <Field id={`reason-${request.id}`} label={words.reasonLabel}>
        <textarea
          ref={first}
          class="form-input"
          id={`reason-${request.id}`}
          required
          minLength={10}
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </Field>
      <Field id={`until-${request.id}`} label={words.untilLabel}>
        <input
          class="form-input"
          type="date"
          id={`until-${request.id}`}
          required
          min={earliest}
          value={until}
          onInput={(event) => setUntil(event.currentTarget.value)}
        />
      </Field>
      <p class="actions">
        <button type="submit" class="button button-primary">
          {words.send}
        </button>
        <button type="button" class="button button-secondary" onClick={onNo}>
          {text.value.cancel}
        </button>
      </p>
    </form>
  );
}

function Deeds({ request, onDone }: Given) {
  const words = text.value.changes;
  const [chosen, choose] = useState<ChangeDeed | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const done = (answer: Promise<ChangesView>) =>
    answer.then(
      (changes) => {
        choose(null);
        setFailed(null);
        onDone(changes);
      },
      (error: unknown) =>
        setFailed(error instanceof ApiError && error.status > 0 ? error.message : text.value.noAnswer),
    );
  if (request.may.length === 0) return null;
  return (
    <div class="deeds">
      {chosen === null && (
        <p class="actions">
          {request.may.map((deed) => (
            <button key={deed} type="button" class="button button-secondary" onClick={() => choose(deed)}>
              {words.deed[deed]} <span class="sr-only">{words.request(String(request.id))}</span>
            </button>
          ))}
        </p>
      )}
      {chosen === "revise" && (
        <Revise
          request={request}
          send={(reason, until) => done(reviseChange(request.id, reason, `${until}T00:00:00Z`))}
          onNo={() => choose(null)}
        />
      )}
      {chosen !== null && chosen !== "revise" && (
        <Confirm
          question={words.sure[chosen]}
          yes={words.yes[chosen]}
          onYes={() => done(doToChange(request.id, chosen))}
          onNo={() => choose(null)}
        />
      )}
      {failed !== null && (
        <p class="inconclusive" role="alert">
          {words.notDone(failed)}
        </p>
      )}
    </div>
  );
}

export function ChangeRequest({ request, onDone }: Given) {
  const { locale, changes: words } = text.value;
  const { phase, daysLeft } = request;
  const left =
    daysLeft !== null && phase in words.daysLeft ? words.daysLeft[phase as keyof typeof words.daysLeft] : null;
  return (
    <li class="change-request" data-change={request.id}>
      <h3>{words.request(String(request.id))}</h3>
      <p class="change-phase">
        <strong>{words.phase[phase]}</strong>
        {left && ` · ${left(number(daysLeft ?? 0, locale))}`}
        {request.origin === "file" && ` · ${words.ofFile}`}
      </p>
      <SettingChanges changes={request.changes} />
      <Facts request={request} />
      <Deeds request={request} onDone={onDone} />
    </li>
  );
}
