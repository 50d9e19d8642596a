/** What each sensor is known by and whether a code waits for it, one row each; on a narrow screen one block each. */
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import type { CredentialState, EnrolmentView } from "#protocol/enrolment.ts";
import type { Id } from "#protocol/quantities.ts";
import { store, timeZone } from "../state/app.ts";
import { nowMs } from "../state/clock.ts";
import { pathOf } from "../state/route.ts";
import { moment } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { ConfirmRow } from "./confirm.tsx";
import { useGoingBack } from "./going-back.ts";
import { Icon, type IconName } from "./icon.tsx";
import { roomName } from "./room-name.ts";
import { Since } from "./since.tsx";
import { Table } from "./table.tsx";

export interface EnrolmentDeeds {
  readonly claim: (device: Id) => void;
  readonly revoke: (device: Id) => void;
}

const icons: Readonly<Record<CredentialState, IconName>> = {
  "not-needed": "minus",
  none: "minus",
  secret: "check",
  certificate: "check",
  revoked: "error",
};

function Credential({ enrolment: { credential, since } }: { enrolment: EnrolmentView }) {
  const words = text.value;
  return (
    <>
      <span class={`sign sign-credential-${credential}`}>
        <Icon name={icons[credential]} />
        {words.enrolment.credential[credential]}
      </span>
      {since !== null && (
        <span class="beneath">
          <Since instant={since} say={words.since} />
        </span>
      )}
    </>
  );
}

function Code({ until }: { until: string | null }) {
  const { enrolment: words, locale } = text.value;
  if (until === null) return <>–</>;
  const end = moment(Date.parse(until), nowMs.value, locale, timeZone.value);
  return <time dateTime={until}>{words.codeUntil(end)}</time>;
}

/** Nothing is left to take away from who holds nothing and waits for nothing. */
const isRevocable = ({ credential, claimUntil }: EnrolmentView) =>
  credential === "secret" || credential === "certificate" || claimUntil !== null;

function Deeds({ enrolment, deeds, ask }: { enrolment: EnrolmentView; deeds: EnrolmentDeeds; ask: () => void }) {
  const words = text.value.enrolment;
  const { device, claimUntil } = enrolment;
  return (
    <>
      <button type="button" class="plain" onClick={() => deeds.claim(device)}>
        {claimUntil === null ? words.make : words.makeNew} <span class="sr-only">{device}</span>
      </button>
      {isRevocable(enrolment) && (
        <button type="button" class="plain" onClick={ask}>
          {words.revoke} <span class="sr-only">{device}</span>
        </button>
      )}
    </>
  );
}

const hasCredential = ({ credential }: EnrolmentView) => credential === "secret" || credential === "certificate";

function Row({ enrolment, deeds }: { enrolment: EnrolmentView; deeds?: EnrolmentDeeds }) {
  const { columns, ...words } = text.value.enrolment;
  const { device, claimUntil } = enrolment;
  const [asked, ask] = useState(false);
  const cell = useGoingBack<HTMLTableCellElement>(asked);
  const room = store.devices.value.get(device)?.room;
  return (
    <Fragment>
      <tr data-enrolment={device} data-credential={enrolment.credential}>
        <th scope="row">
          {device}
          {room !== undefined && (
            <a class="where" href={pathOf.room(room)}>
              {roomName(room)}
            </a>
          )}
        </th>
        <td data-title={columns.credential}>
          <Credential enrolment={enrolment} />
        </td>
        <td data-title={columns.code}>
          <Code until={claimUntil} />
        </td>
        {deeds && (
          <td data-title={columns.action} ref={cell}>
            <div class="enrolment-deeds">
              <Deeds enrolment={enrolment} deeds={deeds} ask={() => ask(true)} />
            </div>
          </td>
        )}
      </tr>
      {deeds && asked && (
        <ConfirmRow
          columns={4}
          question={hasCredential(enrolment) ? words.sure(device) : words.sureOfCode(device)}
          yes={words.yes(device)}
          onYes={() => {
            ask(false);
            deeds.revoke(device);
          }}
          onNo={() => ask(false)}
        />
      )}
    </Fragment>
  );
}

interface Given {
  readonly enrolments: readonly EnrolmentView[];
  /** Of who may do something about them. */
  readonly deeds?: EnrolmentDeeds;
}

export function EnrolmentTable({ enrolments, deeds }: Given) {
  const { columns, title } = text.value.enrolment;
  const { action, ...seen } = columns;
  return (
    <Table look="devices" caption={title} heads={Object.values(deeds ? columns : seen)} blocks>
      {enrolments.map((enrolment) => (
        <Row key={enrolment.device} enrolment={enrolment} {...(deeds && { deeds })} />
      ))}
    </Table>
  );
}
