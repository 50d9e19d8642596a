/** Who is notified: a real HTTP server that takes its time to answer, so that a kill may come before its answer does. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "#firmware/world/random.ts";
import { sign } from "#gateway/deliver/webhook.ts";
import type { Notified } from "./run-history.ts";

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly secret: string;
  /** What came with a good signature, in order. */
  readonly notified: readonly Notified[];
}

const ANSWER_WITHIN_MS = 100;

export async function openReceiver(random: Random): Promise<Receiver> {
  const secret = "whose notification is this?";
  const notified: Notified[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const at = Date.now();
    const key = String(request.headers["webhook-id"]);
    const signature = sign(secret, key, Number(request.headers["webhook-timestamp"]), body);
    if (request.headers["webhook-signature"] !== signature) return response.writeHead(401).end();
    notified.push({ key, body, at });
    await sleep(random.between(0, ANSWER_WITHIN_MS));
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    secret,
    notified,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
