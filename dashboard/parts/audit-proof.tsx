/** What the log can be checked by: how long it is, its newest hash, the last signed checkpoint. Told to everybody. */
import { auditCheckpointsUrl, auditExportUrl, getAuditHead } from "../state/api.ts";
import { timeZone } from "../state/app.ts";
import { nowMs } from "../state/clock.ts";
import { moment, number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Icon } from "./icon.tsx";
import { useLoad } from "./load.ts";

/** `whole`: the reader may have all of the log. */
export function AuditProof({ whole }: { whole: boolean }) {
  const { locale, audit: words } = text.value;
  const { value } = useLoad("head", 0, getAuditHead);
  if (!value) return null;
  const { count, head, checkpoint } = value;
  return (
    <section aria-labelledby="proof-title">
      <h2 id="proof-title">{words.proof}</h2>
      <p>{words.proofText}</p>
      <dl class="proof">
        <dt>{words.entries}</dt>
        <dd>{number(count, locale)}</dd>
        <dt>{words.head}</dt>
        <dd>
          <code>{head}</code>
        </dd>
        <dt>{words.checkpoint}</dt>
        <dd>
          {checkpoint === null
            ? words.noCheckpoint
            : words.checkpointIs(
                moment(Date.parse(checkpoint.time), nowMs.value, locale, timeZone.value),
                number(checkpoint.count, locale),
              )}
        </dd>
      </dl>
      <p class="actions">
        {whole && (
          <a class="button button-primary" download href={auditExportUrl}>
            <Icon name="download" />
            {words.export}
          </a>
        )}
        <a class="button button-secondary" download href={auditCheckpointsUrl}>
          <Icon name="download" />
          {words.checkpoints}
        </a>
      </p>
    </section>
  );
}
