import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import mqtt from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wavBytes } from "#firmware/audio/wav-writer.ts";
import type { Commands } from "#protocol/commands.ts";
import { isSequenced, type Readings } from "#protocol/readings.ts";
import { parseTopic, topicFor } from "#protocol/topics.ts";
import { type Mosquitto, startMosquitto } from "#test/services/mosquitto.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const home = fileURLToPath(new URL("..", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const device = (...words: string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, ...words], { cwd: home });
    const heard = { out: "", err: "" };
    child.stdout.on("data", (bytes) => {
      heard.out += bytes;
    });
    child.stderr.on("data", (bytes) => {
      heard.err += bytes;
    });
    child.once("close", (code) => resolve({ code, ...heard }));
  });

let folder: string;
let tone: string;
let beep: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-device-"));
  tone = join(folder, "tone.wav");
  beep = join(folder, "beep.wav");
  const samples = Float32Array.from({ length: 11 * 8000 }, (_, n) => 0.1 * Math.sin((2 * Math.PI * 1000 * n) / 8000));
  await writeFile(tone, wavBytes(samples, 8000));
  await writeFile(beep, wavBytes(samples.subarray(0, 2 * 8000), 8000));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const leased = ["--world", "--leases", "conversation", "--from", "2026-01-05", "--until", "2026-01-06", "--publish-to"];

describe("npm run device", () => {
  it.each([
    ["nothing to hear", [], "say what is to be heard"],
    ["an unknown room", ["--wav", "x.wav", "--room", "Q9"], 'no room "Q9"; there are K1'],
    ["a missing file", ["--wav", "x.wav", "--room", "K1"], "x.wav"],
    ["a file that is no recording", ["--wav", "README.md", "--room", "K1"], "README.md: not a WAV file"],
    ["a fault nobody knows", ["--world", "--fault", "gremlins"], "is not KIND"],
    ["bands in a file", [...leased, "week.jsonl"], "bands are never written to a file"],
    ["a broker that is not there", ["--world", "--broker", "mqtt://127.0.0.1:9"], "no broker answers there"],
  ])("refuses %s in one line", async (_what, words, line) => {
    const { code, out, err } = await device(...words);
    expect({ code, out, lines: err.trim().split("\n").length }).toEqual({ code: 1, out: "", lines: 1 });
    expect(err).toContain(line);
  });

  it("writes the same bytes for the same seed", async () => {
    const words = ["--world", "--seed", "5", "--from", "2026-01-05T07:00Z", "--until", "2026-01-05T07:10Z"];
    const path = join(folder, "week.jsonl");
    const [shown, written] = [
      await device(...words, "--publish-to", "-"),
      await device(...words, "--publish-to", path),
    ];
    expect([shown.code, written.code]).toEqual([0, 0]);
    expect(await readFile(path, "utf8")).toBe(shown.out);
    expect(shown.out.split("\n").length).toBeGreaterThan(800);
  });

  it("says bands to a pipe, and to no file, whoever opened it", async () => {
    const words = ["--world", "--seed", "5", "--from", "2026-01-05T09:00Z", "--until", "2026-01-05T09:20Z"];
    const leases = ["--leases", "conversation", "--publish-to", "-"];
    const { code, out } = await device(...words, ...leases);
    expect([code, out.includes("/bands")]).toEqual([0, true]);
    await using file = await open(join(folder, "bands.jsonl"), "w");
    const child = spawn(process.execPath, [main, ...words, ...leases], {
      cwd: home,
      stdio: ["ignore", file.fd, "pipe"],
    });
    const [refused] = await once(child, "close");
    expect([refused, await readFile(join(folder, "bands.jsonl"), "utf8")]).toEqual([1, ""]);
  });

  it("plays a recording in virtual time at the level asked for", async () => {
    const words = ["--wav", tone, "--device", "s4", "--level", "63", "--tail", "10", "--from", "2026-01-05T22:00Z"];
    const { code, out } = await device(...words, "--publish-to", "-");
    expect(code).toBe(0);
    const levels = out
      .split("\n")
      .filter((line) => line.includes("/s4/level"))
      .map((line) => JSON.parse(JSON.parse(line).payload));
    expect(levels).toHaveLength(2);
    expect(levels[0]).toMatchObject({ laeq: 63, clipped: false });
  });

  describe("with a broker", () => {
    let broker: Mosquitto;
    beforeAll(async () => {
      broker = await startMosquitto();
    });
    afterAll(() => broker[Symbol.asyncDispose]());

    it("plays a recording into a room in real time, waits for the receipts and says goodbye", async () => {
      const gateway = await mqtt.connectAsync(broker.url);
      const heard: string[] = [];
      const times: number[] = [];
      gateway.on("message", (topic, payload) => {
        const { site, device, channel } = parseTopic(topic)!;
        const message: Readings["status"] = JSON.parse(payload.toString());
        heard.push(channel === "status" ? `${device} ${message.status}` : `${device} ${channel}`);
        if (!isSequenced(channel)) return;
        times.push(message.t);
        const receipt: Commands["receipt"] = { boot: message.boot, through: message.seq, beyond: [] };
        gateway.publish(topicFor(site, device, "receipt"), JSON.stringify(receipt));
      });
      await gateway.subscribeAsync("fortrolig/v1/jobcentre/s4/+");
      const began = Date.now();
      const { code, out, err } = await device("--wav", tone, "--room", "s4", "--tail", "1", "--broker", broker.url);
      await gateway.endAsync();

      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(heard.slice(0, 3)).toEqual(["s4 online", "s4 birth", "s4 state"]);
      expect(heard.at(-1)).toBe("s4 offline");
      expect(times.every((t) => t > began - 60_000 && t < Date.now())).toBe(true);
      expect(out).toContain(`→ device s4 in room S4 → ${broker.url}`);
      expect(out).toMatch(/6[01]\.\d dBA .* conversation off/);
      expect(out.trim().split("\n").at(-1)).toBe("everything is confirmed; goodbye");
    });

    it("keeps in its outbox file what nobody confirmed, and says so", async () => {
      const outbox = join(folder, "outbox.jsonl");
      const words = ["--wav", beep, "--room", "s4", "--tail", "0", "--broker", broker.url];
      const { code, out } = await device(...words, "--outbox", outbox);
      expect(code).toBe(0);
      const kept = (await readFile(outbox, "utf8")).trim().split("\n");
      expect(out).toContain(`${kept.length} messages are not confirmed; they are kept in ${outbox}`);
      expect(JSON.parse(kept[0]!)).toMatchObject({ seq: 0, channel: "state" });
    });
  });
});
