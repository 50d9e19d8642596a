/** A gateway with 500 open streams is asked to stop: each reader is told, and what was acknowledged is on the disk. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { openJournal } from "#gateway/journal/open-journal.ts";
import { type EventReader, readEvents } from "./event-stream.ts";
import { temporaryFolder } from "./folder.ts";
import { startGatewayProcess } from "./running-gateway.ts";
import { connectSpeaker, quietLevel, roomState } from "./speaker.ts";
import { watchStalls } from "./stalls.ts";

const SECOND = 1000;
const STREAMS = 500;
const READINGS = 300;
const LIMIT_MS = 10 * SECOND;

it("stops within ten seconds, says bye on every stream and has every acknowledged reading", async () => {
  await using folder = await temporaryFolder();
  const data = join(folder.path, "data");
  await using gateway = await startGatewayProcess({ data });
  await using streams = new AsyncDisposableStack();
  const readers: EventReader[] = [];
  while (readers.length < STREAMS)
    readers.push(
      ...(await Promise.all(Array.from({ length: 50 }, async () => streams.use(await readEvents(gateway.url))))),
    );
  await using speaker = await connectSpeaker(gateway.broker, "k1", "0a1b2c3d");
  const now = Date.now();
  await speaker.say("state", now, roomState("on", now - 20 * SECOND));
  const said = Array.from({ length: READINGS }, (_, i) => speaker.say("level", now - i * 10 * SECOND, quietLevel));
  await Promise.all(said);

  using stalls = watchStalls();
  const asked = Date.now();
  gateway.kill("SIGTERM");
  const ending = await gateway.ended;
  const took = stalls.between(asked, Date.now());
  expect(ending, gateway.err).toEqual({ code: 0, signal: null });
  expect(took).toBeLessThan(LIMIT_MS);
  await Promise.all(readers.map(({ ended }) => ended));
  expect(readers.map(({ heard }) => heard.at(-1)).filter((last) => last?.event !== "bye")).toEqual([]);
  expect(readers[0]!.heard.at(-1)).toMatchObject({ event: "bye", data: { reason: "shutdown" } });
  const saw = readers.filter(({ heard }) => heard.some(({ data: room }) => isTalking(room)));
  expect(saw.length).toBe(STREAMS);

  await using journal = await openJournal(data);
  expect(speaker.acknowledged).toMatchObject({ state: 1, level: READINGS });
  expect(await journal.messagesAfter(0, 10 * READINGS)).toHaveLength(1 + READINGS);
  process.stdout.write(`shutdown: ${Math.round(took)} ms with ${STREAMS} streams\n`);
}, 120_000);

const isTalking = (view: unknown): boolean => {
  const { id, conversation } = view as { id?: string; conversation?: string };
  return id === "K1" && conversation === "on";
};
