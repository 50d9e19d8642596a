/** Disks that fail, for a running process, and get well again: what this machine and this user may do decides how. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathOf } from "#test/services/service.ts";

const run = (program: string, ...args: string[]) => execFileSync(pathOf(program), args, { stdio: "pipe" });
const mayRun = (attempt: () => void): boolean => {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
};

export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Takes all that is left of it, but for `bytes`. */
  fill(): Promise<void>;
  makeRoom(): void;
  /** Only while nobody writes to it. */
  remount(how: "ro" | "rw"): void;
}

/** A file system of its own in memory. Needs the rights of root. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "fortrolig-disk-"));
  run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", path);
  const ballast = join(path, "ballast");
  return {
    path,
    async fill() {
      const file = await open(ballast, "a");
      const portion = Buffer.alloc(4096);
      try {
        while (mayRun(() => void writeSync(file.fd, portion)));
      } finally {
        await file.close();
      }
    },
    makeRoom: () => rmSync(ballast, { force: true }),
    remount: (how) => void run("mount", "-o", `remount,${how}`, path),
    async [Symbol.asyncDispose]() {
      run("umount", "-l", path);
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export const mayMount = mayRun(() => {
  const disk = mountSmallDisk(1);
  run("umount", disk.path);
  rmSync(disk.path, { recursive: true });
});

/** No file of the process may grow beyond what the journal's log takes now: `EFBIG`, for those who may not mount. */
export function limitFiles(pid: number, bytes: number | "unlimited"): void {
  run("prlimit", "--pid", String(pid), `--fsize=${bytes}:`);
}

/** Of the kernel (Documentation/admin-guide/LSM/Yama.rst): with 1 only root may attach to what is no child. */
export const mayTrace =
  process.getuid?.() === 0 ||
  mayRun(() => {
    if (readFileSync("/proc/sys/kernel/yama/ptrace_scope", "utf8").trim() !== "0") throw new Error("may not");
  });

/** What happens to the system calls of a process while this lives, in the words of strace's `inject`. */
export async function injectFault(pid: number, fault: string): Promise<AsyncDisposable> {
  const strace = spawn(pathOf("strace"), ["-f", "-p", String(pid), "-e", `inject=${fault}`, "-o", "/dev/null"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(strace, "exit");
  let words = "";
  await new Promise<void>((resolve, reject) => {
    strace.stderr.setEncoding("utf8").on("data", (text: string) => {
      words += text;
      if (/attached/.test(words)) resolve();
    });
    ended.then(() => reject(new Error(`strace ended: ${words}`)), reject);
  });
  return {
    async [Symbol.asyncDispose]() {
      strace.kill("SIGINT");
      await ended;
    },
  };
}

/** A folder on the disk for a gateway. */
export function dataFolder(on: string): string {
  const path = join(on, "data");
  mkdirSync(path, { recursive: true });
  return path;
}
