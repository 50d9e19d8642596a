/** A thread that holds the embedded history's database file; sqlite.ts asks, one answer per question, in order. */
import { parentPort, workerData } from "node:worker_threads";
import { type DatabaseFile, fileAsker, type Question, type Selected } from "./sqlite-file.ts";

export interface Asked {
  readonly id: number;
  readonly ask: Question;
  readonly about: unknown;
}
export type Answered =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: { readonly message: string; readonly code: number | undefined } };

const askFile = fileAsker(workerData as DatabaseFile);
parentPort?.on("message", async ({ id, ask, about }: Asked) => {
  let answered: Answered;
  try {
    answered = { id, answer: await askFile(ask, about) };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    answered = { id, error: { message, code: errcode } };
  }
  parentPort?.postMessage(answered, buffersIn(answered));
  if (ask === "close") parentPort?.close();
});

function buffersIn(answered: Answered): ArrayBuffer[] {
  const cells = "answer" in answered ? (answered.answer as Partial<Selected> | undefined)?.cells : undefined;
  return cells instanceof Float64Array ? [cells.buffer] : [];
}
