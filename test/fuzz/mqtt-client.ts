/**
 * One after another, clients that say what was drawn for them. Each is let in properly or not at all, says some packets and a
 * PINGREQ behind them, and waits for PINGRESP, for the end of the connection, or for neither: a packet that promises more
 * than comes swallows what follows.
 */
import { connect as connectTcp, type Socket } from "node:net";
import type { Random } from "#firmware/world/random.ts";
import { connect, pingreq, split } from "#test/mqtt/packets.ts";
import { drawKind, drawPacket, type Kind, oddConnect, type Speaker } from "./mqtt-packets.ts";

/** What became of a step: the broker went on, hung up, or waits for more. */
export type Ending = "answered" | "closed" | "waiting";

export interface Tally {
  packets: number;
  connections: number;
  readonly kinds: Record<Kind, number>;
  readonly endings: Record<Ending, number>;
}

export interface FuzzingClient {
  readonly port: number;
  readonly random: Random;
  /** A device under whose name nobody else speaks at the moment; given back when the connection has ended. */
  readonly borrow: () => Speaker;
  readonly giveBack: (speaker: Speaker) => void;
  readonly tally: Tally;
  readonly isOver: () => boolean;
}

/** A broker that is busy with others answers later; then the connection is ended for nothing, and nothing has been tried. */
const PATIENCE_MS = 500;
const END_MS = 2000;
const ODD_CONNECTS = 0.1;

export async function runFuzzingClient(client: FuzzingClient): Promise<void> {
  while (!client.isOver()) {
    const speaker = client.borrow();
    await oneConnection(client, speaker);
    client.giveBack(speaker);
  }
}

async function oneConnection({ port, random, tally, isOver }: FuzzingClient, speaker: Speaker): Promise<void> {
  tally.connections++;
  const socket = connectTcp(port, "127.0.0.1");
  socket.setNoDelay(true).on("error", () => {}); // a reset is an end like another
  const pongs = countPongs(socket);
  const odd = random.chance(ODD_CONNECTS);
  if (odd) tally.packets++;
  socket.write(connect(odd ? oddConnect(random, speaker) : speaker.connect));
  let ending: Ending;
  do {
    const said: Buffer[] = [];
    for (let left = random.integer(1, 24); left > 0; left--) {
      const kind = drawKind(random);
      said.push(drawPacket(kind, random, speaker, Date.now()));
      tally.packets++;
      tally.kinds[kind]++;
      // What follows a packet that ends the connection is never read.
      if (kind === "grammar" || kind === "mutated" || kind === "noise") break;
    }
    ending = await stepOn(socket, pongs, Buffer.concat(cut(random, [...said, pingreq])));
    tally.endings[ending]++;
  } while (ending === "answered" && !isOver());
  await ended(socket);
}

/** Sometimes all in one write, sometimes a part is lost with the connection. */
const cut = (random: Random, packets: readonly Buffer[]): readonly Buffer[] =>
  random.chance(0.97) ? packets : [Buffer.concat(packets).subarray(0, -1 - random.integer(0, 30))];

interface Pongs {
  count: number;
  wake: () => void;
}

function countPongs(socket: Socket): Pongs {
  const pongs: Pongs = { count: 0, wake: () => {} };
  let buffer: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    const { packets, rest } = split(Buffer.concat([buffer, chunk]));
    buffer = rest;
    pongs.count += packets.filter(({ type }) => type === "pingresp").length;
    pongs.wake();
  });
  return pongs;
}

function stepOn(socket: Socket, pongs: Pongs, bytes: Buffer): Promise<Ending> {
  if (socket.destroyed) return Promise.resolve("closed");
  const before = pongs.count;
  return new Promise((resolve) => {
    const finish = (ending: Ending) => {
      clearTimeout(late);
      socket.off("close", closed);
      pongs.wake = () => {};
      resolve(ending);
    };
    const closed = () => finish("closed");
    const late = setTimeout(() => finish("waiting"), PATIENCE_MS);
    socket.once("close", closed);
    pongs.wake = () => {
      if (pongs.count > before) finish("answered");
    };
    socket.write(bytes);
  });
}

/** In good order, so that the broker has let go of the name before it is used again. */
function ended(socket: Socket): Promise<void> {
  if (socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => socket.destroy(), END_MS);
    socket.once("close", () => {
      clearTimeout(late);
      resolve();
    });
    socket.end();
  });
}
