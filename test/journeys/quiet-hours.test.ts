/**
 * Four hours of keyboard, ventilation, printer and music in a shared office, through the whole signal path of a device
 * and the whole pipeline of the gateway: no conversation and no alert. Then somebody talks.
 */
import { join } from "node:path";
import { expect, it } from "vitest";
import { createSpeechDetector } from "#firmware/detector/speech.ts";
import { listen } from "#firmware/device/listen.ts";
import type { Microphone } from "#firmware/device/microphone.ts";
import { generateFrom } from "#firmware/generate.ts";
import { presenceOf } from "#firmware/play.ts";
import { readConfig } from "#gateway/config.ts";
import { type Half, loadRecordings } from "#test/recordings/recordings.ts";
import { KINDS, planScene } from "#test/scenes/kinds.ts";
import { RATE, render } from "#test/scenes/scene.ts";
import { temporaryFolder } from "./folder.ts";
import { openRecordedTime } from "./recorded-time.ts";

const HOUR = 3_600_000;
const SECOND = 1000;
const START = Date.parse("2026-11-02T08:00:00Z");
const QUIET = ["ventilation", "keyboard", "printer", "recorded music"];
/** Of each kind and half; a scene is 210 s long. */
const SCENES = 9;
const BLOCK = 1024;

interface Item {
  readonly kind: string;
  readonly half: Half;
  readonly n: number;
}

/** Four hours and more without a word, every kind in turn, made of both halves of the recordings. */
const quietHours: readonly Item[] = Array.from({ length: SCENES }, (_, n) =>
  QUIET.flatMap((kind) => (["tuning", "held-out"] as const).map((half): Item => ({ kind, half, n }))),
).flat();

async function scenes() {
  const sounds = { tuning: await loadRecordings("tuning"), "held-out": await loadRecordings("held-out") };
  return ({ kind: name, half, n }: Item) => {
    const { plan, random } = planScene(KINDS.find((kind) => kind.name === name)!, half, n, sounds[half]);
    return render(plan, random);
  };
}

it("four hours of keyboard, ventilation, printer and music raise nothing; two minutes of talk do", async () => {
  await using folder = await temporaryFolder();
  const sceneOf = await scenes();
  let heard = 0;
  let talkFrom = 0;
  const room: Microphone = {
    async *blocks() {
      const block = new Float32Array(BLOCK);
      for (const item of [...quietHours, { kind: "dialogue", half: "held-out", n: 0 } as const]) {
        const { pressure, conversation } = sceneOf(item);
        if (conversation) talkFrom = START + (heard / RATE + conversation.from) * SECOND;
        for (let at = 0; at < pressure.length; at += BLOCK) {
          const part = pressure.subarray(at, at + BLOCK);
          block.set(part);
          heard += part.length;
          yield block.subarray(0, part.length);
        }
      }
    },
  };
  const { site } = readConfig({});
  const seconds = listen(room, { start: START, createSpeechDetector });
  const options = { site, seed: "quiet hours", from: START, until: Number.POSITIVE_INFINITY, always: true };
  const device = site.devices.find(({ id }) => id === "k1")!;
  const publications = generateFrom(seconds, presenceOf(3, "quiet hours"), options, device);
  const lines = (async function* () {
    for await (const publication of publications) yield JSON.stringify(publication);
  })();

  await using office = await openRecordedTime({ data: join(folder.path, "data") }, START);
  const { journal, history } = office.pipeline;
  const end = START + 6 * HOUR;
  expect(await office.feed(lines, end)).toBeGreaterThan(2000);
  const hours = (talkFrom - START) / HOUR;
  expect(hours).toBeGreaterThanOrEqual(4);
  const level = { measurement: "level", tags: { room: "K1" }, from: START, to: talkFrom } as const;
  expect(await history.count(level)).toBeGreaterThanOrEqual(hours * 360 - 1);

  const episodes = await journal.episodes(START, end);
  const alerts = await journal.alerts({ from: START, to: end });
  const told = alerts.filter(({ firedAt }) => firedAt !== null);
  expect(episodes.filter(({ start }) => start < talkFrom - 5 * SECOND)).toEqual([]);
  expect(alerts.filter(({ startedAt }) => startedAt < talkFrom - 5 * SECOND)).toEqual([]);
  expect(episodes).toMatchObject([{ room: "K1" }]);
  expect(told).toMatchObject([{ room: "K1", reason: "conversation-ended" }]);
  expect((told[0]!.firedAt! - talkFrom) / SECOND).toBeGreaterThanOrEqual(55);
  expect((told[0]!.firedAt! - talkFrom) / SECOND).toBeLessThanOrEqual(90);
}, 600_000);
