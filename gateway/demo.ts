/** `npm start`: the demo job centre. Makes some weeks of history first, then runs gateway and simulated devices live. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import cliProgress from "cli-progress";
import { handClock, systemClock } from "./clock.ts";
import { type Flags, runProcess, settingsCommand, untilAskedToStop } from "./command-line.ts";
import { type Address, type Config, readConfig } from "./config.ts";
import { AddressError, openGateway } from "./gateway.ts";
import { redactUrl } from "./history/open.ts";
import { linesOf, replay } from "./ingest/replay.ts";
import { createLog, openLogger } from "./log.ts";
import { openPipeline } from "./pipeline.ts";

const DAY = 86_400_000;
const DEVICES = fileURLToPath(new URL("../firmware-sim/main.ts", import.meta.url));
/** In the journal, once the history is made. */
const MADE = "demo-history";

const command = settingsCommand("npm start --", "The demo job centre: simulated devices → gateway → dashboard.")
  .option("--seed <text>", "same seed, same job centre", "1")
  .option("--weeks <number>", "weeks of history made at the first start", "4")
  .option("--no-devices", "without the simulated devices, such as for `npm run device`");

interface DemoFlags extends Flags {
  readonly seed: string;
  readonly weeks: string;
  readonly devices: boolean;
}

const { config: file, seed, weeks, devices, ...overrides } = command.parse().opts<DemoFlags>();

await runProcess("npm start", async () => {
  const config = readConfig(process.env, { log: "warn", ...overrides }, file);
  await assertFree(config.http, "FORTROLIG_HTTP");
  if (config.broker === "") await assertFree(config.mqtt, "FORTROLIG_MQTT");
  await makeHistory(config, Number(weeks) * 7);
  await using gateway = await openGateway(config);
  await using _fleet = devices ? startDevices(config, gateway.broker) : undefined;
  process.stdout.write(banner(config, gateway.url, gateway.broker));
  await untilAskedToStop();
  process.stdout.write("\nStopping …\n");
});

/** Before the weeks are made, not after. */
async function assertFree({ host, port }: Address, variable: string): Promise<void> {
  const probe = createServer();
  const free = once(probe, "listening");
  probe.listen(port, host);
  try {
    await free;
  } catch (cause) {
    throw new AddressError(`port ${port} on ${host} is taken; set ${variable}=host:port`, { cause });
  }
  probe.close();
  await once(probe, "close");
}

/** Recorded time through the same ingest, journal, detection and history that live readings take. */
async function makeHistory(config: Config, wantedDays: number): Promise<void> {
  const until = Math.floor(systemClock.now() / 60_000) * 60_000;
  // InfluxDB refuses readings older than its raw retention, whatever the recorded time says.
  const days = config.history.startsWith("sqlite:") ? wantedDays : Math.min(wantedDays, 13);
  const from = until - days * DAY;
  const clock = handClock(from);
  const log = createLog(openLogger("error"));
  await using pipeline = await openPipeline({ config, clock, log, publish: () => {}, time: "data" });
  if (days <= 0 || (await pipeline.journal.note(MADE)) !== undefined) return;
  await pipeline.history.prepare();

  const world = ["--world", "--seed", seed, "--site", config.siteFile, "--publish-to", "-"];
  const span = ["--from", new Date(from).toISOString(), "--until", new Date(until).toISOString()];
  const child = spawn(process.execPath, [DEVICES, ...world, ...span], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const progress = showProgress(`Making ${days} days of history`);
  const started = performance.now();
  const records = await replay(linesOf(child.stdout), pipeline.ingest, {
    clock,
    onProgress: (_records, at) => progress.reached((0.9 * (at - from)) / (until - from)),
  });
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`the simulated devices stopped with code ${code}`);
  clock.advanceTo(until);
  await pipeline.settled();
  await pipeline.journal.setNote(MADE, new Date(until).toISOString());
  progress.done();
  const seconds = (performance.now() - started) / 1000;
  process.stdout.write(
    `Made ${days} days of history: ${records.toLocaleString("en")} readings in ${seconds.toFixed(0)} s.\n`,
  );
}

/** A bar on a terminal, a line per quarter elsewhere. */
function showProgress(what: string): { reached(share: number): void; done(): void } {
  if (process.stdout.isTTY) {
    const bar = new cliProgress.SingleBar({
      format: `${what} {bar} {percentage} %  {duration_formatted}`,
      hideCursor: true,
    });
    bar.start(100, 0);
    return { reached: (share) => bar.update(Math.floor(100 * share)), done: () => (bar.update(100), bar.stop()) };
  }
  process.stdout.write(`${what} …\n`);
  let told = 0;
  return {
    reached(share) {
      if (share < told + 0.25) return;
      told = Math.floor(4 * share) / 4;
      process.stdout.write(`${what}: ${100 * told} %\n`);
    },
    done: () => {},
  };
}

/** The whole site's devices in a process of their own, as real ones would be: they share nothing with the gateway but MQTT. */
function startDevices(config: Config, broker: string): AsyncDisposable {
  const args = ["--world", "--open-now", "--wait", "--seed", seed, "--site", config.siteFile, "--broker", broker];
  const child = spawn(process.execPath, [DEVICES, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  let stopping = false;
  const ended = once(child, "exit").then(([code]) => {
    if (!stopping) process.stderr.write(`npm start: the simulated devices stopped with code ${code}\n`);
  });
  return {
    async [Symbol.asyncDispose]() {
      stopping = true;
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function banner(config: Config, url: string, broker: string): string {
  const { site } = config;
  const data = relative(process.cwd(), config.data) || config.data;
  return `
Fortrolig is running: ${site.name.en}

  Dashboard   ${url}
  Simulated   ${devices ? `${site.devices.length} sensors in ${site.rooms.length} rooms, as if the house were open now; their speech is synthetic levels` : "nothing: devices may connect"}
  Devices     ${broker}
  Data        ${data}/ · history in ${redactUrl(config.history)}

  InfluxDB    FORTROLIG_HISTORY=influxdb://user:pass@127.0.0.1:8086/fortrolig npm start
  A recording npm run device -- --wav FILE --room K1
  API         ${url}/openapi.json

Ctrl-C stops. A second start keeps the data.
`;
}
