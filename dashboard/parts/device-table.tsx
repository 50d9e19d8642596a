/** How sensors themselves are, one row each; on a narrow screen one block each. */
import type { DeviceView } from "#protocol/api.ts";
import { isLive, timeZone } from "../state/app.ts";
import { nowMs } from "../state/clock.ts";
import { type DeviceMode, modeOf } from "../state/room-state.ts";
import { pathOf } from "../state/route.ts";
import { age, date, number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";
import { Icon, type IconName } from "./icon.tsx";
import { roomName } from "./room-name.ts";
import { Table } from "./table.tsx";

const NONE = "–";
const icons: Readonly<Record<DeviceMode, IconName>> = {
  measuring: "check",
  asleep: "minus",
  muted: "minus",
  offline: "error",
  unknown: "help",
};

function Mode({ device }: { device: DeviceView }) {
  const mode = modeOf(device, isLive.value);
  return (
    <span class={`sign sign-mode-${mode}`}>
      <Icon name={icons[mode]} />
      {text.value.devices.mode[mode]}
    </span>
  );
}

function LastSeen({ instant }: { instant: string | null }) {
  const words = text.value;
  if (instant === null) return <>{words.devices.never}</>;
  return <time dateTime={instant}>{words.devices.ago(age(nowMs.value - Date.parse(instant), words.locale))}</time>;
}

/** What the mode does not say already. */
function Faults({ device }: { device: DeviceView }) {
  const mode = modeOf(device, isLive.value);
  const faults = device.faults.filter((fault) => fault !== mode);
  if (faults.length === 0) return null;
  return (
    <ul class="nobullet-list faults">
      {faults.map((fault) => (
        <li key={fault}>{text.value.devices.fault[fault]}</li>
      ))}
    </ul>
  );
}

function calibrated(device: DeviceView): string | null {
  if (device.calibration === null) return null;
  const noon = Date.parse(`${device.calibration.date}T12:00:00Z`);
  return text.value.devices.calibrated(date(noon, text.value.locale, timeZone.value));
}

function Row({ device }: { device: DeviceView }) {
  const words = text.value;
  const { columns } = words.devices;
  const count = (value: number | null, digits = 0, unit = "") =>
    value === null ? NONE : `${number(value, words.locale, digits)}${unit}`;
  return (
    <tr class={device.faults.length > 0 ? "has-faults" : ""} data-device={device.id}>
      <th scope="row">
        {device.id}
        <a class="where" href={pathOf.room(device.room)}>
          {roomName(device.room)}
        </a>
      </th>
      <td data-title={columns.mode}>
        <Mode device={device} />
        <Faults device={device} />
      </td>
      <td data-title={columns.lastSeen}>
        <LastSeen instant={device.lastSeen} />
      </td>
      <td data-title={columns.firmware}>
        {device.firmware ?? NONE}
        <span class="beneath">{calibrated(device)}</span>
      </td>
      <td data-title={columns.outbox} class="number">
        {count(device.outbox)}
      </td>
      <td data-title={columns.dropped} class="number">
        {count(device.dropped)}
      </td>
      <td data-title={columns.floor} class="number">
        {count(device.micFloorDba, 1, " dB(A)")}
      </td>
      <td data-title={columns.skew} class="number">
        {count(device.clockSkewMs, 0, " ms")}
      </td>
      <td data-title={columns.received} class="number">
        {count(device.received)}
        <span class="beneath">{words.devices.notKept(count(device.duplicates), count(device.refused))}</span>
      </td>
    </tr>
  );
}

const numbers = new Set(["outbox", "dropped", "floor", "skew", "received"]);

export function DeviceTable({ devices }: { devices: readonly DeviceView[] }) {
  const { columns, hints, title } = text.value.devices;
  const keys = Object.keys(columns) as (keyof typeof columns)[];
  const hint = (key: string) => (key in hints ? hints[key as keyof typeof hints] : undefined);
  return (
    <Table
      look="devices"
      caption={title}
      heads={keys.map((key) => ({ name: columns[key], isNumber: numbers.has(key), hint: hint(key) }))}
      blocks
    >
      {devices.map((device) => (
        <Row key={device.id} device={device} />
      ))}
    </Table>
  );
}

/** What the shortened headings mean. */
export function DeviceLegend() {
  const { columns, hints } = text.value.devices;
  return (
    <dl class="explained">
      {(Object.keys(hints) as (keyof typeof hints)[]).map((key) => (
        <div key={key}>
          <dt>{columns[key]}</dt>
          <dd>{hints[key]}</dd>
        </div>
      ))}
    </dl>
  );
}
