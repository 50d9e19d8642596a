/** Journal → forwarder → proxy → a real influxd, in virtual time: what each test of the database's faults stands on. */
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { type Clock, type HandClock, handClock } from "#gateway/clock.ts";
import { readConfig } from "#gateway/config.ts";
import { type Forwarder, startForwarder } from "#gateway/history/forwarder.ts";
import { type Influx1Options, openInflux1History } from "#gateway/history/influx1.ts";
import { whereaboutsIn } from "#gateway/history/points.ts";
import type { Journal, Message } from "#gateway/journal/journal.ts";
import { openJournal } from "#gateway/journal/open-journal.ts";
import type { Millis } from "#protocol/quantities.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { quietLevel } from "#test/journeys/speaker.ts";
import type { Influxd } from "#test/services/influxd.ts";
import { type FaultProxy, startFaultProxy } from "./proxy.ts";

const SECOND = 1000;
const { site } = readConfig({});

export interface Scene extends AsyncDisposable {
  readonly journal: Journal;
  readonly database: string;
  readonly clock: HandClock;
  readonly proxy: FaultProxy;
  readonly forwarder: Forwarder;
  /** When requests came to the proxy, in the forwarder's time, ms; several at one moment once. */
  readonly tries: readonly number[];
  /** Resolves when the journal has acknowledged this many readings more, of times after `from`; answers how many in all. */
  say(count: number, body?: object, from?: Millis): Promise<number>;
  /** Lets time pass until something holds: a second whenever the forwarder rests, none while it works. */
  until(holds: () => boolean): Promise<void>;
  /** Levels in the database, asked past everything of ours. */
  stored(): Promise<number>;
  /** The forwarder ends, and another goes on with other settings, as a gateway that is started again. */
  startAgain(more: Partial<Influx1Options>): Promise<void>;
}

let databases = 0;

export async function openScene(influxd: Influxd, more: Partial<Influx1Options> = {}): Promise<Scene> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await temporaryFolder());
  const journal = opening.use(await openJournal(folder.path));
  const proxy = opening.use(await startFaultProxy(influxd.url));
  const database = `faults_${++databases}`;
  // Near the present, because a database with retention of its own refuses the past.
  const start = Math.floor(Date.now() / SECOND) * SECOND - 86_400_000;
  const clock = handClock(start);
  let resting = 0;
  const watched: Clock = {
    now: clock.now,
    wait: (ms, signal) => {
      resting++;
      return clock.wait(ms, signal).finally(() => resting--);
    },
  };
  const begin = (options: Partial<Influx1Options>) => {
    const address = { protocol: "http", host: "127.0.0.1", port: proxy.port, database } as const;
    const history = openInflux1History({ ...address, ...options });
    const whereIs = whereaboutsIn(site);
    return startForwarder({ journal, history, clock: watched, site: site.site, whereIs, random: () => 0.5 });
  };
  let forwarder = await begin(more);
  opening.defer(() => forwarder[Symbol.asyncDispose]());

  const tries: number[] = [];
  proxy.onRequest(() => {
    if (tries.at(-1) !== clock.now()) tries.push(clock.now());
  });
  let acknowledged = 0;
  const next = (body: object, from: Millis): Message => {
    const seq = acknowledged++;
    const t = from + seq * SECOND;
    const payload = Buffer.from(JSON.stringify({ boot: "00000001", seq, t, ...quietLevel, ...body }));
    return { device: "k1", channel: "level", boot: "00000001", seq, t, receivedAt: clock.now(), payload };
  };

  const closing = opening.move();
  return {
    journal,
    database,
    clock,
    proxy,
    tries,
    get forwarder() {
      return forwarder;
    },
    async say(count, body = {}, from = start) {
      await Promise.all(Array.from({ length: count }, () => journal.append(next(body, from))));
      return acknowledged;
    },
    async until(holds) {
      while (!holds()) {
        if (resting === 0) await sleep(1);
        else {
          clock.advanceTo(clock.now() + SECOND);
          await turn();
        }
      }
    },
    async stored() {
      const answer = await influxd.query(`SELECT count(laeq) FROM "raw"."level"`, database);
      const { results } = answer as { results: { series?: { values: number[][] }[] }[] };
      return results[0]?.series?.[0]?.values[0]?.[1] ?? 0;
    },
    async startAgain(options) {
      await forwarder[Symbol.asyncDispose]();
      forwarder = await begin(options);
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
