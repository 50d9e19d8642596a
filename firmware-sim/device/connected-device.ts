/** A whole device: what it hears goes through the outbox up the link, what the gateway says comes down. */
import type { ConversationState } from "#firmware/detector/conversation.ts";
import type { Commands } from "#protocol/commands.ts";
import type { Boot, Millis } from "#protocol/quantities.ts";
import type { Clock } from "./clock.ts";
import { Device, type DeviceOptions, type Sensed } from "./device.ts";
import type { Identity, Nature } from "./identity.ts";
import type { Dial } from "./link.ts";
import { type Kept, Outbox } from "./outbox.ts";
import type { Body, Reading } from "./readings/reading.ts";
import { openUplink, type Uplink, type UplinkState } from "./uplink.ts";

export interface ConnectedDeviceOptions extends Omit<DeviceOptions, "outbox" | "bornAt"> {
  readonly identity: Omit<Identity, "boot">;
  readonly nature: Nature;
  readonly dial: Dial;
  readonly clock: Clock;
  /** The device's idea of the time; by default the clock's. */
  readonly time?: () => Millis;
  /** A name for each boot, never given before. */
  readonly newBoot: () => Boot;
  /** Jitter, in [0, 1). */
  readonly random: () => number;
  /** Messages that an earlier boot left unconfirmed. */
  readonly kept?: readonly Kept[];
  readonly onState?: (state: UplinkState) => void;
  readonly onCommand?: <C extends Exclude<keyof Commands, "receipt">>(channel: C, command: Commands[C]) => void;
}

/** What one boot owns. */
interface Running {
  readonly boot: Boot;
  readonly outbox: Outbox;
  readonly device: Device;
  readonly uplink: Uplink;
  bandsSeq: number;
}

export class ConnectedDevice {
  readonly #options: ConnectedDeviceOptions;
  /** Undefined while the power is off. */
  #running: Running | undefined;

  constructor(options: ConnectedDeviceOptions) {
    this.#options = options;
    this.#running = this.#start(options.kept ?? []);
  }

  /** On or off, as the device's detector has it. */
  get conversation(): ConversationState | undefined {
    return this.#running?.device.conversation;
  }

  /** Everything unconfirmed. */
  get kept(): readonly Kept[] {
    return this.#running?.outbox.kept() ?? [];
  }

  get state(): UplinkState {
    return this.#running?.uplink.state() ?? { kind: "closed" };
  }

  /** Lives one second and sends what there is to say. While it stands aside another device speaks for the room. */
  live(t: Millis, sense: () => Sensed | undefined): readonly Reading[] {
    const running = this.#running;
    if (!running) return [];
    const { device, outbox, uplink } = running;
    const said = device.live(t, sense);
    if (said.length === 0 || uplink.state().kind === "aside") return said;
    for (const reading of said)
      if (reading.channel === "bands") sayBands(running, reading.body);
      else outbox.add(reading.channel, reading.body, this.#options.clock.now());
    uplink.wake();
    return said;
  }

  /** The power goes, and comes back after `downMs`: a new boot; what was unconfirmed is still in flash. */
  async reboot(downMs: number): Promise<void> {
    if (!this.#running) return;
    const { uplink, outbox } = this.#running;
    this.#running = undefined;
    await uplink.drop();
    await this.#options.clock.wait(downMs);
    this.#running = this.#start(outbox.kept());
  }

  async close(drainMs: number): Promise<void> {
    await this.#running?.uplink.close(drainMs);
  }

  #start(kept: readonly Kept[]): Running {
    const { clock, newBoot, onState, onCommand } = this.#options;
    const time = this.#options.time ?? clock.now;
    const boot = newBoot();
    const outbox = new Outbox(boot, {}, kept);
    const device = new Device({ ...this.#options, bornAt: time(), outbox });
    const uplink = openUplink({
      ...this.#options,
      identity: { ...this.#options.identity, boot },
      time,
      outbox,
      ...(onState && { onState }),
      onCommand: (channel, command) => {
        if (channel === "config") device.configure(command as Commands["config"]);
        if (channel === "lease") device.lease(command as Commands["lease"], time());
        onCommand?.(channel, command);
      },
    });
    return { boot, outbox, device, uplink, bandsSeq: 0 };
  }
}

const sayBands = (running: Running, body: Body<"bands">): void =>
  running.uplink.say(JSON.stringify({ boot: running.boot, seq: running.bandsSeq++, ...body }));
