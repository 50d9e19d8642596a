/** How every sensor itself is, and what it is known by. */
import { DeviceLegend, DeviceTable } from "../parts/device-table.tsx";
import { Enrolments } from "../parts/enrolments.tsx";
import { Title } from "../parts/title.tsx";
import { isLive, store } from "../state/app.ts";
import { modeOf } from "../state/room-state.ts";
import { may } from "../state/who.ts";
import { text } from "../texts/texts.ts";

function Sensors() {
  const words = text.value.devices;
  const devices = [...store.devices.value.values()].sort((a, b) => a.id.localeCompare(b.id, "da", { numeric: true }));
  if (devices.length === 0) return <p>{words.empty}</p>;
  const measuring = devices.filter((device) => modeOf(device, isLive.value) === "measuring").length;
  // A muted sensor is no faulty one: muting is a right.
  const remarked = devices.filter((device) => device.faults.length > 0).length;
  return (
    <>
      <p class="facts">
        {words.summary(measuring, devices.length)}
        {remarked > 0 && ` · ${words.withRemarks(remarked)}`}
      </p>
      <DeviceTable devices={devices} />
      <DeviceLegend />
    </>
  );
}

export function DevicesPage() {
  const words = text.value;
  return (
    <>
      <Title>{words.devices.title}</Title>
      <p class="lead">{words.devices.lead}</p>
      {store.loaded.value ? <Sensors /> : <p>{words.link.connecting}</p>}
      {store.loaded.value && may("enrolments") && <Enrolments />}
    </>
  );
}
