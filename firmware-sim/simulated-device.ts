/** A connected device of a site, with the faults that were asked for: wrong clock, bad network, power cuts. */
import { randomInt } from "node:crypto";
import type { Commands } from "#protocol/commands.ts";
import type { Id, Millis } from "#protocol/quantities.ts";
import { findRoom, isSilent } from "#protocol/rooms.ts";
import type { Device, Site } from "#protocol/site.ts";
import type { Clock } from "./device/clock.ts";
import { ConnectedDevice } from "./device/connected-device.ts";
import type { Sensed } from "./device/device.ts";
import { bootOf, SIMULATED } from "./device/identity.ts";
import type { Dial } from "./device/link.ts";
import type { Kept } from "./device/outbox.ts";
import type { UplinkState } from "./device/uplink.ts";
import { clockAhead, createDivider, deviceSecond, deviceTime, knownClockAhead } from "./faults/clock-faults.ts";
import { type Fault, faultAt, faultsOf } from "./faults/fault.ts";
import { faultyDial } from "./faults/link-faults.ts";

export interface SimulatedDeviceOptions {
  readonly site: Site;
  readonly dialAs: (device: Id) => Dial;
  readonly clock: Clock;
  /** When the run began: faults count from here. */
  readonly start: Millis;
  readonly faults: readonly Fault[];
  readonly measures: (t: Millis) => boolean;
  readonly onState?: (device: Id, state: UplinkState) => void;
  readonly onIndicator?: (device: Id, indicator: Commands["indicator"]) => void;
}

/** Boots are named anew each run, also with the same seed: their messages are not those of an earlier run. */
const randomBoot = () => bootOf(randomInt(2 ** 32));

export class SimulatedDevice {
  readonly connected: ConnectedDevice;
  readonly #faults: readonly Fault[];
  readonly #start: Millis;
  readonly #time: (t: Millis) => Millis;
  readonly #divide = createDivider();
  #down: Fault | undefined;

  constructor(options: SimulatedDeviceOptions, { id, room }: Device, kept: readonly Kept[] = []) {
    const { site, clock, dialAs, start, measures, onState, onIndicator } = options;
    const dial = dialAs(id);
    const faults = faultsOf(options.faults, id);
    this.#faults = faults;
    this.#start = start;
    this.#time = deviceTime(faults, start);
    this.connected = new ConnectedDevice({
      identity: { site: site.site, device: id },
      nature: SIMULATED,
      config: { version: 0, silent: isSilent(findRoom(site, room)!) },
      measures,
      muted: () => faultAt(faults, "muted", clock.now() - start) !== undefined,
      clockError: () => knownClockAhead(faults, clock.now() - start),
      dial: faults.length > 0 ? faultyDial(dial, faults, clock, Math.random, start) : dial,
      clock,
      time: () => this.#time(clock.now()),
      newBoot: randomBoot,
      random: Math.random,
      kept,
      onState: (state) => onState?.(id, state),
      onCommand: (channel, command) => {
        if (channel === "indicator") onIndicator?.(id, command as Commands["indicator"]);
      },
    });
  }

  /** Lives the second that truly starts at `t`. */
  live(t: Millis, sense: () => Sensed | undefined): void {
    const down = faultAt(this.#faults, "reboot", t - this.#start);
    if (down && down !== this.#down) void this.connected.reboot(down.until - (t - this.#start));
    this.#down = down;
    if (down) return;
    const own = deviceSecond(t, clockAhead(this.#faults, t - this.#start));
    this.connected.live(own.t, () => {
      const sensed = sense();
      return sensed && { ...sensed, second: this.#divide(sensed.second, own) };
    });
  }
}
