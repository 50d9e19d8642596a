/** All devices of a house, saying together so many readings a second. */
import type { Random } from "#firmware/world/random.ts";
import type { House } from "./house.ts";
import type { DeviceHistory } from "./run-history.ts";
import { TormentedDevice } from "./tormented-device.ts";

export interface FleetOptions {
  readonly house: House;
  /** `mqtt://host:port` */
  readonly broker: string;
  /** Readings/s of all devices together. */
  readonly rate: number;
  /** Share of conversations that last until their alert fires. */
  readonly long: number;
  readonly random: Random;
}

export interface Fleet extends AsyncDisposable {
  /** Readings that have come into being. */
  said(): number;
  /** Readings without a receipt. */
  waiting(): number;
  /** Readings with one. */
  confirmed(): number;
  /** Everything that has left a device, what was sent again included. */
  sends(): number;
  /** From now on nothing is sent twice or in the wrong order on purpose, and no device reboots. */
  calm(): void;
  /** Nobody talks any more, and nothing new is measured. */
  hush(): void;
  histories(): DeviceHistory[];
}

const TICK_MS = 50;

export function startFleet({ house, broker, rate, long, random }: FleetOptions): Fleet {
  const start = Date.now();
  const each = { site: house.site.site, broker, rate: rate / house.members.length, long };
  const devices = house.members.map(
    (member) => new TormentedDevice({ ...each, member, random: random.fork(member.device) }, start),
  );
  let last = start;
  const timer = setInterval(() => {
    const now = Date.now();
    for (const device of devices) device.speak(now, now - last);
    last = now;
  }, TICK_MS);
  const total = (count: (device: TormentedDevice) => number) => devices.reduce((sum, device) => sum + count(device), 0);
  return {
    said: () => total(({ said }) => said),
    waiting: () => total(({ waiting }) => waiting),
    confirmed: () => total(({ account }) => account.confirmed),
    sends: () => total(({ account }) => account.sends),
    calm() {
      for (const device of devices) device.calm();
    },
    hush() {
      clearInterval(timer);
      for (const device of devices) device.hush(Date.now());
    },
    histories: () => devices.map((device) => device.history()),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await Promise.all(devices.map((device) => device.end()));
    },
  };
}
