/** A strict house's office talks: what a webhook is told of it, and when, over days, restarts and absences. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dayNumber, startOfDayNumber } from "#protocol/calendar.ts";
import type { Site } from "#protocol/site.ts";
import { type Clock, type HandClock, handClock } from "../clock.ts";
import { at, EIGHT, site as normal } from "../detect/story.fixture.ts";
import type { Decision, Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import { type Event, tell } from "../lane.fixture.ts";
import { openLane } from "../lane.ts";
import { startDailyDigest } from "./daily-digest.ts";
import { openHook } from "./hook.fixture.ts";
import { startOutbox } from "./outbox.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const site: Site = {
  ...normal,
  policy: { ...normal.policy, privacy: "strict" },
  zones: [{ id: "east", name: { da: "Østfløjen", en: "East wing" }, rooms: ["K1", "K2"] }],
};
const today = dayNumber(EIGHT, site.timeZone);
/** So long after local midnight, days after the story's. */
const later = (days: number, ms = 0) => startOfDayNumber(today + days, site.timeZone) + ms;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "digest-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Five conversations of three minutes in K1, each long enough for an alert and far enough from the last. */
const talk: readonly Event[] = Array.from({ length: 5 }, (_, i) => i * 1800).flatMap((from): Event[] => [
  { at: from + 1, device: "k1", conversation: "off", since: from },
  { at: from + 20, device: "k1", conversation: "on", since: from + 10 },
  { at: from + 75, device: "k1", conversation: "on", since: from + 10 },
  { at: from + 200, device: "k1", conversation: "off", since: from + 190 },
]);

/** The digest on a clock that is moved until the digest has looked, and sleeps again. */
function digests(journal: Journal, clock: HandClock, more: Partial<Parameters<typeof startDailyDigest>[0]> = {}) {
  let wakesAt: number | undefined;
  const watched: Clock = {
    now: clock.now,
    wait(ms, signal) {
      wakesAt = clock.now() + ms;
      return clock.wait(ms, signal);
    },
  };
  const running = startDailyDigest({ site, journal, clock: watched, channels: ["hook"], ...more });
  const asleep = () => expect.poll(() => wakesAt).toBeDefined();
  return {
    async until(at: number) {
      await asleep();
      if (at >= wakesAt!) wakesAt = undefined;
      clock.advanceTo(at);
      await asleep();
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const ordered = async (journal: Journal) =>
  (await journal.dueDeliveries(Number.MAX_SAFE_INTEGER, 100)).map(({ key }) => key).sort();

const dayOf = (days: number) => `digest:demo:2026-03-0${2 + days}:hook`;

describe("the daily digest", () => {
  it("tells a webhook of the day a quarter of an hour after it is over, and of no alert; once, whatever restarts", async () => {
    await using hook = await openHook();
    const clock = handClock(EIGHT);
    {
      await using journal = await openJournal(folder);
      await using lane = await openLane({ site, journal, clock, channels: ["hook"] });
      await using outbox = startOutbox({ journal, channels: [hook.channel], clock });
      await using daily = digests(journal, clock);
      for (const event of talk) await tell(lane, journal, clock, event);
      const fired = (await journal.alerts({ from: EIGHT, to: at(10_000) })).map(
        ({ room, state }) => `${room} ${state}`,
      );
      expect(fired).toEqual(Array(5).fill("K1 resolved"));
      await daily.until(later(1, 14 * MINUTE));
      await outbox.tried();
      expect(hook.taken).toEqual([]);
      await daily.until(later(1, 16 * MINUTE));
      await outbox.tried();
    }
    const told = hook.taken.map(({ key, body }) => ({ key, ...JSON.parse(body) }));
    const few = { least: 0, most: 4 };
    const quiet = { conversations: few, minutes: { least: 0, most: 5 }, alerts: few };
    expect(told).toEqual([
      {
        key: dayOf(0),
        type: "alert.digest",
        timestamp: "2026-03-02T23:00:00.000Z",
        data: {
          id: "digest:demo:2026-03-02",
          from: "2026-03-01T23:00:00.000Z",
          to: "2026-03-02T23:00:00.000Z",
          units: [
            // Of a rule that is about offices, and of one that is about all rooms: 5 and fewer than five.
            {
              id: "east",
              name: { da: "Østfløjen", en: "East wing" },
              conversations: 5,
              minutes: 15,
              alerts: { least: 5, most: 9 },
            },
            { id: "conversation-rooms", name: { da: "Samtalerum", en: "Conversation rooms" }, ...quiet },
            { id: "G1", name: { da: "Gang", en: "Corridor" }, ...quiet },
            { id: "V1", name: { da: "Venteværelse", en: "Waiting room" }, ...quiet },
          ],
          message: expect.objectContaining({
            en: expect.stringContaining("East wing: possible overhearing 5–9 times, conversation for 15 min."),
          }),
        },
      },
    ]);
    await using journal = await openJournal(folder);
    await using outbox = startOutbox({ journal, channels: [hook.channel], clock });
    await using daily = digests(journal, clock);
    await daily.until(clock.now() + 16 * MINUTE);
    await outbox.tried();
    expect(hook.taken.map(({ key }) => key)).toEqual([dayOf(0)]);
  });

  it("that was ordered and not sent before the gateway went is sent when it is back", async () => {
    const clock = handClock(EIGHT);
    {
      await using journal = await openJournal(folder);
      await using daily = digests(journal, clock);
      await daily.until(later(1, HOUR));
    }
    await using hook = await openHook();
    await using journal = await openJournal(folder);
    await using outbox = startOutbox({ journal, channels: [hook.channel], clock });
    await outbox.tried();
    expect(hook.taken.map(({ key }) => key)).toEqual([dayOf(0)]);
  });

  it("of days that were over while the gateway was away follows a quarter of an hour after it is back", async () => {
    const clock = handClock(EIGHT);
    {
      await using journal = await openJournal(folder);
      await using daily = digests(journal, clock);
      await daily.until(EIGHT + MINUTE);
    }
    clock.advanceTo(later(3, 9 * HOUR));
    await using journal = await openJournal(folder);
    await using daily = digests(journal, clock);
    await daily.until(later(3, 9 * HOUR + 14 * MINUTE));
    expect(await ordered(journal)).toEqual([]);
    await daily.until(later(3, 9 * HOUR + 16 * MINUTE));
    expect(await ordered(journal)).toEqual([dayOf(0), dayOf(1), dayOf(2)]);
  });

  it("goes back a week at most, leaves out days on which sensors sleep, and begins with the first day it saw", async () => {
    const clock = handClock(EIGHT);
    const weekdays = { monday: { from: "08:00", until: "16:00" }, tuesday: { from: "08:00", until: "16:00" } } as const;
    const sleeping: Site = {
      ...site,
      openingHours: weekdays,
      policy: { ...site.policy, measuring: "opening-hours" },
    };
    await using journal = await openJournal(folder);
    {
      await using daily = digests(journal, clock);
      await daily.until(EIGHT + MINUTE);
    }
    clock.advanceTo(later(30, HOUR));
    await using daily = digests(journal, clock, { site: sleeping });
    await daily.until(later(30, 2 * HOUR));
    // Wednesday 1 April: of the week before it Monday and Tuesday.
    expect(await ordered(journal)).toEqual(["digest:demo:2026-03-30:hook", "digest:demo:2026-03-31:hook"]);
  });

  it("is ordered again, and not twice, when the journal fails between order and note, or the clock was ahead", async () => {
    const clock = handClock(EIGHT);
    await using journal = await openJournal(folder);
    let isFull = false;
    const troubles: unknown[] = [];
    const records: Decision[] = [];
    const failing: Journal = {
      ...journal,
      record: (decision) => {
        records.push(decision);
        return journal.record(decision);
      },
      setNote: (name, value) => (isFull ? Promise.reject(new Error("disk is full")) : journal.setNote(name, value)),
    };
    await using daily = digests(failing, clock, { onTrouble: (error) => troubles.push(error) });
    await daily.until(EIGHT + MINUTE);
    isFull = true;
    await daily.until(later(1, 20 * MINUTE));
    isFull = false;
    await daily.until(later(1, 21 * MINUTE));
    expect([troubles.length, records.length, await ordered(journal)]).toEqual([1, 2, [dayOf(0)]]);
    await journal.setNote("digest", String(today + 400));
    await daily.until(later(1, 22 * MINUTE));
    await daily.until(later(2, 20 * MINUTE));
    expect(await ordered(journal)).toEqual([dayOf(0), dayOf(1)]);
  });

  it("of a house in which nothing may be told is none", async () => {
    const clock = handClock(EIGHT);
    const small: Site = { ...site, rooms: site.rooms.filter(({ id }) => id === "K2"), zones: [], boundaries: [] };
    await using journal = await openJournal(folder);
    await using daily = digests(journal, clock, { site: small });
    await daily.until(later(2, HOUR));
    expect(await ordered(journal)).toEqual([]);
  });
});
