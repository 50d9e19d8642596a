/** From the words of the command line to what is heard, and where. */
import { readFile } from "node:fs/promises";
import { pcmMicrophone, standardInput } from "#firmware/audio/pcm-microphone.ts";
import { samplesAt16k, wavMicrophone } from "#firmware/audio/wav-microphone.ts";
import { fullScalePascal, MEMS_MICROPHONE } from "#firmware/dsp/calibration.ts";
import { createRandom } from "#firmware/world/random.ts";
import { findRoom } from "#protocol/rooms.ts";
import type { Device, Site } from "#protocol/site.ts";
import { parseSite } from "#protocol/site-file.ts";
import type { Words } from "./command-line.ts";
import type { Microphone } from "./device/microphone.ts";
import { faultyMicrophone } from "./faults/microphone-faults.ts";
import { looped, withTail, withVentilation } from "./room-sound.ts";

/** Something the person at the terminal can put right; the message is one line and says all. */
export class UserError extends Error {
  override readonly name = "UserError";
}

export async function readSite(path: string): Promise<Site> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: ${cause.code === "ENOENT" ? "there is no such site file" : cause.message}`, {
      cause,
    });
  });
  return parseSite(text, path);
}

/** The device that was named, or the first in the room that was named. */
export function deviceOf({ room, device }: Words, site: Site): Device {
  if (device !== undefined) {
    const named = site.devices.find(({ id }) => id === device.toLowerCase());
    if (!named) throw new UserError(`no device "${device}"; there are ${list(site.devices)}`);
    return named;
  }
  const place = findRoom(site, room ?? "");
  if (!place) throw new UserError(`no room "${room}"; there are ${list(site.rooms)}`);
  const first = site.devices.find((candidate) => candidate.room === place.id);
  if (!first) throw new UserError(`room ${place.id} has no device`);
  return first;
}

const list = (things: readonly { readonly id: string }[]): string => things.map(({ id }) => id).join(", ");

/** The recording or sound card with all that the words put around it. */
export function microphoneOf(words: Words): Microphone {
  const { wav, sensitivity = MEMS_MICROPHONE.sensitivityDbfs, noise, fault, seed } = words;
  let microphone = wav === undefined ? pcmMicrophone(standardInput(), sensitivity) : recording(wav, words);
  if (noise !== undefined) microphone = ventilated(microphone, noise, seed);
  return faultyMicrophone(microphone, fault, fullScalePascal(MEMS_MICROPHONE.sensitivityDbfs));
}

function recording(wav: string, { level, sensitivity, loop, tail }: Words): Microphone {
  const once = wavMicrophone(wav, sensitivity === undefined ? { levelDb: level } : { sensitivity });
  return loop ? looped(once) : withTail(once, tail);
}

/** Whom radar and infrared see beside the microphone; a sound card has neither. */
export const peopleOf = ({ wav, people }: Words): number | undefined => (wav === undefined ? undefined : people);

/** Throws a `WavError` for a file that cannot be played, before anybody is told of it. */
export async function checkRecording(path: string): Promise<void> {
  for await (const _block of samplesAt16k(path)) return;
}

function ventilated(microphone: Microphone, nc: number, seed: string): Microphone {
  try {
    return withVentilation(microphone, nc, createRandom(seed).fork("ventilation"));
  } catch (cause) {
    throw new UserError(`--noise: ${(cause as Error).message}`, { cause });
  }
}
