/**
 * A conversation in the office K1 comes through a door into the corridor G1 and not through the wall into S1: three device
 * programs hear it at the same time, the gateway asks them for their levels, finds out and says so while it goes on.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { activeMeanSquare } from "#firmware/audio/active-level.ts";
import { samplesAt16k } from "#firmware/audio/wav-microphone.ts";
import { wavBytes } from "#firmware/audio/wav-writer.ts";
import { fullScalePascal } from "#firmware/dsp/calibration.ts";
import { P0_SQUARED } from "#firmware/dsp/second.ts";
import type { AlertView, PairView, RoomView } from "#protocol/api.ts";
import { RATE } from "#test/scenes/scene.ts";
import { type Heard, readEvents } from "./event-stream.ts";
import { temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";
import { writeConversation } from "./recorded-talk.ts";
import { get, runGateway } from "./running-gateway.ts";
import { watchStalls } from "./stalls.ts";
import { startTogether } from "./start-together.ts";

const SECOND = 1000;
const TALK_S = 140;
/** How long the devices listen on to quiet rooms: time enough to hear that it is over. */
const TAIL_S = 40;
const TALK_DBA = 60;
/** What the door takes off low voices, dB; from `DULL_FROM_HZ` on it is 6 dB more with each octave. */
const DOOR_DB = 22;
const DULL_FROM_HZ = 1000;
/** So much less is nothing of the talk. */
const NOTHING_DB = 80;
/** The link test needs so many seconds from both rooms, s. */
const LEAST_HEARD_S = 40;

const SITE = `
site: house
name: House
timeZone: Europe/Copenhagen
rooms:
  - { id: K1, name: { da: Kontor K1, en: Office K1 }, kind: shared-office, assigned: 3, noise: 30 }
  - { id: G1, name: { da: Gang, en: Corridor }, kind: corridor, noise: 25 }
  - { id: S1, name: { da: Samtalerum S1, en: Conversation room S1 }, kind: conversation-room, noise: 25 }
boundaries:
  - { between: [K1, G1], kind: door, rw: 25 }
  - { between: [K1, S1], kind: wall, rw: 52 }
devices:
  - { id: k1, room: K1 }
  - { id: g1, room: G1 }
  - { id: s1, room: S1 }
`;

/** The microphone's sensitivity, dBFS at 94 dB, with which the recording is talk of this active level. */
async function sensitivityFor(wav: string, levelDb: number): Promise<number> {
  const energy = await activeMeanSquare(samplesAt16k(wav), "Z");
  return 20 * Math.log10(fullScalePascal(0)) - levelDb - 10 * Math.log10(P0_SQUARED / energy);
}

/** Writes the recording as duller as a door makes it; what it takes off all of it is for the sensitivity. */
async function writeDull(wav: string, dull: string): Promise<void> {
  const heard: number[] = [];
  const keeps = Math.exp((-2 * Math.PI * DULL_FROM_HZ) / RATE);
  let last = 0;
  for await (const block of samplesAt16k(wav))
    for (const sample of block) {
      last = keeps * last + (1 - keeps) * sample;
      heard.push(last);
    }
  await writeFile(dull, wavBytes(Float32Array.from(heard), RATE));
}

const said = <T>(events: readonly Heard[], name: string) =>
  events.filter(({ event }) => event === name).map(({ data, at }) => ({ view: data as T, at }));

it("talk that comes through a door is told of while it goes on; talk that stays in is not", async () => {
  await using folder = await temporaryFolder();
  const file = (name: string) => join(folder.path, name);
  await writeFile(file("site.yaml"), SITE);
  const talk = await writeConversation(file("office.wav"), TALK_S);
  const sensitivity = await sensitivityFor(file("office.wav"), talk.levelFor(TALK_DBA));
  await writeDull(file("office.wav"), file("corridor.wav"));

  using stalls = watchStalls();
  await using gateway = await runGateway({ data: file("data"), site: file("site.yaml") });
  await using reader = await readEvents(gateway.url);
  const play = (broker: string, room: string, wav: string, lessDb: number, nc: number, people: number) =>
    startProgram("firmware-sim/main.ts", [
      ...["--wav", file(wav), "--room", room, "--sensitivity", (sensitivity + lessDb).toFixed(2)],
      ...["--noise", String(nc), "--seed", room, "--people", String(people), "--tail", String(TAIL_S)],
      ...["--site", file("site.yaml"), "--broker", broker],
    ]);
  await using house = await startTogether(gateway.broker, (broker) => [
    play(broker, "K1", "office.wav", 0, 30, 2),
    play(broker, "G1", "corridor.wav", DOOR_DB, 25, 1),
    play(broker, "S1", "corridor.wav", NOTHING_DB, 25, 0),
  ]);
  const { devices, started } = house;

  const talking = () =>
    said<RoomView>(reader.heard, "room").find(({ view }) => view.id === "K1" && view.conversation === "on");
  await expect.poll(talking).toBeDefined();
  const pairs = () => get<PairView[]>(gateway.url, "/api/v1/pairs");
  expect(await pairs()).toMatchObject(Array(4).fill({ state: "unknown", hearing: null, episodes: 0 }));

  const firing = () =>
    said<AlertView>(reader.heard, "alert").find(({ view }) => view.rule === "overheard" && view.state === "firing");
  await expect.poll(firing, { timeout: TALK_S * SECOND }).toBeDefined();
  const { view: alert, at: toldAt } = firing()!;
  const firedAt = Date.parse(alert.firedAt!);
  expect(alert).toMatchObject({ pair: ["K1", "G1"], resolvedAt: null });
  expect(["partly", "intelligible", "clearly"]).toContain(alert.hearing);
  expect(alert.message.da).toMatch(
    /^Mulig overhøring: samtalen i Kontor K1 siden kl\. \d\d\.\d\d kan høres i Gang: .*(forstås|følges)\. Samtalerum S1 er ledigt\.$/,
  );
  expect(stalls.between(firedAt, toldAt)).toBeLessThan(SECOND);
  await expect.poll(pairs).toMatchObject([
    { from: "K1", to: "G1", state: "overheard", link: true },
    { from: "G1", to: "K1" },
    { from: "K1", to: "S1", link: false },
    { from: "S1", to: "K1" },
  ]);
  expect(await get<RoomView[]>(gateway.url, "/api/v1/rooms")).toMatchObject([
    { id: "K1", conversation: "on", privacy: "overheard" },
    { id: "G1" },
    { id: "S1", conversation: "off", free: true },
  ]);

  for (const device of devices) expect(await device.ended, device.err).toEqual({ code: 0, signal: null });
  const alerts = await get<AlertView[]>(gateway.url, "/api/v1/alerts");
  expect(alerts.filter(({ rule }) => rule === "overheard")).toMatchObject([
    { id: alert.id, state: "resolved", reason: "conversation-ended", firedAt: alert.firedAt },
  ]);
  expect(new Set(alerts.map(({ room }) => room))).toEqual(new Set(["K1"]));
  const over = (Date.parse(alerts[0]!.resolvedAt!) - started) / SECOND;
  expect(over).toBeGreaterThan(TALK_S - 10);
  expect(over).toBeLessThan(TALK_S + 20);

  // Nothing is claimed but of what the devices were asked for, and that takes its time.
  const leased = talking()!.at;
  const claimed = said<PairView>(reader.heard, "pair").filter(({ view }) => view.link === true);
  expect(new Set(claimed.map(({ view }) => `${view.from} ${view.to}`))).toEqual(new Set(["K1 G1"]));
  expect((claimed[0]!.at - leased) / SECOND).toBeGreaterThanOrEqual(LEAST_HEARD_S);
  const { bands } = gateway.pipeline.ingest.counts().accepted;
  expect(bands).toBeGreaterThanOrEqual((devices.length * (firedAt - leased - 20 * SECOND)) / (10 * SECOND));
  const [door, , wall] = await pairs();
  expect(door).toMatchObject({ episodes: 1, ldLimited: Array(5).fill(false) });
  expect(Math.abs(door!.ld![0]! - DOOR_DB)).toBeLessThan(2);
  expect(wall!.ldLimited).toEqual(Array(5).fill(true));
  process.stdout.write(
    `overheard: alert ${((firedAt - started) / SECOND).toFixed(1)} s after the first word, ${bands} bands, door ${door!.ld!.join(" ")} dB\n`,
  );
}, 1_200_000);
