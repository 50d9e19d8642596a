import { describe, expect, it } from "vitest";
import { type Second, THIRDS_HZ } from "#firmware/dsp/second.ts";
import { Device, type DeviceOptions, NO_SENSORS, type PresenceSensors, type Sensed } from "./device.ts";
import type { Reading } from "./readings/reading.ts";

/** Noon, the start of every window. */
const T0 = Date.UTC(2026, 0, 5, 12);
const OFF: PresenceSensors = { radar: "none", pir: false };
const SEATED: PresenceSensors = { radar: "still", pir: false };

function sensed(t: number, speech: number, presence: PresenceSensors): Sensed {
  const energy = 1e-5;
  const second: Second = {
    t,
    thirds: new Float64Array(THIRDS_HZ.length).fill(energy / 16),
    a: energy,
    laf: new Float64Array(8).fill(energy),
    lafMax: energy,
    speech,
    clipped: false,
  };
  return { second, presence };
}

const newDevice = (options: Partial<DeviceOptions> = {}): Device =>
  new Device({
    bornAt: T0,
    config: { version: 0, silent: false },
    measures: () => true,
    outbox: { depth: 3, dropped: 1 },
    ...options,
  });

/** `seconds` from second `from` on; who is there and whether they talk, by second. */
function live(
  device: Device,
  from: number,
  seconds: number,
  scene: (s: number) => { talk?: boolean; presence?: PresenceSensors } = () => ({}),
): Reading[] {
  return Array.from({ length: seconds }, (_, i) => from + i).flatMap((s) => {
    const { talk = false, presence = NO_SENSORS } = scene(s);
    return device.live(T0 + s * 1000, () => sensed(T0 + s * 1000, talk ? 0.95 : 0.02, presence));
  });
}

const told = (readings: readonly Reading[]) =>
  readings.map(({ channel, body }) => `${(body.t - T0) / 1000} ${channel}`);
const states = (readings: readonly Reading[]) =>
  readings.flatMap(({ channel, body }) => (channel === "state" ? [body] : []));

describe("a device", () => {
  it("says what it hears at its cadence", () => {
    expect(told(live(newDevice(), 0, 60))).toEqual([
      "0 state",
      "0 level",
      "10 level",
      "20 level",
      "30 state",
      "30 level",
      "40 level",
      "50 level",
      "0 health",
    ]);
  });

  it("says a conversation when it has heard it for long enough, dated from its start, and its end", () => {
    const said = states(live(newDevice(), 0, 240, (s) => ({ talk: s >= 60 && s < 150, presence: SEATED })));
    const changes = said.filter((body, i) => body.conversation !== said[i - 1]?.conversation);
    expect(changes.map(({ conversation }) => conversation)).toEqual(["off", "on", "off"]);
    const [, on, off] = changes;
    expect(on!.occupied).toBe(true);
    expect((on!.t - T0) / 1000).toBeLessThanOrEqual(75);
    expect((on!.since - T0) / 1000).toBeGreaterThanOrEqual(60);
    expect((off!.t - T0) / 1000).toBeGreaterThan(150);
    expect((off!.t - T0) / 1000).toBeLessThanOrEqual(185);
  });

  it("knows an empty room", () => {
    const said = states(live(newDevice(), 0, 120, () => ({ presence: OFF })));
    expect(said.at(-1)).toMatchObject({ occupied: false, conversation: "off" });
  });

  it("says nothing of what it hears when it is silent, asleep or muted, and does not even listen", () => {
    const modes: [Partial<DeviceOptions>, object][] = [
      [{ config: { version: 5, silent: true } }, { muted: false, asleep: false, configVersion: 5 }],
      [{ measures: () => false }, { muted: false, asleep: true }],
      [{ muted: () => true }, { muted: true, asleep: false }],
    ];
    for (const [options, flags] of modes) {
      const device = newDevice(options);
      const said = Array.from({ length: 120 }, (_, s) =>
        device.live(T0 + s * 1000, () => {
          throw new Error("it listened");
        }),
      ).flat();
      expect(told(said)).toEqual(["0 health", "60 health"]);
      expect(said[0]!.body).toMatchObject({ ...flags, outbox: 3, dropped: 1 });
    }
  });

  it("becomes silent when the gateway says so", () => {
    const device = newDevice();
    live(device, 0, 30);
    device.configure({ version: 300, silent: true });
    const said = live(device, 30, 30);
    expect(told(said)).toEqual(["0 health"]);
    expect(said[0]!.body).toMatchObject({ configVersion: 300 % 256 });
  });

  it("wakes with a state of its own and no memory of the evening before", () => {
    const device = newDevice({ measures: (t) => t < T0 + 60_000 || t >= T0 + 90_000 });
    live(device, 0, 60, () => ({ talk: true, presence: SEATED }));
    expect(device.conversation.on).toBe(true);
    const [first] = live(device, 60, 40).filter(({ channel }) => channel === "state");
    expect(first!.body).toMatchObject({ t: T0 + 90_000, conversation: "off", since: T0 + 90_000 });
  });

  it("says bands only under a lease, of at most a quarter of an hour", () => {
    const device = newDevice();
    expect(told(live(device, 0, 60))).not.toContain("0 bands");
    device.lease({ until: T0 + 90_000 }, T0 + 60_000);
    const leased = told(live(device, 60, 60)).filter((word) => word.endsWith("bands"));
    expect(leased).toEqual(["60 bands", "70 bands", "80 bands"]);
    device.lease({ until: T0 + 86_400_000 }, T0 + 120_000);
    const long = told(live(device, 120, 1200)).filter((word) => word.endsWith("bands"));
    expect(long).toHaveLength(90);
  });
});
