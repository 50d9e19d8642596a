/** On what, and with what, the figures were measured. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { pathOf } from "#test/services/service.ts";

const root = new URL("../..", import.meta.url);

/** First line of what a program says; "unknown" when it cannot be run. */
function firstLine(program: string, ...args: string[]): string {
  try {
    const { stdout } = spawnSync(pathOf(program), args, { encoding: "utf8", cwd: root });
    return stdout.split("\n")[0]!.trim() || "unknown";
  } catch {
    return "unknown";
  }
}

/** Where the measured data lies: device, file system. */
const disk = (): string => {
  const { stdout } = spawnSync("df", ["--output=source,fstype", tmpdir()], { encoding: "utf8" });
  return stdout?.split("\n")[1]?.trim().replace(/\s+/g, " ") ?? "unknown";
};

const aedesVersion = (): string => {
  const path = createRequire(import.meta.url).resolve("aedes");
  const { version } = JSON.parse(
    readFileSync(`${path.slice(0, path.lastIndexOf("/aedes/"))}/aedes/package.json`, "utf8"),
  );
  return version;
};

export const machine = (): Readonly<Record<string, string>> => ({
  cpu: cpus()[0]?.model.trim() ?? "unknown",
  cores: String(cpus().length),
  memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  kernel: release(),
  disk: disk(),
  node: process.version,
  influxd: firstLine("influxd", "version").replace(/^InfluxDB v?| \(.*/g, ""),
  mosquitto: firstLine("mosquitto", "-h").replace(/^mosquitto version /, ""),
  aedes: aedesVersion(),
  sqlite: process.versions.sqlite ?? "unknown",
  commit: firstLine("git", "describe", "--always", "--dirty"),
});
