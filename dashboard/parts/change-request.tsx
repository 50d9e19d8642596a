/** A widening that was asked for: what, how far it has come, who must still agree; and what who looks may do with it. */
import { useState } from "preact/hooks";
import type { ChangeDeed, ChangeRequestView, ChangesView } from "#protocol/changes.ts";
import type { Role } from "#protocol/roles.ts";
import { ApiError } from "../state/api.ts";
import { timeZone } from "../state/app.ts";
import { approveChange, doToChange, reviseChange } from "../state/change-api.ts";
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

/** What was asked of a request and not done. Held by who shows them all: shown anew, the request may stand in another list. */
export interface Refused {
  readonly id: ChangeRequestView["id"];
  readonly error: unknown;
}

interface Given {
  readonly request: ChangeRequestView;
  readonly onDone: (changes: ChangesView) => void;
  readonly refused: Refused | undefined;
  /** Says what was refused, so that all is shown anew; before the next attempt, that nothing is. */
  readonly onRefused: (refused: Refused | undefined) => void;
}

function Facts({ request }: Pick<Given, "request">) {
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

/** What somebody is about to do, and to what: the page may show another by the time they say yes. */
interface Chosen {
  readonly deed: ChangeDeed;
  readonly shown: ChangeRequestView;
}

const sent = (deed: Exclude<ChangeDeed, "revise">, shown: ChangeRequestView): Promise<ChangesView> =>
  deed === "approve" ? approveChange(shown) : doToChange(shown.id, deed);

const isRevised = (error: unknown): boolean => error instanceof ApiError && error.kind === "revised-since";

function Deeds({ request, onDone, onRefused }: Omit<Given, "refused">) {
  const words = text.value.changes;
  const [chosen, choose] = useState<Chosen | null>(null);
  const place = useGoingBack<HTMLDivElement>(chosen !== null);
  const doing = useDoing();
  const put = (deed: () => Promise<ChangesView>) =>
    doing.run(async () => {
      onRefused(undefined);
      try {
        onDone(await deed());
        choose(null);
      } catch (error) {
        // What was meant is not there any more: it is shown, and decided on, anew.
        if (isRevised(error)) choose(null);
        onRefused({ id: request.id, error });
      }
    });
  if (request.may.length === 0) return null;
  return (
    <div class="deeds" ref={place}>
      {chosen === null && (
        <p class="actions">
          {request.may.map((deed) => (
            <button
              key={deed}
              type="button"
              class="button button-secondary"
              onClick={() => choose({ deed, shown: request })}
            >
              {words.deed[deed]} <span class="sr-only">{words.request(String(request.id))}</span>
            </button>
          ))}
        </p>
      )}
      {chosen?.deed === "revise" && (
        <Revise
          request={request}
          send={(grounds) => put(() => reviseChange(request.id, grounds.reason, endOf(grounds)))}
          onNo={() => choose(null)}
        />
      )}
      {chosen !== null && chosen.deed !== "revise" && (
        <Confirm
          question={words.sure[chosen.deed]}
          yes={words.yes[chosen.deed]}
          onYes={() => put(() => sent(chosen.deed as Exclude<ChangeDeed, "revise">, chosen.shown))}
          onNo={() => choose(null)}
        />
      )}
    </div>
  );
}

export function ChangeRequest({ request, refused, ...then }: Given) {
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
      <Deeds request={request} {...then} />
      {refused?.id === request.id && <Refusal error={refused.error} />}
    </li>
  );
}
