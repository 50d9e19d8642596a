/**
 * A device's message that makes an alert fire → the alert in a browser's event stream, beside 10,000 readings/s. The
 * message says that the conversation in a shared office has gone on for a minute, so that the alert is due at once.
 */
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync } from "mqtt";
import { delivery, topicFor } from "#protocol/topics.ts";
import { asking } from "#test/journeys/asking.ts";
import { officeDevice, officeRoom, SITE, startBenchGateway } from "../bench-gateway.ts";
import { type Bench, type Measured, type Row, told } from "../figure.ts";
import { loadPlan, startLoad } from "../load/run-load.ts";
import { loadDetails } from "../load-figures.ts";
import { cpuSeconds } from "../usage.ts";

const RATE_PER_S = 10_000;
const EVERY_MS = 100;
/** The alert waits for a minute of conversation; so long it has lasted already. */
const LASTED_MS = 61_000;
/** An alert that has not come by then is counted as lost. */
const LIMIT_MS = 10_000;
const BOOT = "a1e27000";

export const alertLatency: Row = {
  name: "alert-latency",
  title: "Device message → alert event in the browser's stream at 10,000 readings/s, p99",
  unit: "ms",
  goal: 50,
  reach: "at most",
  runs: 3,
  measure,
  beside: async () => [],
};

async function measure({ quick }: Bench): Promise<Measured> {
  const alerts = quick ? 40 : 300;
  await using gateway = await startBenchGateway({ devices: 1000, offices: alerts });
  using stream = await hearAlerts(gateway.url);
  const device = await connectAsync(`mqtt://127.0.0.1:${gateway.port}`, { protocolVersion: 4, reconnectPeriod: 0 });
  const say = (office: number, seq: number, conversation: "on" | "off", since: number) => {
    const body = {
      occupied: true,
      confidence: 0.9,
      conversation,
      hint: conversation === "on" ? "dialogue" : "unknown",
    };
    const reading = { boot: BOOT, seq, t: Date.now(), ...body, since: Math.floor(since / 1000) * 1000 };
    return device.publishAsync(topicFor(SITE, officeDevice(office), "state"), JSON.stringify(reading), delivery.state);
  };
  for (let office = 0; office < alerts; office++) await say(office, 0, "off", Date.now() - 2 * LASTED_MS);

  const plan = loadPlan({ port: gateway.port, site: SITE, ratePerS: RATE_PER_S });
  const cpu = cpuSeconds(gateway.pid);
  const load = startLoad(plan);
  await sleep(2000);
  const said: number[] = [];
  for (let office = 0; office < alerts; office++) {
    const next = sleep(EVERY_MS);
    said.push(performance.now());
    await say(office, 1, "on", Date.now() - LASTED_MS);
    await next;
  }
  const shown = await Promise.all(said.map((_, office) => stream.firing(officeRoom(office), LIMIT_MS)));
  load.stop();
  const result = await load.result;
  const spent = cpuSeconds(gateway.pid) - cpu;
  await device.endAsync(true);
  const delays = shown.flatMap((at, office) => (at === undefined ? [] : [at - said[office]!])).sort((a, b) => a - b);
  const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? Number.NaN;
  return {
    value: at(0.99),
    lost: alerts - delays.length,
    details: {
      alerts,
      ms: `p50 ${told(at(0.5))}, p99 ${told(at(0.99))}, greatest ${told(at(1))}`,
      ...loadDetails(plan, result, spent),
    },
  };
}

interface AlertStream extends Disposable {
  /** When the room's alert was first said to fire, on `performance`'s clock; undefined when it was not within the limit. */
  firing(room: string, limitMs: number): Promise<number | undefined>;
}

/** Reads the stream as a browser does, and looks into the alerts only. */
async function hearAlerts(url: string): Promise<AlertStream> {
  const heard = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  const { promise: open, resolve, reject } = Promise.withResolvers<void>();
  const headers = asking(url, "/api/v1/stream");
  const request = get(`${url}/api/v1/stream`, { agent: false, headers }, (response) => {
    resolve();
    let unread = "";
    response.setEncoding("utf8").on("data", (text: string) => {
      const at = performance.now();
      const blocks = (unread + text).split("\n\n");
      unread = blocks.pop()!;
      for (const block of blocks) {
        if (!block.includes("\nevent: alert\n")) continue;
        const { room, state } = JSON.parse(block.slice(block.indexOf("\ndata: ") + 7)) as {
          room: string;
          state: string;
        };
        if (state !== "firing" || heard.has(room)) continue;
        heard.set(room, at);
        waiting.get(room)?.();
      }
    });
  });
  request.on("error", reject);
  await open;
  return {
    async firing(room, limitMs) {
      const told = new Promise<void>((resolve) => waiting.set(room, resolve));
      if (!heard.has(room)) await Promise.race([told, sleep(limitMs, undefined, { ref: false })]);
      return heard.get(room);
    },
    [Symbol.dispose]: () => {
      request.destroy();
    },
  };
}
