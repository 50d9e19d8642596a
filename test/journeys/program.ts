/** One of the project's programs as a process of its own, as a user runs it. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = join(import.meta.dirname, "../..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
const STOP_LIMIT_MS = 15_000;

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Program extends AsyncDisposable {
  /** Everything it has said so far. */
  readonly out: string;
  readonly err: string;
  readonly ended: Promise<Ending>;
  readonly pid: number;
  /** Resolves with the match once it has said something like this; rejects with what it said when it ends before. */
  says(words: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

export interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Options of Node itself. */
  readonly node?: readonly string[];
}

/** What the command that runs this file says to Node. */
function nodeOptions(file: string): string[] {
  const words = Object.values(scripts).find((script) => script.startsWith("node ") && script.endsWith(` ${file}`));
  return (words ?? "")
    .split(" ")
    .slice(1, -1)
    .map((word) => (word.startsWith("./") ? join(root, word) : word));
}

/** `file` is a path in the repository. The settings of whoever runs the tests do not reach it. */
export function startProgram(file: string, args: readonly string[], options: ProgramOptions = {}): Program {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(FORTROLIG_|NODE_|npm_|VITEST)/.test(name));
  const node = [...nodeOptions(file), ...(options.node ?? [])];
  const child = spawn(process.execPath, [...node, join(root, file), ...args], {
    cwd: options.cwd ?? root,
    env: { ...Object.fromEntries(inherited), ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killAtExit = () => child.kill("SIGKILL");
  process.on("exit", killAtExit);
  const said = { out: "", err: "" };
  const listeners = new Set<() => void>();
  const hear = (channel: "out" | "err") => (text: string) => {
    said[channel] += text;
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding("utf8").on("data", hear("out"));
  child.stderr.setEncoding("utf8").on("data", hear("err"));
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("exit", killAtExit);
      resolve({ code, signal });
    });
  });

  const says = (words: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = words.exec(said.out) ?? words.exec(said.err);
        if (!match) return;
        listeners.delete(look);
        resolve(match);
      };
      listeners.add(look);
      look();
      ended.then(
        ({ code, signal }) =>
          reject(new Error(`${file} ended (${signal ?? code}) without saying ${words}: ${said.out}${said.err}`)),
        reject,
      );
    });

  return {
    get out() {
      return said.out;
    },
    get err() {
      return said.err;
    },
    ended,
    pid: child.pid!,
    says,
    kill: (signal) => {
      child.kill(signal);
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const late = sleep(STOP_LIMIT_MS, undefined, { ref: false }).then(() => child.kill("SIGKILL"));
      await Promise.race([ended, late]);
      await ended;
    },
  };
}
