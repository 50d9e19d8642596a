/** A TCP proxy before a broker that can swallow everything both sides say, as a network does that has lost its way: no FIN, no RST. */
import { connect, createServer, type Socket } from "node:net";

export interface Proxy extends AsyncDisposable {
  /** `mqtt://127.0.0.1:port` */
  readonly url: string;
  /** From now on nothing goes through, on connections that are there and on new ones, which are taken all the same. */
  swallow(): void;
  /** New connections go through again; those that were swallowed stay dead. */
  heal(): void;
}

export async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<[Socket, Socket | undefined]>();
  let swallowing = false;
  const server = createServer((near) => {
    near.on("error", () => {});
    if (swallowing) {
      const dead: [Socket, undefined] = [near, undefined];
      pairs.add(dead);
      near.on("close", () => pairs.delete(dead)).resume();
      return;
    }
    const far = connect(Number(port), hostname);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    far.on("error", () => {});
    near.pipe(far);
    far.pipe(near);
    near.on("close", () => {
      pairs.delete(pair);
      far.destroy();
    });
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address() as { port: number };
  return {
    url: `mqtt://127.0.0.1:${address.port}`,
    swallow() {
      swallowing = true;
      for (const [near, far] of pairs) {
        near.unpipe();
        far?.unpipe();
        near.removeAllListeners("close").resume();
        far?.removeAllListeners("close").resume();
      }
    },
    heal() {
      swallowing = false;
    },
    async [Symbol.asyncDispose]() {
      for (const [near, far] of pairs) {
        near.destroy();
        far?.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
