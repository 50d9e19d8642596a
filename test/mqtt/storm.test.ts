/**
 * Five thousand devices lose their connections in the same moment and come back in the same moment, as after a power cut
 * of the switch. All are let in, each reading is stored once, and one that was not cut off is heard all the while.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openJournal } from "#gateway/journal/open-journal.ts";
import { topicFor } from "#protocol/topics.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { metric, startGatewayProcess } from "#test/journeys/running-gateway.ts";
import { connect, publish } from "./packets.ts";
import { level, newBoot } from "./port.ts";
import { openClient, openSocket, type RawClient } from "./raw-client.ts";

const DEVICES = 5000;
/** Five thousand connections, twice: some 40 kB each, and what the collector has not looked at yet. */
const MOST_GROWTH_BYTES = 400e6;

const nameOf = (device: number) => `d${device}`;
const siteFile = JSON.stringify({
  site: "storm",
  name: "Storm",
  timeZone: "Europe/Copenhagen",
  rooms: Array.from({ length: DEVICES / 10 }, (_, room) => ({
    id: `R${room}`,
    name: `R${room}`,
    kind: "conversation-room",
  })),
  devices: Array.from({ length: DEVICES + 1 }, (_, device) => ({
    id: nameOf(device),
    room: `R${Math.floor(device / 10) % (DEVICES / 10)}`,
  })),
});

it("five thousand devices come back at once", async () => {
  const boot = newBoot();
  const reading = (device: number, seq: number) =>
    publish({ topic: topicFor("storm", nameOf(device), "level"), payload: level(boot, seq), id: seq + 1 });
  await using folder = await temporaryFolder();
  const site = join(folder.path, "storm.yaml");
  await writeFile(site, siteFile);
  const data = join(folder.path, "data");
  await using gateway = await startGatewayProcess({ data, site });

  /** All in the same moment: says `seq` and everything before it, as an outbox does that has heard no receipt. */
  const arrive = (seq: number): Promise<RawClient[]> =>
    Promise.all(
      Array.from({ length: DEVICES }, async (_, device) => {
        const client = await openSocket(gateway.broker);
        const said = Array.from({ length: seq + 1 }, (_, earlier) => earlier);
        client.send(
          connect({ id: nameOf(device), keepaliveS: 60 }),
          ...said.map((earlier) => reading(device, earlier)),
        );
        expect(await client.hear(seq + 2)).toEqual(["connack 0 0", ...said.map((earlier) => `puback ${earlier + 1}`)]);
        return client;
      }),
    );

  const resident = async () => (await metric(gateway.url, "process_resident_memory_bytes"))[""]!;
  const idle = await resident();

  // One that was there before the storm, and says a reading as soon as the one before is acknowledged.
  await using steady = await openClient(gateway.broker, { id: nameOf(DEVICES) });
  let said = 0;
  let storm = true;
  const talking = (async () => {
    for (; storm; said++) {
      steady.send(reading(DEVICES, said));
      expect(await steady.hear()).toEqual([`puback ${said + 1}`]);
    }
  })();

  const before = await arrive(0);
  expect(await metric(gateway.url, "fortrolig_mqtt_clients")).toEqual({ "": DEVICES + 1 });
  for (const client of before) client.socket.destroy();
  const calm = said;
  const back = await arrive(1);
  expect(said).toBeGreaterThan(calm);
  storm = false;
  await talking;
  await expect.poll(() => metric(gateway.url, "fortrolig_mqtt_clients")).toEqual({ "": DEVICES + 1 });
  expect((await resident()) - idle).toBeLessThan(MOST_GROWTH_BYTES);

  await Promise.all(back.map((client) => client[Symbol.asyncDispose]()));
  gateway.kill("SIGTERM");
  expect(await gateway.ended, gateway.err).toEqual({ code: 0, signal: null });
  await using journal = await openJournal(data);
  const counts = new Map<string, number>();
  for (const { device } of await journal.messagesAfter(0, journal.lastId()))
    counts.set(device, (counts.get(device) ?? 0) + 1);
  const expected = Array.from({ length: DEVICES }, (_, device): [string, number] => [nameOf(device), 2]);
  expect(counts).toEqual(new Map([...expected, [nameOf(DEVICES), said]]));
}, 120_000);
