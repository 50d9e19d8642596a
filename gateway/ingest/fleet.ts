/** The fleet book: every registered device, as it is now, and word of what changes. */
import type { DeviceView } from "#protocol/api.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { type DeviceEvent, type DeviceRecord, deviceView, stepDevice, unknownDevice } from "./device.ts";

export interface Fleet {
  views(now: Millis): DeviceView[];
  view(device: Id, now: Millis): DeviceView | undefined;
  /** False when nothing follows from the event. */
  note(device: Id, event: DeviceEvent): boolean;
  /** Looks for what only time changes, such as a device that has fallen silent. */
  sweep(now: Millis): void;
}

/**
 * `onChange` is called when a device's connection, mode, identity or faults have changed, and with each `health`;
 * counts and the time last seen change with every message and are not worth a word of their own.
 */
export function createFleet(site: Site, now: Millis, onChange: (view: DeviceView) => void): Fleet {
  const records = new Map<Id, DeviceRecord>();
  const told = new Map<Id, string>();
  for (const { id, room } of site.devices) {
    const record = unknownDevice(id, room, now);
    records.set(id, record);
    told.set(id, summary(deviceView(record, now)));
  }

  function tell(record: DeviceRecord, at: Millis, always: boolean): void {
    const view = deviceView(record, at);
    const text = summary(view);
    if (!always && told.get(record.id) === text) return;
    told.set(record.id, text);
    onChange(view);
  }

  return {
    views: (at) => [...records.values()].map((record) => deviceView(record, at)),
    view(device, at) {
      const record = records.get(device);
      return record && deviceView(record, at);
    },
    note(device, event) {
      const before = records.get(device);
      if (!before) return false;
      const after = stepDevice(before, event);
      if (after === before) return false;
      records.set(device, after);
      if (worthALook(before, after)) tell(after, event.at, after.health !== before.health);
      return true;
    },
    sweep(at) {
      for (const record of records.values()) tell(record, at, false);
    },
  };
}

const summary = ({ connection, mode, firmware, microphone, calibration, faults }: DeviceView): string =>
  JSON.stringify([connection, mode, firmware, microphone, calibration, faults]);

/** Whether the summary may have changed; the clock and silence are left to the sweep, so that no message pays for a view. */
const worthALook = (before: DeviceRecord, after: DeviceRecord): boolean =>
  before.connection !== after.connection ||
  before.birth !== after.birth ||
  before.health !== after.health ||
  before.clipped !== after.clipped ||
  before.noiseLimited !== after.noiseLimited;
