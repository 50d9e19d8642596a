/** A widening that was asked for: what, how far it has come, who must still agree; and what who looks may do with it. */
import { useState } from "preact/hooks";
import type { ChangeDeed, ChangeRequestView, ChangesView } from "#protocol/changes.ts";
import type { Role } from "#protocol/roles.ts";
import { timeZone } from "../state/app.ts";
import { doToChange, reviseChange } from "../state/change-api.ts";
import { date, number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Confirm } from "./confirm.tsx";
import { useDoing } from "./doing.ts";
import { useGoingBack } from "./going-back.ts";
import { endOf, type Grounds, ReasonFields } from "./reason-fields.tsx";
import { Refusal } from "./refusal.tsx";
import { SettingChanges } from "./setting-change.tsx";

export const roleNames = (roles: readonly Role[]): string =>
  text.value.list(roles.map((role) => text.value.changes.role[role]));

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
  send: (grounds: Grounds) => void;
  onNo: () => void;
}) {
  const [grounds, setGrounds] = useState<Grounds>({
    reason: request.reason ?? "",
    until: request.until?.slice(0, 10) ?? "",
  });
  return (
    <form
      class="confirm"
      onSubmit={(event) => {
        event.preventDefault();
        send(grounds);
      }}
    >
      <ReasonFields name={String(request.id)} noticeDays={request.noticeDays} value={grounds} set={setGrounds} />
      <p class="actions">
        <button type="submit" class="button button-primary">
          {text.value.changes.send}
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
  const place = useGoingBack<HTMLDivElement>(chosen !== null);
  const doing = useDoing();
  const put = async (deed: () => Promise<ChangesView>) => {
    const changes = await doing.run(deed);
    if (!changes) return;
    choose(null);
    onDone(changes);
  };
  if (request.may.length === 0) return null;
  return (
    <div class="deeds" ref={place}>
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
          send={(grounds) => put(() => reviseChange(request.id, grounds.reason, endOf(grounds)))}
          onNo={() => choose(null)}
        />
      )}
      {chosen !== null && chosen !== "revise" && (
        <Confirm
          question={words.sure[chosen]}
          yes={words.yes[chosen]}
          onYes={() => put(() => doToChange(request.id, chosen))}
          onNo={() => choose(null)}
        />
      )}
      {doing.error !== undefined && <Refusal error={doing.error} />}
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
