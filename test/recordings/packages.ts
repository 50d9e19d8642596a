/**
 * Recorded sounds for tuning and tests, from Debian packages: downloaded and unpacked into test/.cache at test time, never
 * committed. A second run needs no network. Every other recording is kept for blind evaluation and is not to be used here.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const CACHE = join(import.meta.dirname, "..", ".cache", "recordings");

export const PACKAGES = [
  "asterisk-core-sounds-en-g722",
  "asterisk-moh-opsound-g722",
  "bucklespring-data",
  "fillets-ng-data-nl",
  "minetest-data",
  "pocketsphinx-testdata",
  "sound-theme-freedesktop",
] as const;
export type Package = (typeof PACKAGES)[number];

/** Where a package's files lie once `fetchPackages` has returned. */
export const packageFolder = (name: Package): string => join(CACHE, "packages", name);

/** Runs a program; one line that says what to install when it is not there, or why it failed. */
export async function program(name: string, args: readonly string[], cwd?: string): Promise<void> {
  try {
    await run(name, [...args], { cwd, maxBuffer: 2 ** 26 });
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT")
      throw new Error(`recordings need the program ${name}: run npm run services`, { cause: error });
    const why = stderr?.trim().split("\n").at(-1) ?? String(error);
    throw new Error(`recordings: ${name} failed: ${why}`, { cause: error });
  }
}

/** Puts a finished folder in its place. Where another process has put the same before, that one stays. */
export function putInPlace(finished: string, place: string): void {
  try {
    renameSync(finished, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    rmSync(finished, { recursive: true });
  }
}

/** Downloads and unpacks what is not there yet. */
export async function fetchPackages(): Promise<void> {
  const missing = PACKAGES.filter((name) => !existsSync(packageFolder(name)));
  if (missing.length === 0) return;
  const work = join(CACHE, `download-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    await program("apt-get", ["-qq", "download", ...missing], work);
    for (const name of missing) {
      const file = readdirSync(work).find((entry) => entry.startsWith(`${name}_`));
      if (file === undefined) throw new Error(`recordings: apt-get downloaded no ${name}`);
      await program("dpkg-deb", ["-x", file, name], work);
      mkdirSync(join(CACHE, "packages"), { recursive: true });
      putInPlace(join(work, name), packageFolder(name));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
