/** `npm start`, as a newcomer meets it: history is made, rooms live, a second start keeps it all; mistakes are one line. */
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureBuilt } from "#dashboard/build.ts";
import type { DeviceView, ReportView, RoomView } from "#protocol/api.ts";
import { Role } from "#protocol/roles.ts";
import { makeAuthority } from "#test/services/certificates.ts";
import { asking, holdTokens } from "./asking.ts";
import { type Folder, temporaryFolder } from "./folder.ts";
import { type Program, startProgram } from "./program.ts";
import { get, metric } from "./running-gateway.ts";

const FREE = ["--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"];
const DAY = 86_400_000;
/** Days enough that one of them was a working day. */
const WEEKS = "0.6";

const startDemo = (folder: string, args: readonly string[]) =>
  startProgram("gateway/demo.ts", [...FREE, "--weeks", WEEKS, "--seed", "journey", ...args], { cwd: folder });
/** Where it is; from then on its tokens are asked with. */
async function addressIn(demo: Program, data: string): Promise<string> {
  const [, url] = await demo.says(/Dashboard +(http:\S+)/);
  holdTokens(url!, JSON.parse(await readFile(join(data, "demo-tokens.json"), "utf8")));
  return url!;
}
const rooms = (url: string) => get<RoomView[]>(url, "/api/v1/rooms");
/** Of a room that one person works in nothing is ever known. */
const known = async (url: string) => (await rooms(url)).filter(({ conversation }) => conversation !== "unknown").length;

/** With the password and the link that the demo prints, and with the tokens that it writes for nobody else's eyes. */
async function everybodySignsIn(demo: Program, url: string, data: string): Promise<void> {
  const [, password] = await demo.says(/and the password (\S+)/);
  const post = (path: string, body: object) =>
    fetch(`${url}/api/v1${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  for (const role of Role.options) {
    const [, link] = await demo.says(new RegExp(`${role} +${url}/sign-in#link=(\\S+)`));
    const answers = [
      await post("/sign-in", { name: role, password }),
      await post("/sign-in/link/use", { link }),
      await fetch(`${url}/api/v1/me`, { headers: asking(url, "/api/v1/me", role) }),
    ];
    for (const answer of answers) expect(await answer.json()).toMatchObject({ roles: [role] });
  }
  const modes = ["demo-tokens.json", "demo-password", "access.db"].map(
    (name) => statSync(join(data, name)).mode & 0o777,
  );
  expect(modes).toEqual([0o600, 0o600, 0o600]);
}

let folder: Folder;
beforeAll(async () => {
  folder = await temporaryFolder();
  await ensureBuilt();
});
afterAll(() => folder?.[Symbol.asyncDispose]());

it("makes history, then lives; a second start keeps what is there and makes none", async () => {
  const data = join(folder.path, "data");
  const [first, last] = [4, 1].map((days) => new Date(Date.now() - days * DAY).toISOString().slice(0, 10));
  const past = (url: string) => get<ReportView>(url, `/api/v1/report?from=${first}&to=${last}`);
  let made: ReportView;
  let journalled: number;
  {
    await using demo = startDemo(folder.path, ["--data", data]);
    const url = await addressIn(demo, data);
    expect(demo.out).toMatch(/Made 4\.2 days of history: [\d,]+ readings in \d+ s\./);
    expect(demo.out).toContain(`Data          data/ (history: sqlite:${data}/history.db)`);
    expect(demo.out).toContain("InfluxDB      FORTROLIG_HISTORY=influxdb://");
    expect(demo.out).toContain("13 sensors in 13 rooms");
    expect(await (await fetch(url, { headers: { accept: "text/html" } })).text()).toContain("<title>");
    await everybodySignsIn(demo, url, data);
    made = await past(url);
    expect(made.rooms).toHaveLength(13);
    expect(made.sharedOffices.conversations).toBeGreaterThan(0);

    await expect.poll(() => known(url)).toBe(12);
    // The one whose room is silent too, of which the rooms say nothing.
    const connections = async () =>
      new Set((await get<DeviceView[]>(url, "/api/v1/devices")).map(({ connection }) => connection));
    await expect.poll(connections).toEqual(new Set(["online"]));
    const lived = JSON.stringify(await rooms(url));
    await expect
      .poll(async () => JSON.stringify(await rooms(url)), { timeout: 120_000, interval: 500 })
      .not.toBe(lived);
    journalled = (await metric(url, "fortrolig_journal_last_id"))[""]!;
    demo.kill("SIGTERM");
    expect(await demo.ended, demo.err).toEqual({ code: 0, signal: null });
    expect(demo.err).toBe("");
  }
  await using demo = startDemo(folder.path, ["--data", data]);
  const url = await addressIn(demo, data);
  expect(demo.out).not.toMatch(/Mak(e|ing)|Made/);
  expect((await metric(url, "fortrolig_journal_last_id"))[""]).toBeGreaterThanOrEqual(journalled);
  expect(await past(url)).toEqual(made);
  await expect.poll(() => known(url)).toBe(12);
}, 600_000);

describe.for(["gateway/demo.ts", "gateway/main.ts"])("a mistake is told by %s in one line, and it ends", (program) => {
  /** The one line on standard error, beside the log's of what went well before; whoever starts it as a service sees an exit code. */
  async function complaint(args: readonly string[]): Promise<string> {
    await using started = startProgram(program, [...args, "--log", "warn"], { cwd: folder.path });
    const { code, signal } = await started.ended;
    expect([signal, code]).toEqual([null, 1]);
    expect(started.err).toMatch(/^[^\n]+\n$/);
    return started.err.trim();
  }
  const data = () => ["--data", join(folder.path, "never")];

  it.for(["http", "mqtt"] as const)("port of %s taken", async (which) => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const line = await complaint([...FREE, ...data(), "--log", "warn", `--${which}`, `127.0.0.1:${port}`]);
    expect(line).toContain(`port ${port} on 127.0.0.1 is taken; set FORTROLIG_${which.toUpperCase()}=host:port`);
    server.close();
  });

  it("data folder that cannot be written", async () => {
    const file = join(folder.path, `${program.replace("/", "-")}.txt`);
    await writeFile(file, "a file, not a folder");
    expect(await complaint([...FREE, "--data", join(file, "data")])).toContain(join(file, "data"));
  });

  it("site file that is broken, missing, or has a wrong value", async () => {
    const site = join(folder.path, "broken.yaml");
    await writeFile(site, "site: demo\nrooms: [\n");
    expect(await complaint([...FREE, ...data(), "--site", site])).toMatch(/broken\.yaml:\d+: /);
    await writeFile(
      site,
      "site: demo\nname: Demo\ntimeZone: Mars/Base\nrooms:\n  - { id: K1, name: K1, kind: shared-office }\n",
    );
    expect(await complaint([...FREE, ...data(), "--site", site])).toMatch(
      /broken\.yaml:3: timeZone: .*Europe\/Copenhagen/,
    );
    expect(await complaint([...FREE, ...data(), "--site", join(folder.path, "none.yaml")])).toContain("none.yaml");
  });
});

describe("beyond this machine", () => {
  const broker = async () => {
    const authority = await makeAuthority(folder.path);
    const { cert, key } = await authority.sign("broker");
    return { ca: authority.ca, env: { FORTROLIG_MQTT_CERT: cert, FORTROLIG_MQTT_KEY: key } };
  };
  const startOpen = (data: string, env: Readonly<Record<string, string>>) => {
    const args = ["--http", "127.0.0.1:0", "--mqtt", "0.0.0.0:0", "--weeks", "0", "--data", data];
    return startProgram("gateway/demo.ts", args, { cwd: folder.path, env });
  };

  it("the simulated devices come over TLS, each with a credential of its own", async () => {
    const { ca, env } = await broker();
    const data = join(folder.path, "open");
    await using demo = startOpen(data, { ...env, FORTROLIG_BROKER_CA: ca });
    const url = await addressIn(demo, data);
    const online = async () => {
      const all = await get<DeviceView[]>(url, "/api/v1/devices");
      return all.filter(({ connection, credential }) => connection === "online" && credential === "secret").length;
    };
    await expect.poll(online).toBe(13);
  }, 120_000);

  it("where they could not, nothing is begun", async () => {
    const data = join(folder.path, "refused");
    await using demo = startOpen(data, (await broker()).env);
    expect(await demo.ended).toMatchObject({ code: 1 });
    expect(demo.err).toMatch(/^npm start: FORTROLIG_MQTT_CERT: the simulated devices would not get through .*\n$/);
    expect(existsSync(data)).toBe(false);
  });
});
