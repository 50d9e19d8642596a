/** Conversations and alerts of a period by room, or by the group that a room is told in. */
import type { ReportView } from "#protocol/api.ts";
import { nameOf, text } from "../texts/texts.ts";
import { ofFigures, Table } from "./table.tsx";
import { amountOf, countOf } from "./told.tsx";

type Line = Pick<ReportView["rooms"][number], "conversations" | "minutes" | "alerts" | "suppressed">;

function Figures({ line }: { line: Line }) {
  const words = text.value.told;
  const { conversations, minutes, alerts, suppressed } = line;
  if (suppressed !== null || conversations === null || minutes === null || alerts === null)
    return (
      <td colSpan={3} class="not-told" data-suppressed={suppressed}>
        {words.because[suppressed ?? "too-few-people"]}
      </td>
    );
  return (
    <>
      <td class="number">{countOf(conversations)}</td>
      <td class="number">{amountOf(minutes)}</td>
      <td class="number">{countOf(alerts)}</td>
    </>
  );
}

export function ReportedRooms({ report }: { report: ReportView }) {
  const words = text.value.told;
  const { room, conversations, minutes, alerts } = words.columns;
  return (
    <section class="told" aria-labelledby="report-rooms-title">
      <h2 id="report-rooms-title">{words.rooms}</h2>
      <Table
        look="reported-rooms"
        caption={words.rooms}
        heads={[room, ofFigures(conversations), ofFigures(minutes), ofFigures(alerts)]}
      >
        {report.rooms.map((room) => (
          <tr key={room.id} data-room={room.id}>
            <th scope="row">{nameOf(room.name)}</th>
            <Figures line={room} />
          </tr>
        ))}
        {report.groups.map((group) => (
          <tr key={group.id} data-group={group.id}>
            <th scope="row">{words.together(nameOf(group.name))}</th>
            <Figures line={{ ...group, suppressed: null }} />
          </tr>
        ))}
      </Table>
    </section>
  );
}
