/**
 * Devices whose recordings begin in the same second. A device starts to play when it has reached its broker: a gate before
 * the broker holds all of them until the last has come, and lets them in when a second begins.
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "./program.ts";

const SECOND = 1000;
/** A second has begun so long ago that every look at the clock says the same one, ms. */
const INTO_THE_SECOND_MS = 20;
/** From a device's word that it plays to its first sample, ms; a busy machine takes its time. */
const FIRST_SAMPLE_MS = 200;
const ATTEMPTS = 5;

export interface Together extends AsyncDisposable {
  readonly devices: readonly Program[];
  /** When the first sample of each recording is heard, ms UTC. */
  readonly started: number;
}

/** `start` starts the devices, each playing a WAV file, with the broker's address that it is given. */
export async function startTogether(broker: string, start: (broker: string) => readonly Program[]): Promise<Together> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    await using stack = new AsyncDisposableStack();
    const gate = stack.use(await gateBefore(broker));
    const devices = start(gate.url).map((device) => stack.use(device));
    const saying = Promise.all(devices.map((device) => device.says(/\.wav → device/).then(() => Date.now())));
    await Promise.race([gate.waiting(devices.length), saying]);
    const started = (await gate.open()) + SECOND;
    const said = await saying;
    if (Math.max(...said) + FIRST_SAMPLE_MS > started) continue;
    const kept = stack.move();
    return { devices, started, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  }
  throw new Error("this machine is too busy for the devices to begin in the same second");
}

interface Gate extends AsyncDisposable {
  /** Where to connect: `mqtt://host:port`. */
  readonly url: string;
  /** Resolves when so many stand before it. */
  waiting(count: number): Promise<void>;
  /** Lets them in at the beginning of a second, later ones at once. Resolves to that second, ms UTC. */
  open(): Promise<number>;
}

async function gateBefore(broker: string): Promise<Gate> {
  const { hostname, port } = new URL(broker);
  const sockets = new Set<Socket>();
  const before: Socket[] = [];
  let isOpen = false;
  let arrived = () => {};

  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.setNoDelay(true).on("error", () => {});
    return socket.once("close", () => sockets.delete(socket));
  };
  const letIn = (client: Socket) => {
    const inside = keep(connect(Number(port), hostname));
    client.pipe(inside).pipe(client);
    client.once("close", () => inside.destroy());
    inside.once("close", () => client.destroy());
  };
  const server = createServer({ pauseOnConnect: true }, (client) => {
    keep(client);
    if (isOpen) return letIn(client);
    before.push(client);
    arrived();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting: (count) =>
      new Promise((resolve) => {
        arrived = () => {
          if (before.length >= count) resolve();
        };
        arrived();
      }),
    async open() {
      await sleep(SECOND - (Date.now() % SECOND) + INTO_THE_SECOND_MS);
      isOpen = true;
      for (const client of before) letIn(client);
      return Math.floor(Date.now() / SECOND) * SECOND;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
