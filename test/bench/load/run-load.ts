/** A load generator as a process beside what it measures. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LoadPlan, LoadResult } from "./plan.ts";

const GENERATOR = fileURLToPath(new URL("./main.ts", import.meta.url));

export interface Load {
  readonly pid: number;
  readonly result: Promise<LoadResult>;
  /** Ends the publishing; what is in flight is waited for. */
  stop(): void;
}

export function startLoad(plan: LoadPlan): Load {
  const child = spawn(process.execPath, [GENERATOR, JSON.stringify(plan)], { stdio: ["pipe", "pipe", "inherit"] });
  const killAtExit = () => child.kill("SIGKILL");
  process.on("exit", killAtExit);
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const result = once(child, "close").then(([code]) => {
    process.off("exit", killAtExit);
    if (code !== 0) throw new Error(`the load generator ended with ${code}`);
    const answer = JSON.parse(out) as LoadResult;
    if (answer.fault !== null) throw new Error(`the load generator lost a connection: ${answer.fault}`);
    return answer;
  });
  result.catch(() => {}); // told where it is awaited
  return { pid: child.pid!, result, stop: () => child.stdin.end() };
}

/** Fills in what a plan leaves out: 1,000 devices, 50 connections with 200 in flight, no limit. */
export const loadPlan = (plan: Partial<LoadPlan> & Pick<LoadPlan, "port" | "site">): LoadPlan => ({
  first: 0,
  devices: 1000,
  connections: 50,
  times: "now",
  window: 200,
  ratePerS: null,
  seconds: null,
  messages: null,
  enrolled: null,
  ...plan,
});
