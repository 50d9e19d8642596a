/** A disk that takes 200 ms for each sync: what arrives meanwhile shares the next one, so that little of it is needed. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { metric, startGatewayProcess } from "#test/journeys/running-gateway.ts";
import { injectFault, mayTrace } from "./sick-disk.ts";
import { stubbornDevice } from "./stubborn-device.ts";

/** Real processes on a machine that may be busy with others. */
const LIMIT_MS = 120_000;

const DELAY_MS = 200;
/** Rooms of the demo site, one device each. */
const DEVICES = ["k1", "k2", "k3", "k4", "k5"];
const EACH = 400;

interface Figures {
  readonly syncs: number;
  readonly seconds: number;
  /** Syncs that took no longer than the delay. */
  readonly quick: number;
}

async function figuresOf(url: string): Promise<Figures> {
  const name = "fortrolig_journal_sync_seconds";
  const [count, sum, buckets] = await Promise.all(
    ["count", "sum", "bucket"].map((part) => metric(url, `${name}_${part}`)),
  );
  return { syncs: count![""]!, seconds: sum![""]!, quick: buckets!["0.2"]! };
}

it.skipIf(!mayTrace)(
  "two thousand readings at once need few syncs of 200 ms, and how long each takes is told",
  async () => {
    await using folder = await temporaryFolder();
    await using gateway = await startGatewayProcess({ data: join(folder.path, "data") });
    await using cleanup = new AsyncDisposableStack();
    const devices = DEVICES.map((device) => cleanup.use(stubbornDevice(gateway.broker, device)));
    for (const device of devices) expect(await device.say(1)).toBe(true);

    const slow = await injectFault(gateway.pid, `fdatasync,fsync:delay_exit=${DELAY_MS * 1000}`);
    const before = await figuresOf(gateway.url);
    expect(await Promise.all(devices.map((device) => device.say(EACH)))).toEqual(DEVICES.map(() => true));
    const after = await figuresOf(gateway.url);
    await slow[Symbol.asyncDispose]();

    const syncs = after.syncs - before.syncs;
    expect(devices.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)).toBe(DEVICES.length * (EACH + 1));
    expect(syncs).toBeGreaterThan(0);
    expect(syncs, "readings share their syncs").toBeLessThan((DEVICES.length * EACH) / 20);
    // One may have been under way when the disk became slow.
    expect(after.seconds - before.seconds).toBeGreaterThan(((syncs - 1) * DELAY_MS) / 1000);
    expect(after.quick - before.quick).toBeLessThanOrEqual(1);
    expect(await metric(gateway.url, "fortrolig_journal_failing")).toEqual({ "": 0 });
  },
  LIMIT_MS,
);
