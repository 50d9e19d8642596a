/**
 * An hour in a house whose clocks are wrong in every way, in recorded time through the gateway's own pipeline: what is
 * refused and said so, what is kept and not told, and what of it people see, which never goes back.
 */
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { handClock } from "#gateway/clock.ts";
import { readConfig } from "#gateway/config.ts";
import type { LiveEvent } from "#gateway/deliver/live.ts";
import type { History, Point } from "#gateway/history/history.ts";
import { pointOf, type ReadingMessage, whereaboutsIn } from "#gateway/history/points.ts";
import { createLog, openLogger } from "#gateway/log.ts";
import { openPipeline } from "#gateway/pipeline.ts";
import type { AlertView, RoomView } from "#protocol/api.ts";
import type { SequencedChannel } from "#protocol/readings.ts";
import { parseTopic, topicFor } from "#protocol/topics.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { type Body, quietLevel, roomState } from "#test/journeys/speaker.ts";
import { batchOf, bytesOf, rollupMeasurements } from "./batch.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 1440 * MINUTE;
/** Ten o'clock yesterday: history lets readings go by the real time. */
const TEN = Math.floor(Date.now() / DAY) * DAY - DAY + 10 * 60 * MINUTE;
const { site } = readConfig({});
const whereIs = whereaboutsIn(site);

interface Told {
  /** Arrival and the device's own time, s after ten. */
  readonly at: number;
  readonly t: number;
  readonly device: string;
  readonly channel: SequencedChannel;
  readonly body: Body<SequencedChannel>;
  readonly boot?: string;
  readonly seq?: number;
}

/** `since` as a device says it: by its own clock, and no further back than half an hour. */
const state = (conversation: "on" | "off", device: string, at: number, since: number, t: number): Told => ({
  ...{ at, t, device, channel: "state" },
  body: roomState(conversation, TEN + Math.min(t, Math.max(since, t - 1800)) * SECOND),
});
const talks = (device: string, at: number, since: number, t = at) => state("on", device, at, since, t);
const quiet = (device: string, at: number, since: number, t = at) => state("off", device, at, since, t);
const level = (device: string, at: number, t = at): Told => ({
  ...{ at, t, device, channel: "level", body: quietLevel },
});
const every = (seconds: number, from: number, until: number, what: (at: number) => Told): Told[] =>
  Array.from({ length: Math.ceil((until - from) / seconds) }, (_, i) => what(from + i * seconds));

/** What the gateway made of the messages, in the order of their arrival, until the end of the hour: what is kept, and what people saw. */
async function live(messages: readonly Told[]) {
  await using folder = await temporaryFolder();
  const clock = handClock(TEN - MINUTE);
  const complaints: string[] = [];
  const events: LiveEvent[] = [];
  await using pipeline = await openPipeline({
    config: readConfig({}, { data: join(folder.path, "data") }),
    clock,
    log: createLog(openLogger("silent")),
    publish(topic, payload) {
      const { device, channel } = parseTopic(topic)!;
      if (channel === "error") complaints.push(`${device} ${JSON.parse(payload).reason}`);
    },
    time: "clock",
  });
  pipeline.live.subscribe((event) => events.push(event));
  const sequence = new Map<string, number>();
  const stored: Point[] = [];
  for (const { at, t, device, channel, body, boot = "0000000a", seq } of messages.toSorted((a, b) => a.at - b.at)) {
    clock.advanceTo(TEN + at * SECOND);
    const counted = sequence.get(device + boot) ?? 0;
    if (seq === undefined) sequence.set(device + boot, counted + 1);
    const reading = { boot, seq: seq ?? counted, t: TEN + t * SECOND, ...body };
    const packet = { topic: topicFor(site.site, device, channel), payload: Buffer.from(JSON.stringify(reading)) };
    await pipeline.ingest.receiveAll([packet], clock.now());
    await pipeline.lane.drained();
    const isTaken = seq === undefined && t <= at + 30 && t >= at - 7 * 24 * 3600;
    if (isTaken) stored.push(pointOf({ channel, reading } as ReadingMessage, whereIs(device)!.place));
  }
  clock.advanceTo(TEN + 2100 * SECOND);
  await pipeline.lane.drained();
  const clockFaults = pipeline.live.devices().flatMap(({ id, faults }) => (faults.includes("clock") ? [id] : []));
  clock.advanceTo(TEN + DAY);
  await pipeline.settled();
  const { accepted, duplicates, refused } = pipeline.ingest.counts();
  const bytes = (history: Pick<History, "select">) =>
    Promise.all(
      (["presence", "level", ...rollupMeasurements] as const).map((name) =>
        bytesOf(history, name, TEN - 9 * DAY, TEN + DAY),
      ),
    );
  return {
    counts: { state: accepted.state, level: accepted.level, duplicates: duplicates.state, ...refusedOf(refused) },
    complaints: Object.fromEntries(
      Object.entries(Object.groupBy(complaints, (complaint) => complaint)).map(([what, list]) => [what, list?.length]),
    ),
    clockFaults,
    /** What was said of each room, one after the other. */
    rooms: (id: string) =>
      events
        .flatMap(({ event, data }) => {
          const { id: room, conversation, reason } = data as RoomView;
          return event === "room" && room === id ? [reason === null ? conversation : `unknown: ${reason}`] : [];
        })
        .filter((word, i, words) => word !== words[i - 1]),
    alertsTold: events.flatMap(({ event, data }) => {
      const { room, state } = data as AlertView;
      return event === "alert" ? [`${room} ${state}`] : [];
    }),
    alertsKept: (await pipeline.journal.alerts({ from: TEN - 8 * DAY, to: TEN + DAY })).map(
      ({ room, state, startedAt }) => `${room} ${state} ${(startedAt - TEN) / SECOND}`,
    ),
    conversations: (await pipeline.journal.episodes(TEN - 8 * DAY, TEN + DAY)).map(
      ({ room, start, end }) => `${room} ${(start - TEN) / SECOND} to ${((end ?? Number.NaN) - TEN) / SECOND}`,
    ),
    history: await bytes(pipeline.history),
    expectedHistory: await bytes(batchOf(stored)),
  };
}

const refusedOf = (refused: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(refused).filter(([, count]) => count > 0));

const DAY_S = 24 * 3600;
/** Of the six days late. */
const BACK = -6 * DAY_S;
const messages: readonly Told[] = [
  // K1: nothing wrong but the way. Something comes twice, with other words; some is overtaken; the device restarts after 25 minutes.
  ...every(30, 0, 1500, (at) => quiet("k1", at, -600)),
  talks("k1", 1001, 985, 955),
  { ...talks("k1", 1100, 1090), seq: 0 },
  ...every(30, 1500, 2100, (at) => ({ ...quiet("k1", at, -600), boot: "0000000b" })),
  talks("k1", 1511, 1490, 1495),
  // K2: five minutes slow, and somebody talks there for ten.
  ...every(30, 0, 600, (at) => talks("k2", at, -300, at - 300)),
  ...every(30, 600, 2100, (at) => quiet("k2", at, 300, at - 300)),
  ...every(10, 0, 300, (at) => level("k2", at, at - 310)),
  // K3: five minutes fast.
  ...every(30, 0, 300, (at) => talks("k3", at, 300, at + 300)),
  // K4: talks from the fifth minute to the 25th; its clock jumps 25 s ahead, then 100 s back, and is right again.
  ...every(30, 0, 300, (at) => quiet("k4", at, -600)),
  ...every(30, 300, 600, (at) => talks("k4", at, 300)),
  ...every(30, 600, 900, (at) => talks("k4", at, 325, at + 25)),
  ...every(30, 900, 1200, (at) => talks("k4", at, 200, at - 100)),
  ...every(30, 1200, 1500, (at) => talks("k4", at, 300)),
  ...every(30, 1500, 2100, (at) => quiet("k4", at, 1500)),
  ...every(10, 600, 900, (at) => level("k4", at, at + 15)),
  ...every(10, 900, 1200, (at) => level("k4", at, at - 110)),
  // K5: back after six days without a network, with another boot; what it kept comes behind what is so now.
  ...every(30, 0, 2100, (at) => ({ ...quiet("k5", at, -600), boot: "0000000b" })),
  ...every(30, 0, 300, (s) => talks("k5", 700 + s / 30, BACK, s + BACK)),
  quiet("k5", 711, 300 + BACK, 330 + BACK),
  ...every(10, 0, 300, (s) => level("k5", 712 + s / 10, s + BACK)),
  // S1: an hour ahead. S2: eight days behind.
  ...every(30, 0, 300, (at) => talks("s1", at, at, at + 3600)),
  ...every(30, 0, 300, (at) => talks("s2", at, at - 8 * DAY_S, at - 8 * DAY_S)),
];

describe("an hour with wrong clocks", () => {
  let hour: Awaited<ReturnType<typeof live>>;
  beforeAll(async () => {
    hour = await live(messages);
  });

  it("refuses what is ahead or too far behind, by reason, and tells the device so each time", () => {
    expect(hour.counts).toEqual({ state: 293, level: 120, duplicates: 1, "clock-ahead": 20, "clock-behind": 10 });
    expect(hour.complaints).toEqual({ "k3 clock-ahead": 10, "s1 clock-ahead": 10, "s2 clock-behind": 10 });
  });

  it("names the devices whose clocks are wrong", () => expect(hour.clockFaults).toEqual(["k2"]));

  it("tells one alert, of the one conversation that was told in time, across the jumps of its clock", () =>
    expect(hour.alertsTold).toEqual(["K4 firing", "K4 resolved"]));

  it("keeps what came too late as history: conversations, and alerts that nobody was told", () => {
    expect(hour.conversations).toEqual([
      `K5 ${BACK} to ${BACK + 300}`,
      "K2 -300 to 300",
      "K4 200 to 300",
      "K4 300 to 1500",
      "K1 1490 to 1495",
    ]);
    expect(hour.alertsKept).toEqual([`K5 resolved ${BACK}`, "K2 resolved -300", "K4 resolved 200", "K4 resolved 300"]);
  });

  it("never shows a room as it was before, and calls unknown what is not told in time", () => {
    const seen = Object.fromEntries(["K1", "K2", "K3", "K4", "K5", "S1"].map((room) => [room, hour.rooms(room)]));
    expect(seen).toEqual({
      K1: ["off", "unknown: no-data"],
      K2: ["unknown: no-data"],
      K3: ["unknown: no-data"],
      K4: ["off", "on", "unknown: no-data", "on", "off", "unknown: no-data"],
      K5: ["off", "unknown: no-data"],
      S1: ["unknown: no-data"],
    });
  });

  it("rolls up what is kept as if it had come in order", () => expect(hour.history).toEqual(hour.expectedHistory));
});
