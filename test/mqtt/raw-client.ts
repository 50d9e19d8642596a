/** A socket that says to a broker exactly the bytes it is given, and reads whole packets. */
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { type Connect, connect, type Packet, split, words } from "./packets.ts";

export interface RawClient extends AsyncDisposable {
  /** All in one write. */
  send(...packets: readonly Uint8Array[]): void;
  /** The next `count` packets in words; rejects when the connection ends before. */
  hear(count?: number): Promise<string[]>;
  /** What has come so far and was not asked for, in words. */
  heard(): string[];
  packet(): Promise<Packet>;
  /** Everything until the other side closes, in words. */
  rest(): Promise<string[]>;
  readonly socket: Socket;
}

/** Longer than anything that a test waits for. */
const PATIENCE_MS = 60_000;

/** A connection on which nothing has been said. `url` is `mqtt://host:port`, or `mqtts://…` with what TLS needs. */
export async function openSocket(url: string, tls: ConnectionOptions = {}): Promise<RawClient> {
  const { hostname: host, port, protocol } = new URL(url);
  const secure = protocol === "mqtts:";
  const socket = secure ? connectTls({ ...tls, host, port: Number(port) }) : connectTcp(Number(port), host);
  socket.setNoDelay(true);
  const arrived: Packet[] = [];
  let buffer: Buffer = Buffer.alloc(0);
  let ended = false;
  let wake = () => {};
  socket.on("data", (chunk: Buffer) => {
    const { packets, rest } = split(Buffer.concat([buffer, chunk]));
    buffer = rest;
    arrived.push(...packets);
    wake();
  });
  socket.on("close", () => {
    ended = true;
    wake();
  });
  socket.on("error", () => {}); // a reset is an end like another: `close` follows

  /** Resolves when `fact` holds or the connection has ended. */
  const waitFor = (fact: () => boolean, what: string) =>
    new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), PATIENCE_MS);
      wake = () => {
        if (!fact() && !ended) return;
        wake = () => {};
        clearTimeout(late);
        resolve();
      };
      wake();
    });

  const client: RawClient = {
    socket,
    send: (...packets) => void socket.write(Buffer.concat(packets)),
    heard: () => arrived.map(words),
    async packet() {
      await waitFor(() => arrived.length > 0, "a packet");
      const next = arrived.shift();
      if (!next) throw new Error("the connection has ended");
      return next;
    },
    async hear(count = 1) {
      await waitFor(() => arrived.length >= count, `${count} packets`);
      if (arrived.length < count)
        throw new Error(`the connection has ended after ${JSON.stringify(arrived.map(words))}`);
      return arrived.splice(0, count).map(words);
    },
    async rest() {
      await waitFor(() => ended, `the end, after ${JSON.stringify(arrived.map(words))}`);
      return arrived.splice(0).map(words);
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await waitFor(() => ended, "its own end");
    },
  };
  await new Promise<void>((resolve, reject) =>
    socket.once(secure ? "secureConnect" : "connect", resolve).once("error", reject),
  );
  return client;
}

/** A client that has been let in; throws what the broker answered otherwise. */
export async function openClient(url: string, options: Connect = {}, tls: ConnectionOptions = {}): Promise<RawClient> {
  const client = await openSocket(url, tls);
  client.send(connect(options));
  const [answer] = await client.hear();
  if (!/^connack [01] 0$/.test(answer!)) throw new Error(`not let in: ${answer}`);
  return client;
}
