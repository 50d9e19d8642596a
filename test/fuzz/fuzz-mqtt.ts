/**
 * A million packets that are wrong in every way against a real gateway: first one whose devices have credentials, fuzzed by
 * devices that hold one, then one that asks for none. It must go on, serve who is beside, keep its memory, and have stored
 * nothing that it should not have.
 */
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom, type Random } from "#firmware/world/random.ts";
import { BY_GATEWAY } from "#gateway/audit/entry.ts";
import { openDeviceBook } from "#gateway/enrolment/device-book.ts";
import { memoryMb } from "#test/bench/usage.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { type GatewayProcess, metric, startGatewayProcess } from "#test/journeys/running-gateway.ts";
import { startGoodClient } from "./good-client.ts";
import { DEVICES, deviceName, GOOD, house, siteText } from "./house.ts";
import { runFuzzingClient, type Tally } from "./mqtt-client.ts";
import { kinds, type Speaker } from "./mqtt-packets.ts";
import { faultsInJournal } from "./stored.ts";

export interface PhaseResult {
  readonly devices: "enrolled" | "open";
  readonly packets: number;
  readonly connections: number;
  readonly seconds: number;
  readonly kinds: Tally["kinds"];
  readonly endings: Tally["endings"];
  /** The gateway's own counts, of readings that are stored all together; those of no number left out. */
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly denied: Readonly<Record<string, number>>;
  /** Readings in the journal, each looked at. */
  readonly stored: number;
  /** Of them, those of the channel `level`. */
  readonly levels: number;
  /** Of the one who spoke properly: readings acknowledged and found again, and the longest wait for PUBACK. */
  readonly good: { readonly acknowledged: number; readonly slowestMs: number };
  /** Resident memory, medians of the second and of the last quarter, MB. */
  readonly memoryMb: readonly [early: number, late: number];
  /** What must not be, in words; empty when the gateway has kept its word. */
  readonly violations: readonly string[];
}

const CLIENTS = 48;
const SAMPLE_MS = 250;
/** A quarter, and what a heap moves by. Below so many samples the start is most of it. */
const GROWTH = 1.25;
const SLACK_MB = 24;
const LEAST_SAMPLES = 80;

/** `onProgress` is told how many packets have been said. */
export async function fuzzMqtt(
  count: number,
  seed: number | string,
  onProgress: (packets: number) => void = () => {},
): Promise<PhaseResult[]> {
  const random = createRandom(seed);
  const first = Math.ceil(count / 2);
  const one = await phase("enrolled", first, random.fork("enrolled"), onProgress);
  const two = await phase("open", count - first, random.fork("open"), (packets) => onProgress(first + packets));
  return [one, two];
}

async function phase(
  devices: PhaseResult["devices"],
  count: number,
  random: Random,
  onProgress: (packets: number) => void,
): Promise<PhaseResult> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const data = join(folder.path, "data");
  const site = join(folder.path, "site.yaml");
  const config = join(folder.path, "fortrolig.yaml");
  await writeFile(site, siteText());
  await writeFile(config, JSON.stringify({ deviceAccess: devices }));
  const secrets = devices === "enrolled" ? enrolAll(data) : undefined;
  const gateway = stack.use(await startGatewayProcess({ data, site, config }));
  const port = Number(new URL(gateway.broker).port);
  const knownBy = (device: string) => (secrets ? { user: device, password: secrets.get(device)! } : {});
  const good = stack.use(await startGoodClient(gateway.broker, { id: GOOD, ...knownBy(GOOD) }));

  const free: Speaker[] = Array.from({ length: DEVICES }, (_, i) => {
    const device = deviceName(i);
    return { device, connect: { id: device, ...knownBy(device) }, boot: i.toString(16).padStart(8, "0"), seq: 0 };
  });
  const tally = newTally();
  const memory: number[] = [];
  const start = performance.now();
  let exited = false;
  gateway.ended.then(() => {
    exited = true;
  });
  const over = () => tally.packets >= count || exited;
  const sampling = sample(gateway, memory, () => onProgress(Math.min(count, tally.packets)), over);
  await Promise.all(
    Array.from({ length: CLIENTS }, (_, i) =>
      runFuzzingClient({
        port,
        random: random.fork(i),
        borrow: () => free.shift()!,
        giveBack: (speaker) => free.push(speaker),
        tally,
        isOver: over,
      }),
    ),
  );
  await sampling;
  const seconds = (performance.now() - start) / 1000;
  const violations: string[] = [];
  const counts = await countsOf(gateway).catch(() => undefined);
  if (!counts) violations.push(`the gateway does not answer any more: ${gateway.err.slice(-2000)}`);
  const spoken = await good.end();
  await gateway[Symbol.asyncDispose]();
  const ended = await gateway.ended;
  if (ended.code !== 0)
    violations.push(`the gateway ended with ${ended.signal ?? ended.code}: ${gateway.err.slice(-2000)}`);
  const journal = await faultsInJournal(data, devices, spoken);
  const flat = flatness(memory);
  return {
    devices,
    ...tally,
    seconds,
    ...(counts ?? { accepted: 0, refused: {}, denied: {} }),
    stored: journal.stored,
    levels: journal.levels,
    good: { acknowledged: spoken.acknowledged.length, slowestMs: spoken.slowestMs },
    memoryMb: flat.medians,
    violations: [...violations, ...spoken.violations, ...journal.faults, ...flat.violations],
  };
}

/** Every device but those that strangers only talk about, with a secret each. */
function enrolAll(data: string): Map<string, string> {
  using book = openDeviceBook(data, { now: Date.now });
  const secrets = new Map<string, string>();
  for (const { id } of house.devices) {
    const secret = randomBytes(32).toString("base64url");
    book.claim(id, book.offer(id, BY_GATEWAY).code, secret);
    secrets.set(id, secret);
  }
  return secrets;
}

const newTally = (): Tally => ({
  packets: 0,
  connections: 0,
  kinds: Object.fromEntries(kinds.map((kind) => [kind, 0])) as Tally["kinds"],
  endings: { answered: 0, closed: 0, waiting: 0 },
});

async function sample(gateway: GatewayProcess, memory: number[], tell: () => void, over: () => boolean): Promise<void> {
  while (!over()) {
    memory.push(memoryMb(gateway.pid, "VmRSS"));
    tell();
    await sleep(SAMPLE_MS);
  }
  tell();
}

async function countsOf({ url }: GatewayProcess) {
  const some = async (name: string) =>
    Object.fromEntries(Object.entries(await metric(url, name)).filter(([, count]) => count > 0));
  return {
    accepted: (await metric(url, "fortrolig_messages_accepted_total"))[""]!,
    refused: await some("fortrolig_messages_refused_total"),
    denied: await some("fortrolig_mqtt_denied_total"),
  };
}

function flatness(memory: readonly number[]): { medians: [number, number]; violations: string[] } {
  const quarter = Math.ceil(memory.length / 4);
  const medians: [number, number] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))];
  const [early, late] = medians;
  const grown = memory.length >= LEAST_SAMPLES && late > early * GROWTH + SLACK_MB;
  return { medians, violations: grown ? [`memory has grown from ${early} to ${late} MB`] : [] };
}

const median = (values: readonly number[]): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN);
