/** Builds the dashboard when there is no build, or an older one than its sources; otherwise only looks. */
import { randomBytes } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";

const here = import.meta.dirname;
const dist = join(here, "dist");
/** Its text changes with every dependency. */
const lockfile = join(here, "..", "package-lock.json");

const timeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
const isSource = (name: string) => !/(\.(test|fixture)\.tsx?|\.md)$/.test(name) && !name.startsWith("dist");

/** When the newest source was written, ms; a folder's own time tells of files that were removed. */
function newestSource(): number {
  const entries = readdirSync(here, { withFileTypes: true, recursive: true }).filter(
    (entry) => isSource(entry.name) && !entry.parentPath.startsWith(dist),
  );
  return Math.max(timeOf(lockfile), ...entries.map((entry) => timeOf(join(entry.parentPath, entry.name))));
}

export const isStale = (): boolean => timeOf(join(dist, "index.html")) < newestSource();

const unless =
  (...expected: string[]) =>
  (error: NodeJS.ErrnoException) => {
    if (!expected.includes(error.code ?? "")) throw error;
  };

/** Builds beside the old build and then takes its place, so that a reader never meets half a build. */
async function build(): Promise<void> {
  const { build } = await import("vite");
  const fresh = `${dist}-${randomBytes(4).toString("hex")}`;
  const old = `${fresh}-old`;
  try {
    await build({ configFile: join(here, "vite.config.ts"), logLevel: "error", build: { outDir: fresh } });
    await rename(dist, old).catch(unless("ENOENT"));
    // Another process may have built at the same time, from the same sources.
    await rename(fresh, dist).catch(unless("ENOTEMPTY", "EEXIST"));
  } finally {
    await Promise.all([fresh, old].map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

/** Whether it had to build. */
export async function ensureBuilt(): Promise<boolean> {
  if (!isStale()) return false;
  await build();
  return true;
}

if (import.meta.main) {
  const start = performance.now();
  const built = await ensureBuilt();
  const ms = Math.round(performance.now() - start);
  console.log(built ? `dashboard: built in ${ms} ms` : `dashboard: up to date (${ms} ms)`);
}
