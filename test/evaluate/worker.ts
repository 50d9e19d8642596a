/** A thread that runs one task after another. */
import { parentPort } from "node:worker_threads";
import { run, type Task } from "./run.ts";

parentPort!.on("message", (task: Task) => parentPort!.postMessage(run(task)));
