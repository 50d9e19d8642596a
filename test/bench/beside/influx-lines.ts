/** The limit of writing to InfluxDB: lines made before the clock starts, in batches of 5,000, one POST after another. */
import { startInfluxd } from "#test/services/influxd.ts";
import type { Bench, Beside } from "../figure.ts";
import { deviceName } from "../load/phrases.ts";

const DATABASE = "lines";
const BATCH = 5000;
const BATCHES = 100;
const DEVICES = 1000;

export async function besideInfluxLines({ quick }: Bench): Promise<Beside[]> {
  await using influxd = await startInfluxd();
  await influxd.query(`CREATE DATABASE ${DATABASE}`);
  const batches = quick ? BATCHES / 5 : BATCHES;
  const bodies = Array.from({ length: batches }, (_, batch) => Buffer.from(linesOf(batch)));
  const start = performance.now();
  for (const body of bodies) {
    const response = await fetch(`${influxd.url}/write?db=${DATABASE}&precision=ms`, { method: "POST", body });
    if (response.status !== 204) throw new Error(`InfluxDB answers ${response.status}: ${await response.text()}`);
  }
  const value = (batches * BATCH) / ((performance.now() - start) / 1000);
  return [{ name: "InfluxDB alone: lines made beforehand, 5,000 in a POST", value, unit: "points/s" }];
}

/** Levels of a thousand devices, in the present ten seconds and those before. */
function linesOf(batch: number): string {
  const lines: string[] = [];
  const now = Date.now();
  for (let i = batch * BATCH; i < (batch + 1) * BATCH; i++) {
    const device = i % DEVICES;
    const tags = `site=bench,room=R${device >> 1},device=${deviceName(device)}`;
    const t = now - Math.floor(i / DEVICES) * 10_000;
    lines.push(`level,${tags} laeq=45.5,lafmax=${50 + (i % 20)},l90=36,speechRatio=0.5,noiseLimited=f,clipped=f ${t}`);
  }
  return lines.join("\n");
}
