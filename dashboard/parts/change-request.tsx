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
import { useFollowing, useGoingBack } from "./going-back.ts";
import { endOf, type Grounds, ReasonFields } from "./reason-fields.tsx";
import { Refusal } from "./refusal.tsx";
import { SettingChanges } from "./setting-change.tsx";

export const roleNames = (roles: readonly Role[]): string =>
  text.value.list(roles.map((role) => text.value.changes.role[role]));

/** What became of what was last asked of a request. Held by who shows them all: shown anew, it may stand in another list. */
export interface Outcome {
  readonly id: ChangeRequestView["id"];
  /** Why it was not done; undefined where it was. */
  readonly error?: unknown;
}

interface Given {
  readonly request: ChangeRequestView;
  readonly outcome: Outcome | undefined;
  /** Says what became of a deed, with all there is now where it was done; before the next one, nothing. */
  readonly tell: (outcome: Outcome | undefined, changes?: ChangesView) => void;
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

function Deeds({ request, tell }: Omit<Given, "outcome">) {
  const words = text.value.changes;
  const [chosen, choose] = useState<Chosen | null>(null);
  const place = useGoingBack<HTMLDivElement>(chosen !== null);
  const doing = useDoing();
  const put = (deed: () => Promise<ChangesView>) =>
    doing.run(async () => {
      tell(undefined);
      try {
        tell({ id: request.id }, await deed());
        choose(null);
      } catch (error) {
        // What was meant is not there any more: it is shown, and decided on, anew.
        if (isRevised(error)) choose(null);
        tell({ id: request.id, error });
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

export function ChangeRequest({ request, outcome, tell }: Given) {
  const { locale, changes: words } = text.value;
  const mine = outcome?.id === request.id ? outcome : undefined;
  // What had the focus may have gone with what could be done, or with the list that the request stood in.
  const heading = useFollowing<HTMLHeadingElement>(mine !== undefined && mine.error === undefined, false);
  const { phase, daysLeft } = request;
  const left =
    daysLeft !== null && phase in words.daysLeft ? words.daysLeft[phase as keyof typeof words.daysLeft] : null;
  return (
    <li class="change-request" data-change={request.id}>
      <h3 ref={heading} tabIndex={-1}>
        {words.request(String(request.id))}
      </h3>
      <p class="change-phase">
        <strong>{words.phase[phase]}</strong>
        {left && ` · ${left(number(daysLeft ?? 0, locale))}`}
        {request.origin === "file" && ` · ${words.ofFile}`}
      </p>
      <SettingChanges changes={request.changes} />
      <Facts request={request} />
      <Deeds request={request} tell={tell} />
      {mine?.error !== undefined && <Refusal error={mine.error} />}
    </li>
  );
}
