/** A real HTTP server that takes webhooks, or not, as the test commands. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "../clock.ts";
import type { Behaviour, Receiver } from "./channel.contract.ts";
import type { Outgoing } from "./channel.ts";
import { sign, webhook } from "./webhook.ts";

export const SECRET = "a secret of sixteen letters or more";

export interface Hook extends Receiver {
  readonly url: string;
  /** Every request in order, taken or not. */
  readonly requests: readonly { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  /** Answers every request with these, whatever the behaviour. */
  answer(status: number, headers?: Record<string, string>): void;
}

/** A receiver that hangs is given up soon; any other has as long as a machine that stands still for a while takes. */
const HANGING_MS = 200;
const ANSWERING_MS = 60_000;
/** Where nothing is answered, also when what was sent there is read after it has been given up. */
const NOWHERE = "/hangs";

export async function openHook(): Promise<Hook> {
  const requests: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const taken: Outgoing[] = [];
  let behaviour: Behaviour = "takes";
  let fixed: { status: number; headers: Record<string, string> } | undefined;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    requests.push({ url: request.url!, headers: request.headers, body });
    if (request.url === NOWHERE) return;
    if (fixed !== undefined) return response.writeHead(fixed.status, fixed.headers).end();
    if (behaviour === "is-away") return request.socket.destroy();
    if (behaviour === "hangs") return;
    const id = String(request.headers["webhook-id"]);
    const signature = sign(SECRET, id, Number(request.headers["webhook-timestamp"]), body);
    if (request.headers["webhook-signature"] !== signature) return response.writeHead(401).end();
    if (behaviour === "takes") taken.push({ key: id, body });
    return response.writeHead({ takes: 204, fails: 503, "is-gone": 410 }[behaviour]).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `${origin}/hook?token=hidden`;
  const common = { name: "hook", secret: SECRET, clock: systemClock };
  const patient = webhook({ ...common, url, timeoutMs: ANSWERING_MS });
  const impatient = webhook({ ...common, url: origin + NOWHERE, timeoutMs: HANGING_MS });
  return {
    url,
    channel: {
      name: common.name,
      send: (...outgoing) => (behaviour === "hangs" ? impatient : patient).send(...outgoing),
    },
    requests,
    taken,
    async behave(next) {
      behaviour = next;
    },
    answer(status, headers = {}) {
      fixed = { status, headers };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
