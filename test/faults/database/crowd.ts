/** Eight devices that say a level each second, in virtual time, to the gateway's own pipeline. */
import { type HandClock, handClock } from "#gateway/clock.ts";
import { readConfig } from "#gateway/config.ts";
import { createLog, openLogger } from "#gateway/log.ts";
import { openPipeline, type Pipeline } from "#gateway/pipeline.ts";
import { topicFor } from "#protocol/topics.ts";
import { quietLevel, roomState } from "#test/journeys/speaker.ts";

const SECOND = 1000;
/** So many seconds are on their way into the journal at one time. */
const TOGETHER = 300;
const SITE = "jobcentre";
export const devices = ["k1", "k2", "k3", "k4", "k5", "s1", "s2", "s3"] as const;

export interface Crowd extends AsyncDisposable {
  readonly pipeline: Pipeline;
  readonly clock: HandClock;
  /** Levels that were acknowledged. */
  readonly acknowledged: number;
  /** The devices speak for so many seconds, of which each passes on the clock; resolves when all is acknowledged. */
  speak(seconds: number): Promise<void>;
  /** A conversation of more than a minute goes on in K1: what an alert is made of. */
  converse(): Promise<void>;
}

/** `clock`: as a gateway does, whose archive has a thread and a time of its own; `data`: all of it here and in virtual time. */
export async function openCrowd(data: string, history: string, time: "clock" | "data"): Promise<Crowd> {
  // Near the present, because a database with retention of its own refuses the past.
  const clock = handClock(Math.floor(Date.now() / SECOND) * SECOND - 2 * 86_400_000);
  const pipeline = await openPipeline({
    config: readConfig({}, { data, history }),
    clock,
    log: createLog(openLogger("silent")),
    publish: () => {},
    time,
  });
  let seq = 0;
  let acknowledged = 0;
  const say = (device: string, channel: "level" | "state", body: object) => {
    const payload = Buffer.from(JSON.stringify({ boot: "00000001", seq: seq++, t: clock.now(), ...body }));
    return pipeline.ingest.receive({ topic: topicFor(SITE, device, channel), payload, at: clock.now() });
  };
  return {
    pipeline,
    clock,
    get acknowledged() {
      return acknowledged;
    },
    async speak(seconds) {
      for (let second = 0; second < seconds; ) {
        const said: Promise<void>[] = [];
        for (const until = Math.min(seconds, second + TOGETHER); second < until; second++) {
          clock.advanceTo(clock.now() + SECOND);
          said.push(...devices.map((device) => say(device, "level", quietLevel)));
        }
        await Promise.all(said);
        acknowledged += said.length;
      }
    },
    converse: () => say("k1", "state", roomState("on", clock.now() - 70 * SECOND)),
    [Symbol.asyncDispose]: () => pipeline[Symbol.asyncDispose](),
  };
}
