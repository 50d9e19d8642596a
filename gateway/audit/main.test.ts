/** `npm run verify-audit` as it is called: by its exit code and its words. */
import { execFile } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { canonical } from "./canonical.ts";
import { publicKeyOf } from "./checkpoint.ts";
import { headOf, key, linesOf, logOf, rechained, witnessed } from "./log.fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-verify-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const file = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return name;
};

const run = (...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const main = join(import.meta.dirname, "main.ts");
    const child = execFile(process.execPath, [main, ...args], { cwd: folder }, (_error, out, err) =>
      resolve({ code: child.exitCode!, out, err }),
    );
  });

const log = logOf(8);
const text = `${linesOf(log).join("\n")}\n`;

it("says of a whole log that it is sound, of one that ends early that it is not, and what it cannot know", async () => {
  const whole = await file("audit.jsonl", text);
  const cut = await file("cut.jsonl", `${linesOf(log).slice(0, 5).join("\r\n")}`);
  const kept = await file("kept.jsonl", `${[3, 7].map((n) => canonical(witnessed(log, n))).join("\n")}\n`);
  const pem = await file("gateway.pem", createPublicKey(key).export({ format: "pem", type: "spki" }) as string);

  const [sound, alone, short, json] = await Promise.all([
    run(whole, "--checkpoints", kept, "--public-key", pem),
    run(cut),
    run(cut, "--checkpoints", kept),
    run(cut, "--checkpoints", kept, "--json"),
  ]);
  expect(sound).toEqual({
    code: 0,
    err: "",
    out: `audit.jsonl: sound
  8 entries, from 2026-11-02T08:00:00.000Z to 2026-11-02T08:07:00.000Z; the last has the hash ${headOf(log).hash}
  2 of 2 checkpoints fit, the newest over 7 entries; 1 entry after that without a witness yet
  signed by ${publicKeyOf(key)}
`,
  });
  expect([alone.code, alone.out.split("\n")[2]]).toEqual([
    0,
    "  no checkpoints given: a log that ends too early, or was written anew as a whole, would look the same",
  ]);
  expect([short.code, short.out.split("\n").slice(0, 2)]).toEqual([
    1,
    [
      "cut.jsonl: NOT SOUND",
      "  the end is missing: the log had 7 entries at the checkpoint of 2026-11-02T08:07:00.000Z, the file ends after entry 5",
    ],
  ]);
  expect([json.code, JSON.parse(json.out)]).toMatchObject([
    1,
    { file: "cut.jsonl", sound: false, entries: 5, faults: [{ kind: "truncated", entry: 6 }] },
  ]);
});

it("finds one written anew by what the gateway's address said of it, and bytes that are no text", async () => {
  const anew = await file("anew.jsonl", `${linesOf(rechained(log.toSpliced(2, 1))).join("\n")}\n`);
  const head = await file(
    "head.json",
    JSON.stringify({ ...headOf(log), publicKey: publicKeyOf(key), checkpoint: witnessed(log, 6) }, null, 2),
  );
  const found = await run(anew, "--checkpoints", head, "--public-key", head);
  expect([found.code, found.out.split("\n")[1]]).toEqual([
    1,
    "  the log was written anew: of entries 1 to 6 at least one is another than the checkpoint of 2026-11-02T08:06:00.000Z has seen (line 6)",
  ]);
  await writeFile(join(folder, "bytes"), Buffer.from([0xff, 0x0a, 0x00]));
  expect(await run("bytes")).toMatchObject({ code: 1, out: expect.stringContaining("line 1 is no entry of the log") });
});

it("says of an empty file that there is nothing to verify", async () => {
  expect(await run(await file("empty.jsonl", ""))).toEqual({
    code: 1,
    err: "",
    out: `empty.jsonl: NOT SOUND
  there is nothing to verify: an export holds at least the entry of whoever asked for it
  the file holds no entry
  no checkpoints given: a log that ends too early, or was written anew as a whole, would look the same
`,
  });
});

it.each<[string, readonly string[], RegExp]>([
  ["no file named", [], /missing required argument 'file'/],
  ["an unknown flag", ["audit.jsonl", "--nothing"], /unknown option '--nothing'/],
  ["a file that is not there", ["absent.jsonl"], /^verify-audit: absent\.jsonl: cannot be read: ENOENT/],
  ["checkpoints that are none", ["audit.jsonl", "--checkpoints", "audit.jsonl"], /line 1 is no checkpoint/],
  ["a key that is none", ["audit.jsonl", "--public-key", "audit.jsonl"], /holds no Ed25519 public key/],
])("%s is wrong usage", async (_what, args, words) => {
  await file("audit.jsonl", text);
  const { code, err } = await run(...args);
  expect(code).toBe(2);
  expect(err).toMatch(words);
});

it("explains itself", async () => {
  const { code, out } = await run("--help");
  expect(code).toBe(0);
  expect(out).toMatch(/--checkpoints <file>[\s\S]*Exit code: 0 sound, 1 not sound, 2 wrong usage/);
});
