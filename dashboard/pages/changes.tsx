/** What of the configuration was asked to be widened, what is in force of it, and what was; open to everybody. */
import { useState } from "preact/hooks";
import type { ChangePhase, ChangeRequestView, ChangesView } from "#protocol/changes.ts";
import { AskChange } from "../parts/ask-change.tsx";
import { ChangeRequest, type Outcome, roleNames } from "../parts/change-request.tsx";
import { Failure } from "../parts/failure.tsx";
import { useLoad, useVersion } from "../parts/load.ts";
import { SettingChanges } from "../parts/setting-change.tsx";
import { Title } from "../parts/title.tsx";
import { timeZone } from "../state/app.ts";
import { getChanges } from "../state/change-api.ts";
import { may } from "../state/who.ts";
import { date, number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";

const REFRESH_MS = 60_000;

const isPending = ({ phase }: ChangeRequestView) => phase === "requested" || phase === "notice";
const isPhase =
  (wanted: ChangePhase) =>
  ({ phase }: ChangeRequestView) =>
    phase === wanted;

function HeldBack({ changes }: { changes: ChangesView["heldBack"] }) {
  const words = text.value.changes;
  if (changes.length === 0) return null;
  return (
    <section class="alert alert-warning held-back" aria-labelledby="held-back-title">
      <h2 id="held-back-title" class="alert-heading">
        {words.heldBack}
      </h2>
      <p class="alert-text">{words.heldBackText}</p>
      <SettingChanges changes={changes} />
    </section>
  );
}

interface PartProps {
  readonly part: "pending" | "inForce" | "past";
  readonly requests: readonly ChangeRequestView[];
  readonly outcome: Outcome | undefined;
  readonly tell: (outcome: Outcome | undefined, changes?: ChangesView) => void;
}

function Part({ part, requests, ...then }: PartProps) {
  const words = text.value.changes;
  return (
    <section aria-labelledby={`${part}-title`}>
      <h2 id={`${part}-title`}>{words[part]}</h2>
      {requests.length === 0 ? (
        <p>{words.none[part]}</p>
      ) : (
        <ul class="nobullet-list change-requests">
          {requests.map((request) => (
            <ChangeRequest key={request.id} request={request} {...then} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface ChangesProps extends Omit<PartProps, "part" | "requests"> {
  readonly changes: ChangesView;
  readonly know: (changes: ChangesView) => void;
}

function Changes({ changes, know, ...then }: ChangesProps) {
  const { locale, changes: words } = text.value;
  const { requests, law } = changes;
  const over = requests.filter((request) => !(isPending(request) || request.phase === "in-force"));
  return (
    <>
      <p>{words.rule(roleNames(law.approvers), number(law.longestDays, locale))}</p>
      <p>{words.agreed(date(Date.parse(changes.agreedAt), locale, timeZone.value))}</p>
      <HeldBack changes={changes.heldBack} />
      {(may("narrow-setting") || may("request-widening")) && <AskChange law={law} onDone={know} />}
      <Part part="pending" requests={requests.filter(isPending)} {...then} />
      <Part part="inForce" requests={requests.filter(isPhase("in-force"))} {...then} />
      <Part part="past" requests={over} {...then} />
    </>
  );
}

export function ChangesPage() {
  const words = text.value;
  const loaded = useLoad("changes", useVersion(REFRESH_MS), getChanges);
  const [outcome, setOutcome] = useState<Outcome>();
  const changes = loaded.value;
  return (
    <>
      <Title>{words.changes.title}</Title>
      <p class="lead">{words.changes.lead}</p>
      {changes ? (
        <Changes
          changes={changes}
          know={loaded.know}
          outcome={outcome}
          tell={(told, answer) => {
            setOutcome(told);
            if (answer) loaded.know(answer);
            else if (told) loaded.retry();
          }}
        />
      ) : loaded.error !== undefined ? (
        <Failure error={loaded.error} retry={loaded.retry} />
      ) : (
        <p>{words.loading}</p>
      )}
    </>
  );
}
