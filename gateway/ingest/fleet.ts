/** The fleet book: every registered device, as it is now, and word of what changes. */
import { type DeviceView, heardFaults } from "#protocol/api.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import type { Site } from "#protocol/site.ts";
import { type DeviceEvent, type DeviceRecord, deviceView, stepDevice, unknownDevice } from "./device.ts";

export interface Fleet {
  views(now: Millis): DeviceView[];
  view(device: Id, now: Millis): DeviceView | undefined;
  /** How many devices there are of each connection. */
  connections(): ReadonlyMap<DeviceView["connection"], number>;
  /** False when nothing follows from the event. */
  note(device: Id, event: DeviceEvent): boolean;
  /** Looks for what only time changes, such as a device that has fallen silent. */
  sweep(now: Millis): void;
}

/** What is only news of a device's figures is told this often at most; a device says its `health` once a minute. */
const FIGURES_MS = 30_000;

/**
 * `onChange` is called when a device's connection, credential, mode, identity or faults have changed, and with its `health`;
 * counts and the time last seen change with every message and are not worth a word of their own. Nor are faults that change
 * with what is heard: everybody is told of a device, and the time of a word would tell of a sound.
 */
export function createFleet(site: Site, now: Millis, onChange: (view: DeviceView) => void): Fleet {
  const records = new Map<Id, DeviceRecord>();
  const told = new Map<Id, { summary: string; at: Millis }>();
  for (const { id, room } of site.devices) {
    const record = unknownDevice(id, room, now);
    records.set(id, record);
    told.set(id, { summary: summary(deviceView(record, now)), at: Number.NEGATIVE_INFINITY });
  }

  function tell(record: DeviceRecord, at: Millis, always: boolean): void {
    const view = deviceView(record, at);
    const text = summary(view);
    if (!always && told.get(record.id)!.summary === text) return;
    told.set(record.id, { summary: text, at });
    onChange(view);
  }

  return {
    views: (at) => [...records.values()].map((record) => deviceView(record, at)),
    view(device, at) {
      const record = records.get(device);
      return record && deviceView(record, at);
    },
    connections() {
      const counts = new Map<DeviceView["connection"], number>();
      for (const { connection } of records.values()) counts.set(connection, (counts.get(connection) ?? 0) + 1);
      return counts;
    },
    note(device, event) {
      const before = records.get(device);
      if (!before) return false;
      const after = stepDevice(before, event);
      if (after === before) return false;
      records.set(device, after);
      const hasFigures = after.health !== before.health && event.at - told.get(device)!.at >= FIGURES_MS;
      if (hasFigures || worthALook(before, after)) tell(after, event.at, hasFigures);
      return true;
    },
    sweep(at) {
      for (const record of records.values()) tell(record, at, false);
    },
  };
}

const summary = ({ connection, credential, mode, firmware, microphone, calibration, faults }: DeviceView): string => {
  const unheard = faults.filter((fault) => !heardFaults.has(fault));
  return JSON.stringify([connection, credential, mode, firmware, microphone, calibration, unheard]);
};

/** Whether the summary may have changed; the clock and silence are left to the sweep, so that no message pays for a view. */
const worthALook = (before: DeviceRecord, after: DeviceRecord): boolean =>
  before.connection !== after.connection ||
  before.credential !== after.credential ||
  before.deniedAt !== after.deniedAt ||
  before.namesakeAt !== after.namesakeAt ||
  before.birth !== after.birth ||
  before.health?.muted !== after.health?.muted ||
  before.health?.asleep !== after.health?.asleep ||
  before.health?.tamper !== after.health?.tamper ||
  before.dropping !== after.dropping;
