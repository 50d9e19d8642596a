/**
 * Somebody looks at the rooms; the data-protection officer fetches the log and the checkpoints, and finds out offline, with
 * the command that the README names, that nobody has meddled with it, and that somebody has.
 */
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";
import { ask, get, runGateway } from "./running-gateway.ts";

async function textOf(url: string, path: string): Promise<string> {
  const response = await ask(url, path, "dpo");
  expect([path, response.status]).toEqual([path, 200]);
  return response.text();
}

async function verify(...args: string[]) {
  await using program = startProgram("gateway/audit/main.ts", args);
  const { code } = await program.ended;
  return { code, says: program.out.split("\n") };
}

it("the log that a gateway exports is proven whole, and one that was meddled with is not", async () => {
  await using folder = await temporaryFolder();
  const data = join(folder.path, "data");
  const [log, kept, head] = ["audit.jsonl", "kept.jsonl", "head.json"].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ];
  {
    await using gateway = await runGateway({ data });
    for (const path of ["/api/v1/rooms", "/api/v1/history/K1", "/api/v1/report"]) await get(gateway.url, path);
  }
  {
    await using gateway = await runGateway({ data });
    await get(gateway.url, "/api/v1/pairs");
    await writeFile(log, await textOf(gateway.url, "/api/v1/audit/export"));
    await writeFile(kept, await textOf(gateway.url, "/api/v1/audit/checkpoints"));
    await writeFile(head, await textOf(gateway.url, "/api/v1/audit/head"));
  }
  expect((await stat(join(data, "audit-key.pem"))).mode & 0o777).toBe(0o600);

  const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
  const objects = lines.map((line) => JSON.parse(line) as { action: string; object: string });
  expect(objects.filter(({ action }) => action === "read").map(({ object }) => object)).toEqual([
    "rooms",
    "history",
    "report",
    "pairs",
  ]);
  const known = ["--checkpoints", kept, "--public-key", head];
  expect(await verify(log, ...known)).toMatchObject({ code: 0, says: expect.arrayContaining([`${log}: sound`]) });

  const [bad, at] = [join(folder.path, "bad.jsonl"), objects.findIndex(({ object }) => object === "history")];
  const meddled: [string, readonly string[], RegExp][] = [
    ["changed", lines.with(at, lines[at]!.replace("room=K1", "room=K2")), /^ {2}entry \d+ was changed/],
    ["deleted", lines.toSpliced(at, 1), /^ {2}entry \d+ is missing/],
    ["moved", lines.with(at, lines[at + 1]!).with(at + 1, lines[at]!), /^ {2}the order was changed/],
    ["cut off", lines.slice(0, at), /^ {2}the end is missing/],
  ];
  for (const [what, text, words] of meddled) {
    await writeFile(bad, `${text.join("\n")}\n`);
    const { code, says } = await verify(bad, ...known);
    expect([code, says[0]], what).toEqual([1, `${bad}: NOT SOUND`]);
    expect(says[1], what).toMatch(words);
  }
});
