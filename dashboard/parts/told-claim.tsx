/** A claim code that is shown this once, with the command that uses it, until it is used or no good any more. */
import type { ClaimView } from "#protocol/enrolment.ts";
import { timeZone } from "../state/app.ts";
import { type ClaimFate, claimCommand } from "../state/claim.ts";
import { nowMs } from "../state/clock.ts";
import { moment } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { CopyField } from "./copy-field.tsx";
import { useFollowing } from "./going-back.ts";

function StillGood({ claim }: { claim: ClaimView }) {
  const { enrolment: words, locale } = text.value;
  const until = moment(Date.parse(claim.until), nowMs.value, locale, timeZone.value);
  return (
    <>
      <strong id="claim-code">{words.toldOnce(claim.device)}</strong>
      <CopyField value={claim.code} labelledBy="claim-code" first />
      <p id="claim-command">{words.command}</p>
      <CopyField value={claimCommand(claim, location.hostname)} labelledBy="claim-command" />
      {claim.broker.startsWith("mqtts:") && <p class="small-text">{words.authority}</p>}
      <p>{words.waiting(until)}</p>
    </>
  );
}

export function ToldClaim({ claim, fate }: { claim: ClaimView; fate: ClaimFate }) {
  const words = text.value.enrolment;
  const here = useFollowing<HTMLElement>(fate !== "waiting", false);
  return (
    <section
      class="gateway told-once"
      aria-label={words.claimOf(claim.device)}
      data-fate={fate}
      tabIndex={-1}
      ref={here}
    >
      <div>
        {fate === "waiting" && <StillGood claim={claim} />}
        <div role="status">{fate !== "waiting" && <strong>{words.fate[fate](claim.device)}</strong>}</div>
      </div>
    </section>
  );
}
