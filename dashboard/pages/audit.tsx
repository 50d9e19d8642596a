/** Who looked: the audit log as far as it is told to whoever asks. Asking is written down too, so nothing here is read again by itself. */
import { useMemo, useState } from "preact/hooks";
import type { AuditReach } from "#protocol/audit.ts";
import { AuditProof } from "../parts/audit-proof.tsx";
import { AuditTable } from "../parts/audit-table.tsx";
import { Failure } from "../parts/failure.tsx";
import { Field } from "../parts/field.tsx";
import { RangePicker } from "../parts/range-picker.tsx";
import { Title } from "../parts/title.tsx";
import { ApiError } from "../state/api.ts";
import { siteRooms } from "../state/app.ts";
import { type AuditLoad, useAudit } from "../state/audit.ts";
import { number } from "../texts/format.ts";
import { nameOf, text } from "../texts/texts.ts";

const DAY = 86_400_000;
const ranges = { "24h": DAY, "7d": 7 * DAY, "28d": 28 * DAY, "90d": 90 * DAY } as const;
type Range = keyof typeof ranges;
const rangeNames = Object.keys(ranges) as Range[];

function RoomFilter({ room, choose }: { room: string; choose: (room: string) => void }) {
  const words = text.value.audit;
  return (
    <Field id="audit-room" label={words.room}>
      <select id="audit-room" value={room} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{words.allRooms}</option>
        {siteRooms.value.map(({ id, name }) => (
          <option key={id} value={id}>
            {nameOf(name)}
          </option>
        ))}
      </select>
    </Field>
  );
}

const Reach = ({ reach }: { reach: readonly AuditReach[] }) => (
  <p class="facts">
    {(reach.includes("all") ? ["all" as const] : reach).map((one) => text.value.audit.reach[one]).join(" ")}
  </p>
);

function Entries({ entries, next, more, isLoading }: AuditLoad) {
  const { locale, audit: words } = text.value;
  return (
    <section class="looks-list" aria-label={words.title} aria-busy={isLoading}>
      {entries.length > 0 ? (
        <AuditTable entries={entries} />
      ) : (
        <p class="nothing">{next === null ? words.none : words.noneYet}</p>
      )}
      <p class="actions">
        <span role="status">{entries.length > 0 && words.shown(number(entries.length, locale))}</span>
        {next !== null && (
          <button type="button" class="button button-secondary" disabled={isLoading} onClick={more}>
            {words.more}
          </button>
        )}
      </p>
    </section>
  );
}

/** To whom the log is not told, that is no failure: trying again would change nothing. */
const isRefusal = (error: unknown) => error instanceof ApiError && (error.status === 401 || error.status === 403);

function Log({ range, room }: { range: Range; room: string }) {
  const words = text.value;
  const filter = useMemo(() => ({ from: Date.now() - ranges[range], room }), [range, room]);
  const load = useAudit(filter);
  if (isRefusal(load.error)) return <p class="nothing">{words.audit.refused}</p>;
  return (
    <>
      {load.error !== undefined && <Failure error={load.error} retry={load.retry} />}
      {load.reach ? (
        <>
          <Reach reach={load.reach} />
          <Entries {...load} />
        </>
      ) : (
        load.error === undefined && <p>{words.loading}</p>
      )}
      <AuditProof whole={load.reach?.includes("all") === true} />
    </>
  );
}

export function AuditPage() {
  const words = text.value.audit;
  const [range, setRange] = useState<Range>("7d");
  const [room, setRoom] = useState("");
  return (
    <>
      <Title>{words.title}</Title>
      <p class="lead">{words.lead}</p>
      <div class="audit-filter">
        <RangePicker names={rangeNames} words={words.ranges} chosen={range} choose={setRange} />
        <RoomFilter room={room} choose={setRoom} />
      </div>
      <Log range={range} room={room} />
    </>
  );
}
