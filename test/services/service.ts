/** A real program run for tests: started on loopback in a temporary folder, stopped by its process id. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Daemons live in sbin, which is not on every user's path. */
const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/usr/bin"];

/** Path of a program; throws with the one thing to do when it is not installed. */
export function pathOf(program: string): string {
  for (const folder of folders) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  throw new Error(`${program} is not installed; run: npm run services`);
}

/**
 * Below those that a system gives to connections (from 32768 on Linux, higher elsewhere): such a port would be taken as soon as
 * a service that is to come back on it has stopped, and for a minute after the connection.
 */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_767];

/** A port of 127.0.0.1 that nobody listens on, and that nobody gets by accident. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

export interface Service extends AsyncDisposable {
  /** Runs the program again, on the same data and port; resolves when it answers. */
  start(): Promise<void>;
  /** Ends it in good order; data and port stay for the next `start`. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL: a crash. */
  kill(): Promise<void>;
  readonly pid: number | undefined;
}

export interface ServicePlan {
  readonly program: string;
  /** Writes what the program needs into `folder` and answers its arguments. Called once. */
  readonly arrange: (folder: string) => Promise<readonly string[]>;
  /** Whether the program answers. */
  readonly ready: () => Promise<boolean>;
}

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

/** A test runner that is killed cannot stop what it started; on Linux the kernel does (PR_SET_PDEATHSIG). The process id stays the same. */
function dyingWithUs(path: string, args: readonly string[]): [string, ...string[]] {
  try {
    return [pathOf("setpriv"), "--pdeathsig", "KILL", "--", path, ...args];
  } catch {
    return [path, ...args];
  }
}

/** Starts a program and waits until it is ready; throws with its last words when it ends before. */
export async function startService(plan: ServicePlan): Promise<Service> {
  const path = pathOf(plan.program);
  const folder = await mkdtemp(join(tmpdir(), `fortrolig-${plan.program}-`));
  const args = await plan.arrange(folder);
  let child: ChildProcess | undefined;
  let lastWords = "";
  const killAtExit = () => child?.kill("SIGKILL");
  process.on("exit", killAtExit);

  const running = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals) => {
    if (!child || !running()) return;
    const ended = new Promise((resolve) => child?.once("exit", resolve));
    child.kill(signal);
    await Promise.race([ended, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
    if (running()) child.kill("SIGKILL");
    await ended;
  };
  const start = async () => {
    if (running()) return;
    lastWords = "";
    const [command, ...rest] = dyingWithUs(path, args);
    child = spawn(command, rest, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    const hear = (bytes: Buffer) => {
      lastWords = (lastWords + bytes.toString()).slice(-2000);
    };
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    for (const limit = Date.now() + START_LIMIT_MS; !(await plan.ready()); await sleep(25)) {
      if (!running()) throw new Error(`${plan.program} ended while starting: ${lastWords.trim()}`);
      if (Date.now() > limit)
        throw new Error(`${plan.program} is not ready after ${START_LIMIT_MS / 1000} s: ${lastWords}`);
    }
  };
  const dispose = async () => {
    await end("SIGTERM");
    process.off("exit", killAtExit);
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    start,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    get pid() {
      return running() ? child?.pid : undefined;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** Another test may take a free port in the moment before the program does: then once more, with other ports. */
export async function onFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 3 || !/address (already )?in use/i.test(String(error))) throw error;
    }
  }
}
