/** A device that goes on speaking properly while everybody else does not: whether it is still served, and how soon. */
import { setTimeout as sleep } from "node:timers/promises";
import { samples } from "#gateway/ingest/sample.fixture.ts";
import { topicFor } from "#protocol/topics.ts";
import { watchStalls } from "#test/journeys/stalls.ts";
import { type Connect, publish } from "#test/mqtt/packets.ts";
import { openClient } from "#test/mqtt/raw-client.ts";
import { GOOD, SITE } from "./house.ts";

export interface Spoken {
  readonly boot: string;
  /** Sequence numbers, in the order of their PUBACKs. */
  readonly acknowledged: readonly number[];
  readonly slowestMs: number;
  readonly violations: readonly string[];
}

export interface GoodClient extends AsyncDisposable {
  /** Says a last reading, and what has become of all. */
  end(): Promise<Spoken>;
}

const BOOT = "0badcafe";
const PERIOD_MS = 100;
/** Beside everything else, on two cores. */
const SLOW_MS = 5000;

export async function startGoodClient(url: string, known: Connect): Promise<GoodClient> {
  const client = await openClient(url, known);
  const stalls = watchStalls();
  const acknowledged: number[] = [];
  const violations: string[] = [];
  let slowestMs = 0;
  let over = false;

  async function say(seq: number): Promise<void> {
    const since = Date.now();
    const payload = JSON.stringify({ ...samples.level, boot: BOOT, seq, t: Date.now() });
    client.send(publish({ topic: topicFor(SITE, GOOD, "level"), payload, id: (seq % 65_535) + 1 }));
    const [answer] = await client.hear();
    if (answer !== `puback ${(seq % 65_535) + 1}`) throw new Error(`it was answered ${answer}`);
    acknowledged.push(seq);
    slowestMs = Math.max(slowestMs, stalls.between(since, Date.now()));
  }

  async function live(): Promise<void> {
    for (let seq = 0; ; seq++) {
      const last = over;
      await say(seq);
      if (last) return;
      await sleep(PERIOD_MS);
    }
  }

  const living = live().catch((error: Error) => {
    violations.push(`who speaks properly is not served any more: ${error.message}`);
  });
  return {
    async end() {
      over = true;
      await living;
      if (slowestMs > SLOW_MS) violations.push(`who speaks properly had to wait ${Math.round(slowestMs)} ms`);
      return { boot: BOOT, acknowledged, slowestMs: Math.round(slowestMs), violations };
    },
    async [Symbol.asyncDispose]() {
      over = true;
      stalls[Symbol.dispose]();
      await client[Symbol.asyncDispose]();
      await living;
    },
  };
}
