/** `npm run report` reads what happened in rooms: the machine's look is in the audit log as everybody's is, or nothing is told. */
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { AuditPageView } from "#protocol/audit.ts";
import { type Folder, temporaryFolder } from "./folder.ts";
import { startProgram } from "./program.ts";
import { ask, runGateway } from "./running-gateway.ts";

let folder: Folder;
let data: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  data = join(folder.path, "data");
  // Somebody has had a gateway here.
  await using _gateway = await runGateway({ data });
});
afterEach(() => folder[Symbol.asyncDispose]());

async function report(...args: string[]) {
  await using program = startProgram("gateway/report/main.ts", ["--data", data, ...args], { cwd: folder.path });
  const { code } = await program.ended;
  return { code, out: program.out, err: program.err };
}

async function looksIn(url: string) {
  const path = "/api/v1/audit?object=report";
  const response = await ask(url, path, "dpo");
  const { entries } = (await response.json()) as AuditPageView;
  return entries.map(({ actor, role, action, scope, rooms, count }) => ({ actor, role, action, scope, rooms, count }));
}
const look = { actor: "machine", role: "none", action: "read", rooms: null, count: 13 };

it("a report is entered by the gateway that runs, within a second or so", async () => {
  await using gateway = await runGateway({ data });
  const hour = new Date(Date.now() - 3_600_000).toISOString().slice(0, 19);
  const { code, out } = await report("--from", `${hour}.123456Z`, "--reach", "all", "--format", "json");
  expect([code, JSON.parse(out).reach]).toEqual([0, "all"]);
  const scope = `reach=all&from=${encodeURIComponent(hour)}.123Z&format=json&language=da`;
  await expect.poll(() => looksIn(gateway.url)).toEqual([{ ...look, scope }]);
});

it("and by the next one where none runs; figures by the display rules are of the whole house too", async () => {
  const page = join(folder.path, "report.html");
  expect(await report("--out", page, "--language", "en")).toEqual({ code: 0, out: "", err: "" });
  expect(await readFile(page, "utf8")).toContain("</html>");
  await using gateway = await runGateway({ data });
  const scope = "reach=grouped&format=html&language=en";
  await expect.poll(() => looksIn(gateway.url)).toEqual([{ ...look, scope }]);
});

it("nothing is told where it cannot be entered, nor entered where nothing is asked that can be told", async () => {
  expect(await report("--from", "Jens")).toMatchObject({ code: 1, out: "", err: expect.stringContaining('"Jens"') });
  await rm(join(data, "access.db"));
  await mkdir(join(data, "access.db"));
  const page = join(folder.path, "report.html");
  const refused = await report("--reach", "all", "--out", page);
  expect(refused).toMatchObject({ code: 1, out: "" });
  expect(refused.err).toMatch(
    /^report: the read could not be entered in the audit log, so nothing is told: \S+access\.db: EISDIR[^\n]*\n$/,
  );
  await expect(readFile(page)).rejects.toThrow("ENOENT");
  await rm(join(data, "access.db"), { recursive: true });
  await using gateway = await runGateway({ data });
  expect(await looksIn(gateway.url)).toEqual([]);
});
