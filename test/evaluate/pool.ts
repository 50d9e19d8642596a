/** Tasks on several threads, one each at a time. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Task } from "./run.ts";
import type { Tally } from "./tally.ts";

/** Resolves to the tallies in the order of the tasks; rejects with the first error. */
export async function runAll(
  tasks: readonly Task[],
  threads: number,
  onDone: (task: Task, seconds: number) => void,
): Promise<Tally[]> {
  const tallies: Tally[] = [];
  let next = 0;
  async function work(): Promise<void> {
    const worker = new Worker(new URL("./worker.ts", import.meta.url));
    try {
      while (next < tasks.length) {
        const place = next++;
        const started = performance.now();
        worker.postMessage(tasks[place]!);
        const [tally] = (await once(worker, "message")) as [Tally];
        tallies[place] = tally;
        onDone(tasks[place]!, (performance.now() - started) / 1000);
      }
    } finally {
      await worker.terminate();
    }
  }
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, work));
  return tallies;
}
