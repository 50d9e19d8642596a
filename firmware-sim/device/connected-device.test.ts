import { afterEach, describe, expect, it } from "vitest";
import { type Second, THIRDS_HZ } from "#firmware/dsp/second.ts";
import type { CommandChannel } from "#protocol/commands.ts";
import { parseTopic, topicFor } from "#protocol/topics.ts";
import { systemClock } from "./clock.ts";
import { ConnectedDevice, type ConnectedDeviceOptions } from "./connected-device.ts";
import { NO_SENSORS } from "./device.ts";
import { SIMULATED } from "./identity.ts";
import type { Call, Dial } from "./link.ts";

const SITE = "jobcentre";
const DEVICE = "k1";

/** A broker that takes everything, and a gateway that speaks when the test lets it. */
function rehearse() {
  const heard: { channel: string; message: { boot: string; seq: number; status?: string } }[] = [];
  let call: Call | undefined;
  const dial: Dial = async (next) => {
    call = next;
    return {
      publish({ topic, payload }, acknowledged) {
        heard.push({ channel: parseTopic(topic)!.channel, message: JSON.parse(payload) });
        acknowledged?.();
      },
      close: async () => {},
      drop: () => {},
    };
  };
  const say = (channel: CommandChannel | "status", body: object) =>
    call?.heard(topicFor(SITE, DEVICE, channel), Buffer.from(JSON.stringify(body)), false);
  const channels = () => heard.map(({ channel }) => channel);
  return { dial, heard, say, channels };
}

function second(t: number): Second {
  const flat = new Float64Array(THIRDS_HZ.length).fill(1e-7);
  return { t, thirds: flat, a: 1e-6, laf: new Float64Array(8).fill(1e-6), lafMax: 1e-6, speech: 0, clipped: false };
}

describe("a connected device", () => {
  const devices: ConnectedDevice[] = [];
  afterEach(async () => {
    await Promise.all(devices.splice(0).map((device) => device.close(0)));
  });

  function open(dial: Dial, options: Partial<ConnectedDeviceOptions> = {}): ConnectedDevice {
    let boots = 0;
    const device = new ConnectedDevice({
      identity: { site: SITE, device: DEVICE },
      nature: SIMULATED,
      config: { version: 0, silent: false },
      measures: () => true,
      dial,
      clock: systemClock,
      newBoot: () => `0000000${++boots}`,
      random: () => 0,
      ...options,
    });
    devices.push(device);
    return device;
  }
  /** The start of a UTC minute, now. */
  const now = () => Math.floor(Date.now() / 60_000) * 60_000;
  const live = (device: ConnectedDevice, from: number, seconds: number) => {
    for (let t = from; t < from + seconds * 1000; t += 1000)
      device.live(t, () => ({ second: second(t), presence: NO_SENSORS }));
  };
  const online = (device: ConnectedDevice) => expect.poll(() => device.state.kind).toBe("online");

  it("announces itself, says what it hears, and forgets what the gateway has", async () => {
    const { dial, say, channels } = rehearse();
    const device = open(dial);
    await online(device);
    live(device, now(), 10);
    expect(channels()).toEqual(["status", "birth", "state", "level"]);
    expect(device.kept.map(({ seq }) => seq)).toEqual([0, 1]);
    say("receipt", { boot: "00000001", through: 0, beyond: [] });
    expect(device.kept.map(({ seq }) => seq)).toEqual([1]);
  });

  it("obeys config and lease; bands count their own messages and are not kept", async () => {
    const { dial, heard, say } = rehearse();
    const device = open(dial);
    await online(device);
    const start = now();
    say("lease", { until: start + 600_000 });
    live(device, start, 20);
    const bands = heard.filter(({ channel }) => channel === "bands").map(({ message }) => message.seq);
    expect(bands).toEqual([0, 1]);
    expect(device.kept.map(({ channel }) => channel)).not.toContain("bands");
    say("config", { version: 3, silent: true });
    const before = heard.length;
    live(device, start + 20_000, 40);
    expect(heard.slice(before).map(({ channel }) => channel)).toEqual(["health"]);
    expect(heard.at(-1)!.message).toMatchObject({ configVersion: 3 });
  });

  it("does not speak for the room while another device of its name does", async () => {
    const { dial, heard, say } = rehearse();
    const device = open(dial);
    await online(device);
    const other = { boot: "0000beef", seq: 0, t: now(), status: "online" };
    say("status", other);
    await expect.poll(() => device.state.kind).toBe("aside");
    say("status", other);
    const before = heard.length;
    live(device, now(), 60);
    expect(heard.length).toBe(before);
    expect(device.kept).toEqual([]);
  });

  it("sends after a reboot, under its old name, what was not confirmed before", async () => {
    const { dial, heard, channels } = rehearse();
    const device = open(dial);
    await online(device);
    const start = now();
    live(device, start, 10);
    const rebooted = device.reboot(0);
    live(device, start + 10_000, 1);
    await rebooted;
    await online(device);
    expect(heard.filter(({ channel }) => channel === "birth").map(({ message }) => message.boot)).toEqual([
      "00000001",
      "00000002",
    ]);
    const again = heard
      .slice(channels().lastIndexOf("birth") + 1)
      .map(({ message }) => `${message.boot} ${message.seq}`);
    expect(again).toEqual(["00000001 0", "00000001 1"]);
  });
});
