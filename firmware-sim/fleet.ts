/** Every device of a site, live: one second of the world for all of them each second of the clock. */
import type { Device } from "#protocol/site.ts";
import type { ConnectedDevice } from "./device/connected-device.ts";
import { faultsOf } from "./faults/fault.ts";
import { faultySecond } from "./faults/microphone-faults.ts";
import type { SenseRoom } from "./generate.ts";
import { SimulatedDevice, type SimulatedDeviceOptions } from "./simulated-device.ts";

export interface FleetOptions extends SimulatedDeviceOptions {
  readonly sense: SenseRoom;
  readonly devices: readonly Device[];
  /** After each second that all have lived. */
  readonly onSecond?: () => void;
}

export interface Fleet extends AsyncDisposable {
  readonly devices: readonly ConnectedDevice[];
  /** Says goodbye for all, after what is unconfirmed has been confirmed or `drainMs` have passed. */
  close(drainMs: number): Promise<void>;
}

const SECOND_MS = 1000;
/** A host that stood still for longer does not live through what it missed. */
const CATCH_UP_MS = 10_000;

export function startFleet(options: FleetOptions): Fleet {
  const { clock, devices, sense, faults, start } = options;
  const members = devices.map((device) => ({
    device,
    simulated: new SimulatedDevice(options, device),
    faults: faultsOf(faults, device.id),
  }));
  const stop = new AbortController();

  function live(t: number): void {
    for (const { device, simulated, faults } of members)
      simulated.live(t, () => {
        const sensed = sense(device.room, t);
        return sensed && { ...sensed, second: faultySecond(sensed.second, faults, t - start) };
      });
    options.onSecond?.();
  }

  async function run(): Promise<void> {
    let next = Math.ceil(start / SECOND_MS) * SECOND_MS;
    while (!stop.signal.aborted) {
      await clock.wait(Math.max(0, next + SECOND_MS - clock.now()), stop.signal).catch(() => {});
      if (stop.signal.aborted) return;
      if (clock.now() - next > CATCH_UP_MS) next = Math.floor(clock.now() / SECOND_MS - 1) * SECOND_MS;
      for (; next + SECOND_MS <= clock.now(); next += SECOND_MS) live(next);
    }
  }

  const running = run();
  const close = async (drainMs: number) => {
    stop.abort();
    await running;
    await Promise.all(members.map(({ simulated }) => simulated.connected.close(drainMs)));
  };
  return {
    devices: members.map(({ simulated }) => simulated.connected),
    close,
    [Symbol.asyncDispose]: () => close(0),
  };
}
