import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { wavBytes } from "./audio/wav-writer.ts";

const folder = mkdtempSync(join(tmpdir(), "probe-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const probe = (...args: readonly string[]) =>
  new Promise<Run>((resolve) => {
    const file = join(import.meta.dirname, "probe.ts");
    execFile(process.execPath, [file, ...args], (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });

/** A WAV file of a soft hum. */
function hum(name: string, seconds: number, rate: number): string {
  const samples = Float32Array.from(
    { length: Math.round(seconds * rate) },
    (_, n) => 0.01 * Math.sin((300 * n) / rate),
  );
  const file = join(folder, name);
  writeFileSync(file, wavBytes(samples, rate));
  return file;
}

describe("probe", () => {
  it("prints a line per second at any rate, a last half second counting as one", async () => {
    for (const rate of [8000, 16_000, 44_100, 48_000]) {
      const { code, out, err } = await probe(hum(`${rate}.wav`, 3.6, rate));
      const lines = out.trim().split("\n");
      expect({ code, err, header: lines[0] }).toEqual({ code: 0, err: "", header: "t_seconds,probability" });
      expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(["0", "1", "2", "3"]);
      for (const line of lines.slice(1)) expect(line).toMatch(/^\d,(0\.\d{4}|1\.0000)$/);
    }
  });

  it("adds the conversation on request", async () => {
    const { out } = await probe("--conversation", hum("short.wav", 1, 16_000));
    expect(out).toMatch(/^t_seconds,probability,conversation,hint\n0,\d\.\d{4},off,unknown\n$/);
  });

  it("says in one line what is wrong, and fails", async () => {
    const text = join(folder, "text.wav");
    writeFileSync(text, "not sound at all");
    for (const file of [text, join(folder, "missing.wav"), hum("blink.wav", 0.3, 16_000)]) {
      const { code, out, err } = await probe(file);
      expect([code, out]).toEqual([1, ""]);
      expect(err.trim().split("\n")).toHaveLength(1);
      expect(err).toContain(file);
    }
    expect((await probe()).code).not.toBe(0);
    expect((await probe("--help")).out).toContain("t_seconds");
  });
});
