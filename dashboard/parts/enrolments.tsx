/** Which sensors hold a credential; for who manages sensors also claim codes and the way to take a credential back. */
import { useEffect, useState } from "preact/hooks";
import type { ClaimView, EnrolmentView } from "#protocol/enrolment.ts";
import type { Id } from "#protocol/quantities.ts";
import { store } from "../state/app.ts";
import { type ClaimFate, fateOf } from "../state/claim.ts";
import { nowMs } from "../state/clock.ts";
import { getEnrolments, makeClaimCode, revokeDevice } from "../state/device-api.ts";
import { may } from "../state/who.ts";
import { text } from "../texts/texts.ts";
import { useDoing } from "./doing.ts";
import { type EnrolmentDeeds, EnrolmentTable } from "./enrolment-table.tsx";
import { Failure } from "./failure.tsx";
import { useLoad, useVersion } from "./load.ts";
import { Refusal } from "./refusal.tsx";
import { ToldClaim } from "./told-claim.tsx";

/** The stream tells of credentials at once; codes that are made elsewhere are looked for. */
const REFRESH_MS = 10_000;

interface Told {
  readonly claim: ClaimView;
  /** Of the device's enrolment, when the code was made. */
  readonly since: EnrolmentView["since"];
  /** The last word of it, once it is spoken. */
  readonly fate?: ClaimFate;
}

const isHeld = ({ credential }: EnrolmentView) => credential === "secret" || credential === "certificate";

function Summary({ enrolments }: { enrolments: readonly EnrolmentView[] }) {
  const words = text.value.enrolment;
  const waiting = enrolments.filter(({ claimUntil }) => claimUntil !== null).length;
  return (
    <p class="facts">
      {words.summary(enrolments.filter(isHeld).length, enrolments.length)}
      {waiting > 0 && ` · ${words.codes(waiting)}`}
    </p>
  );
}

/** As the sensors stand above. */
const inOrder = (enrolments: readonly EnrolmentView[]) =>
  enrolments.toSorted((a, b) => a.device.localeCompare(b.device, "da", { numeric: true }));

/** The code that was made last on this page, and what became of it. */
function useTold(enrolments: readonly EnrolmentView[]) {
  const [told, setTold] = useState<Told | null>(null);
  const of = (device: Id) => enrolments.find((enrolment) => enrolment.device === device);
  const now = told && of(told.claim.device);
  const fate = told?.fate ?? (told && now ? fateOf(told.claim, told.since, now, nowMs.value) : "waiting");
  useEffect(() => {
    if (told && fate !== "waiting") setTold({ ...told, fate });
  }, [fate]);
  return {
    told: told && { claim: told.claim, fate },
    tell: (claim: ClaimView) => setTold({ claim, since: of(claim.device)?.since ?? null }),
  };
}

function Known({ enrolments, again }: { enrolments: readonly EnrolmentView[]; again: () => void }) {
  const words = text.value.enrolment;
  const doing = useDoing();
  const { told, tell } = useTold(enrolments);
  const [revoked, setRevoked] = useState<Id | null>(null);
  const deeds: EnrolmentDeeds = {
    async claim(device) {
      setRevoked(null);
      const claim = await doing.run(() => makeClaimCode(device));
      if (claim) tell(claim);
      again();
    },
    async revoke(device) {
      setRevoked(null);
      if (await doing.run(() => revokeDevice(device))) setRevoked(device);
      again();
    },
  };
  const manages = may("manage-devices");
  return (
    <>
      {manages && <p>{words.text}</p>}
      <Summary enrolments={enrolments} />
      {told && <ToldClaim {...told} />}
      {doing.error !== undefined && <Refusal error={doing.error} />}
      <div role="status">{revoked !== null && <p>{words.revoked(revoked)}</p>}</div>
      <EnrolmentTable enrolments={inOrder(enrolments)} {...(manages && { deeds })} />
    </>
  );
}

export function Enrolments() {
  const words = text.value.enrolment;
  const [deeds, setDeeds] = useState(0);
  const credentials = [...store.devices.value.values()].map(({ id, credential }) => `${id} ${credential}`).join();
  const version = `${useVersion(REFRESH_MS)} ${deeds} ${credentials}`;
  const { value, error, retry } = useLoad("enrolments", version, getEnrolments);
  return (
    <section aria-labelledby="enrolment-title">
      <h2 id="enrolment-title">{words.title}</h2>
      {value?.every(({ credential }) => credential === "not-needed") && <p>{words.notNeeded}</p>}
      {value?.some(({ credential }) => credential !== "not-needed") && (
        <Known enrolments={value} again={() => setDeeds((n) => n + 1)} />
      )}
      {!value && (error === undefined ? <p>{text.value.loading}</p> : <Failure error={error} retry={retry} />)}
    </section>
  );
}
