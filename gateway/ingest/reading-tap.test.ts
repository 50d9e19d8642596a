/** Senders are held back by TCP when the disk does not keep up, and go on by themselves when it does. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publish } from "#test/mqtt/packets.ts";
import { openClient, type RawClient } from "#test/mqtt/raw-client.ts";
import { type EmbeddedBroker, openEmbeddedBroker } from "./embedded-broker.ts";
import { samples, site, topic } from "./sample.fixture.ts";

const MANY = 10_000;
const payload = JSON.stringify(samples.level);

describe("readings that come faster than they can be made safe", () => {
  let broker: EmbeddedBroker;
  let client: RawClient;
  beforeEach(async () => {
    broker = await openEmbeddedBroker({ host: "127.0.0.1", port: 0, site });
    client = await openClient(broker.url, { id: "k1-1" });
  });
  afterEach(async () => {
    await client[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
  const packets = Array.from({ length: MANY }, (_, i) => publish({ topic: topic("level"), payload, id: i + 1 }));
  /** Until a count stays as it is while the rest holds; by turns of the event loop, of which a stalled machine adds none. */
  const TURNS = 20;
  const still = async (count: () => number, rest: () => boolean) => {
    for (let same = 0, before = -1; same < TURNS; before = count()) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      same = rest() && count() === before ? same + 1 : 0;
    }
  };

  it("wait in the sender's socket, and each is taken once and in order when there is room", async () => {
    let taken = 0;
    let disk = Promise.withResolvers<void>();
    broker.onMessages(async (messages) => {
      taken += messages.length;
      await disk.promise;
    });
    client.send(...packets);
    await still(
      () => taken,
      () => taken >= 4000,
    );
    expect(taken).toBeLessThan(5000);
    const { resolve } = disk;
    disk = { ...disk, promise: Promise.resolve() };
    resolve();
    expect(await client.hear(MANY)).toEqual(packets.map((_, i) => `puback ${i + 1}`));
    expect(taken).toBe(MANY);
  });

  it("of a client that reads no acknowledgement are not read either; others are", async () => {
    let taken = 0;
    broker.onMessages(async (messages) => {
      taken += messages.length;
    });
    client.socket.pause();
    const endless = setInterval(() => client.socket.writableNeedDrain || client.send(...packets), 5);
    await still(
      () => taken,
      () => client.socket.writableNeedDrain,
    );
    clearInterval(endless);
    await using other = await openClient(broker.url, { id: "another" });
    other.send(publish({ topic: topic("state"), payload: JSON.stringify(samples.state), id: 7 }));
    expect(await other.hear()).toEqual(["puback 7"]);
    client.socket.destroy();
  });
});
