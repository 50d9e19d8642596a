import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import mqtt from "mqtt";
import { expect, it } from "vitest";
import { openJournal } from "../journal/open-journal.ts";
import { reading, topic } from "./sample.fixture.ts";

/** Publishes until `enough` are acknowledged and the gateway has been killed; answers what was acknowledged. */
async function publishUntilKilled(url: string, from: number, enough: number, kill: () => void): Promise<number[]> {
  const client = mqtt.connect(url, { protocolVersion: 4, clientId: "k1-1", reconnectPeriod: 0 });
  client.on("error", () => {});
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  const acknowledged: number[] = [];
  let seq = from;
  const next = () => {
    const payload = JSON.stringify(reading("level", { seq: seq++, t: Date.now() }));
    const mine = seq - 1;
    client.publish(topic("level"), payload, { qos: 1 }, (error) => {
      if (error) return;
      acknowledged.push(mine);
      if (acknowledged.length === enough) kill();
      next();
    });
  };
  client.once("connect", () => {
    for (let i = 0; i < 200; i++) next();
  });
  await closed;
  await client.endAsync(true);
  return acknowledged;
}

it("what a gateway has acknowledged when it is killed is in its journal, once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fortrolig-acknowledged-"));
  const script = fileURLToPath(new URL("./crash-gateway.fixture.ts", import.meta.url));
  const acknowledged: number[] = [];
  for (const from of [0, 10_000]) {
    const gateway = spawn(process.execPath, [script, folder], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(gateway, "exit");
    const [url] = await once(gateway.stdout, "data");
    acknowledged.push(...(await publishUntilKilled(String(url).trim(), from, 2000, () => gateway.kill("SIGKILL"))));
    expect(await exited).toEqual([null, "SIGKILL"]);
  }
  {
    await using journal = await openJournal(folder);
    const seqs = (await journal.messagesAfter(0, 100_000)).map((m) => m.seq);
    expect(new Set(seqs).size).toBe(seqs.length);
    expect(acknowledged.length).toBeGreaterThanOrEqual(4000);
    const there = new Set(seqs);
    expect(acknowledged.filter((seq) => !there.has(seq))).toEqual([]);
  }
  await rm(folder, { recursive: true, force: true });
});
