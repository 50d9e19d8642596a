/** Devices that publish to a broker, now: one that hears a microphone, or all of a site. */

import { measuringHours } from "#protocol/measuring-hours.ts";
import { findRoom, isSilent } from "#protocol/rooms.ts";
import type { Site } from "#protocol/site.ts";
import type { Credentials } from "./claim.ts";
import type { Words } from "./command-line.ts";
import { sayHello } from "./credential.ts";
import { systemClock } from "./device/clock.ts";
import { mqttDial } from "./device/mqtt-link.ts";
import { startFleet } from "./fleet.ts";
import { readKept, writeKept } from "./outbox-file.ts";
import { presenceOf, secondsOfRecording, secondsOfSoundCard } from "./play.ts";
import { SimulatedDevice, type SimulatedDeviceOptions } from "./simulated-device.ts";
import { senseWorld } from "./simulated-world.ts";
import { checkRecording, deviceOf, microphoneOf, peopleOf, UserError } from "./source.ts";
import { clockTime, indicatorLine, meterLine, type Terminal, uplinkLine } from "./terminal.ts";

/** How long the end waits for the gateway to confirm what is left, ms. */
const DRAIN_MS = 10_000;
const always = () => true;

export interface LiveOptions extends Credentials {
  readonly words: Words;
  readonly site: Site;
  readonly terminal: Terminal;
  /** Ends it in good order. */
  readonly signal: AbortSignal;
}

/** Resolves after the goodbye; rejects with `UserError` when messages are left that nobody confirmed. */
export async function hearMicrophone({ words, site, accessOf, terminal, signal }: LiveOptions): Promise<void> {
  const target = deviceOf(words, site);
  const microphone = microphoneOf(words);
  if (words.wav !== undefined) await checkRecording(words.wav);
  const common = deviceOptions(words, site, terminal, accessOf, always);
  if (!words.wait) await sayHello(target.id, words.broker, accessOf(target.id));
  const kept = words.outbox === undefined ? [] : await readKept(words.outbox);
  terminal.say(`${words.wav ?? "standard input"} → device ${target.id} in room ${target.room} → ${words.broker}`);
  if (isSilent(findRoom(site, target.room)!))
    terminal.say(`room ${target.room} belongs to one person: the device says how it is, and nothing of what it hears`);

  const simulated = new SimulatedDevice(common, target, kept);
  const { connected } = simulated;
  const presence = presenceOf(peopleOf(words), words.seed);
  const seconds =
    words.wav === undefined
      ? secondsOfSoundCard(microphone, systemClock)
      : secondsOfRecording(microphone, systemClock, signal);
  let talking = false;
  try {
    for await (const second of seconds) {
      if (signal.aborted) break;
      const sensed = { second, presence: presence(second.t) };
      simulated.live(second.t, () => sensed);
      const conversation = connected.conversation ?? { on: false };
      terminal.meter(meterLine(sensed, conversation), conversation.on !== talking);
      talking = conversation.on;
    }
  } finally {
    await connected.close(DRAIN_MS);
    if (words.outbox !== undefined) await writeKept(words.outbox, connected.kept);
  }
  farewell(connected.kept.length, words, terminal);
}

/** Runs until the signal. */
export async function liveWorld({ words, site, accessOf, terminal, signal }: LiveOptions): Promise<void> {
  const openNow = words.openNow ?? false;
  const devices = words.device === undefined ? site.devices : [deviceOf(words, site)];
  const sense = senseWorld({ ...words, site, form: words.audio ? "audio" : "levels", openNow });
  const common = deviceOptions(words, site, terminal, accessOf, openNow ? always : measuringHours(site));
  if (!words.wait && devices[0]) await sayHello(devices[0].id, words.broker, accessOf(devices[0].id));
  terminal.say(`${site.name.en}: ${devices.length} simulated devices → ${words.broker}`);
  const fleet = startFleet({
    ...common,
    sense,
    devices,
    onSecond: () => {
      const online = fleet.devices.filter(({ state }) => state.kind === "online").length;
      const talking = fleet.devices.filter(({ conversation }) => conversation?.on).length;
      terminal.meter(`${clockTime(Date.now())} ${online} of ${devices.length} online, ${talking} conversations`, false);
    },
  });
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  await fleet.close(DRAIN_MS);
  farewell(
    fleet.devices.reduce((sum, { kept }) => sum + kept.length, 0),
    words,
    terminal,
  );
}

function deviceOptions(
  words: Words,
  site: Site,
  terminal: Terminal,
  accessOf: Credentials["accessOf"],
  measures: SimulatedDeviceOptions["measures"],
): SimulatedDeviceOptions {
  return {
    site,
    dialAs: (device) => mqttDial(words.broker, accessOf(device)),
    clock: systemClock,
    start: Date.now(),
    faults: words.fault,
    measures,
    onState: (device, state) => {
      const line = uplinkLine(state, words.broker);
      if (line && !(words.world && state.kind === "online")) terminal.say(`${device}: ${line}`);
    },
    onIndicator: (device, indicator) => terminal.say(`${device}: ${indicatorLine(indicator)}`),
  };
}

function farewell(left: number, { outbox }: Words, terminal: Terminal): void {
  if (left === 0) terminal.say("everything is confirmed; goodbye");
  else if (outbox !== undefined) terminal.say(`${left} messages are not confirmed; they are kept in ${outbox}`);
  else throw new UserError(`${left} messages were never confirmed by a gateway and are lost`);
}
