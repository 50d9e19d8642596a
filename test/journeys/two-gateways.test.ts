/**
 * Two sites, two gateways, one Mosquitto. Each gateway stores its own site's readings and owns its alerts; one is killed,
 * the other does not notice, and nothing of the dead one's is lost. A second gateway for one site is told so and waits.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { openJournal } from "#gateway/journal/open-journal.ts";
import type { AlertView } from "#protocol/api.ts";
import { Receipt } from "#protocol/commands.ts";
import { delivery, topicFor } from "#protocol/topics.ts";
import { startMosquitto } from "#test/services/mosquitto.ts";
import { temporaryFolder } from "./folder.ts";
import { get, startGatewayProcess } from "./running-gateway.ts";
import { quietLevel, roomState } from "./speaker.ts";

const SECOND = 1000;

/** The lines of the configuration that we ship, without its words. */
async function shippedSettings(): Promise<string[]> {
  const text = await readFile(join(import.meta.dirname, "../mqtt/mosquitto.conf"), "utf8");
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** One shared office with three devices; their names begin like the site's. */
const siteFile = (site: string) =>
  JSON.stringify({
    site,
    name: site,
    timeZone: "Europe/Copenhagen",
    rooms: [{ id: `${site.toUpperCase()}1`, name: `${site} 1`, kind: "shared-office", assigned: 3 }],
    devices: [1, 2, 3].map((n) => ({ id: `${site}-${n}`, room: `${site.toUpperCase()}1` })),
  });

/** A device with an outbox and nothing else: it says again what the gateway has not receipted, if it `repeats`. */
async function openTeller(url: string, device: string, boot: string, repeats = true) {
  const site = device.slice(0, -2);
  const client = await connectAsync(url, { clientId: device, protocolVersion: 4 });
  const outbox = new Map<number, readonly ["level" | "state", string]>();
  let seq = 0;
  client.on("message", (_, payload) => {
    const { through, beyond } = Receipt.parse(JSON.parse(payload.toString()));
    for (const kept of outbox.keys())
      if (kept <= through || beyond.some(([from, to]) => from <= kept && kept <= to)) outbox.delete(kept);
  });
  await client.subscribeAsync(topicFor(site, device, "receipt"));
  const say = (channel: "level" | "state", body: object) => {
    const payload = JSON.stringify({ boot, seq, t: Date.now(), ...body });
    outbox.set(seq++, [channel, payload]);
    return client.publishAsync(topicFor(site, device, channel), payload, delivery[channel]);
  };
  const sayAgain = () => {
    for (const [channel, payload] of outbox.values())
      client.publish(topicFor(site, device, channel), payload, delivery[channel]);
  };
  const repeating = repeats ? setInterval(sayAgain, 2 * SECOND) : undefined;
  return {
    say,
    levels: (count: number) => Promise.all(Array.from({ length: count }, () => say("level", quietLevel))),
    said: () => Array.from({ length: seq }, (_, n) => `${device} ${boot} ${n}`),
    unreceipted: () => outbox.size,
    [Symbol.asyncDispose]: () => {
      clearInterval(repeating);
      return client.endAsync(true);
    },
  };
}

/** `device boot seq` of every reading in a gateway's journal. */
async function stored(data: string): Promise<string[]> {
  await using journal = await openJournal(data);
  const messages = await journal.messagesAfter(0, journal.lastId());
  return messages.map(({ device, boot, seq }) => `${device} ${boot} ${seq}`);
}

const rooms = async (url: string) =>
  (await get<AlertView[]>(url, "/api/v1/alerts")).map(({ room, state }) => [room, state]);
const readiness = async (url: string) => (await fetch(`${url}/readyz`)).status;

it("two gateways share a broker by site: each stores and alerts its own; one is killed and loses nothing; a third is told it is one too many", async () => {
  await using folder = await temporaryFolder();
  const place = (name: string) => join(folder.path, name);
  for (const site of ["nord", "syd"]) await writeFile(place(`${site}.yaml`), siteFile(site));
  for (const name of ["nord", "syd", "stray"]) await mkdir(place(name));
  await using mosquitto = await startMosquitto(await shippedSettings());
  const start = (site: string, name = site, log = "silent") =>
    startGatewayProcess({
      ...{ data: place(`${name}/data`), site: place(`${site}.yaml`), broker: mosquitto.url },
      ...{ log },
    });
  await using first = await start("nord");
  await using syd = await start("syd");
  for (const { url } of [first, syd]) await expect.poll(() => readiness(url)).toBe(200);
  await using n1 = await openTeller(mosquitto.url, "nord-1", "0000000a");
  await using n2 = await openTeller(mosquitto.url, "nord-2", "0000000b");
  await using s1 = await openTeller(mosquitto.url, "syd-1", "0000000a");
  await using s2 = await openTeller(mosquitto.url, "syd-2", "0000000b");
  const tellers = [n1, n2, s1, s2];
  await using n3 = await openTeller(mosquitto.url, "nord-3", "0000000c", false);

  // Alerts of one site are one gateway's.
  for (const teller of [n1, s1]) await teller.say("state", roomState("on", Date.now() - 70 * SECOND));
  await Promise.all(tellers.map((teller) => teller.levels(200)));
  await expect.poll(() => rooms(first.url)).toEqual([["NORD1", "firing"]]);
  await expect.poll(() => rooms(syd.url)).toEqual([["SYD1", "firing"]]);

  // One gateway too many.
  {
    await using stray = await start("nord", "stray", "warn");
    await stray.says(
      /another gateway reads this site: process \d+ on \S+, since .+; give each gateway a site of its own/,
    );
    expect(await readiness(stray.url)).toBe(503);
    await n1.levels(10);
    await expect.poll(() => n1.unreceipted()).toBe(0);
    expect(await readiness(first.url)).toBe(200);
  }

  // One dies in the middle of what it is being told. Its devices talk on; of one that never repeats itself the broker keeps
  // all, more than it would by its own limit.
  const underWay = Promise.all(tellers.map((teller) => teller.levels(500)));
  first.kill("SIGKILL");
  expect(await first.ended).toEqual({ code: null, signal: "SIGKILL" });
  await underWay;
  await n3.levels(3000);
  await s1.levels(100);
  await expect.poll(() => s1.unreceipted() + s2.unreceipted()).toBe(0);
  expect(await readiness(syd.url)).toBe(200);
  await expect.poll(() => rooms(syd.url)).toEqual([["SYD1", "firing"]]);
  expect(n3.unreceipted()).toBe(3000);

  await using again = await start("nord");
  await expect.poll(() => n1.unreceipted() + n2.unreceipted() + n3.unreceipted()).toBe(0);
  await expect.poll(() => rooms(again.url)).toEqual([["NORD1", "firing"]]);

  for (const gateway of [again, syd]) {
    gateway.kill("SIGTERM");
    expect(await gateway.ended, gateway.err).toEqual({ code: 0, signal: null });
  }
  const [inNord, inSyd, inStray] = await Promise.all(
    ["nord", "syd", "stray"].map((name) => stored(place(`${name}/data`))),
  );
  expect(inNord!.sort()).toEqual([...n1.said(), ...n2.said(), ...n3.said()].sort());
  expect(inSyd!.sort()).toEqual([...s1.said(), ...s2.said()].sort());
  expect(inStray).toEqual([]);
}, 150_000);
