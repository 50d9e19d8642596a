/** Alerts that ended in the last day. */
import { computed } from "@preact/signals";
import type { AlertView } from "#protocol/api.ts";
import { store, timeZone } from "../state/app.ts";
import { nowMs } from "../state/clock.ts";
import { age, clock, moment } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { alertSubject } from "./alert-words.ts";
import { Table } from "./table.tsx";

const MINUTE = 60_000;
const minute = computed(() => Math.floor(nowMs.value / MINUTE) * MINUTE);
const recent = computed(() => store.recentAlerts(minute.value));

function Row({ alert }: { alert: AlertView }) {
  const words = text.value;
  const { locale } = words;
  const zone = timeZone.value;
  const [start, end] = [Date.parse(alert.startedAt), Date.parse(alert.resolvedAt ?? alert.startedAt)];
  return (
    <tr>
      <th scope="row">{alertSubject(alert)}</th>
      <td data-title={words.alerts.columns.what}>{words.alerts.rule[alert.rule]}</td>
      <td data-title={words.alerts.columns.time}>
        {words.alerts.from(moment(start, minute.value, locale, zone), clock(end, locale, zone))}
      </td>
      <td data-title={words.alerts.columns.lasted}>{age(end - start, locale)}</td>
      <td data-title={words.alerts.columns.ended}>{alert.reason && words.alerts.reason[alert.reason]}</td>
    </tr>
  );
}

export function RecentAlerts() {
  const words = text.value.alerts;
  if (recent.value.length === 0) return null;
  const { room, what, time, lasted, ended } = words.columns;
  return (
    <section class="recent" aria-labelledby="recent-title">
      <h2 id="recent-title">{words.recent}</h2>
      <Table look="ended" caption={words.recent} heads={[room, what, time, lasted, ended]} blocks>
        {recent.value.map((alert) => (
          <Row key={alert.id} alert={alert} />
        ))}
      </Table>
    </section>
  );
}
