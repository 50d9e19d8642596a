/**
 * What operators read at `/metrics` of two houses that say as much, one with a conversation that raises an alert, is sent to a
 * webhook and listened to under a lease, and one in which nobody talks: the same.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, it } from "vitest";
import { openHook, SECRET } from "#gateway/deliver/hook.fixture.ts";
import type { AlertView } from "#protocol/api.ts";
import type { ReadingChannel, Readings } from "#protocol/readings.ts";
import { delivery, topicFor } from "#protocol/topics.ts";
import { asking } from "./asking.ts";
import { temporaryFolder } from "./folder.ts";
import { get, runGateway } from "./running-gateway.ts";
import { quietLevel, roomState, wellness } from "./speaker.ts";

const SECOND = 1000;
const SITE = `
site: house
name: House
timeZone: Europe/Copenhagen
rooms:
  - { id: K1, name: { da: Kontor K1, en: Office K1 }, kind: shared-office, assigned: 2 }
  - { id: G1, name: { da: Gang, en: Corridor }, kind: corridor }
boundaries:
  - { between: [K1, G1], kind: door, rw: 25 }
devices:
  - { id: k1, room: K1 }
  - { id: g1, room: G1 }
`;

/** Of a metric's lines the one series, and what it is now. */
type Figures = Readonly<Record<string, string>>;

/** `t`: of all readings, ms. */
async function houseWith(conversation: "on" | "off", t: number) {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(await temporaryFolder());
  const file = (name: string) => join(folder.path, name);
  const hook = opening.use(await openHook());
  await writeFile(file("site.yaml"), SITE);
  await writeFile(file("fortrolig.yaml"), JSON.stringify({ webhooks: { hook: { url: hook.url, secret: SECRET } } }));
  const gateway = opening.use(
    await runGateway({ data: file("data"), site: file("site.yaml") }, file("fortrolig.yaml")),
  );

  const connect = async (clientId: string) =>
    opening.adopt(await connectAsync(gateway.broker, { clientId }), (client) => client.endAsync());
  const devices = { k1: await connect("k1"), g1: await connect("g1") };
  let seq = 0;
  const say = <C extends ReadingChannel>(
    who: keyof typeof devices,
    channel: C,
    body: Omit<Readings[C], "boot" | "seq" | "t">,
  ) =>
    devices[who].publishAsync(
      topicFor("house", who, channel),
      JSON.stringify({ boot: "0000001a", seq: seq++, t, ...body }),
      delivery[channel],
    );
  for (const who of ["k1", "g1"] as const) {
    await say(who, "status", { status: "online" });
    await say(who, "health", wellness);
    await say(who, "level", quietLevel);
  }
  const since = t - 90 * SECOND;
  await say("g1", "state", roomState("off", since));
  await say("k1", "state", roomState(conversation, since));

  const { lane, ingest, journal } = gateway.pipeline;
  if (conversation === "on") {
    await expect.poll(() => hook.taken.length, { timeout: 10 * SECOND }).toBe(1);
    const [alert] = await get<AlertView[]>(gateway.url, "/api/v1/alerts");
    expect(alert).toMatchObject({ room: "K1", state: "firing", severity: "warning" });
    await expect.poll(() => lane.leaseUntil("k1"), { timeout: 10 * SECOND }).toBeGreaterThan(Date.now());
    const levels = Array.from({ length: 10 }, () => [50, 48, 45, 42, 40]);
    await say("k1", "bands", { levels, speech: Array(10).fill(true), clockError: 0 });
    await expect.poll(() => ingest.counts().accepted.bands).toBe(1);
  }
  await expect.poll(() => journal.lastId()).toBe(6);
  const scrape = async () => {
    await gateway.pipeline.settled();
    const text = await (await fetch(`${gateway.url}/metrics`, { headers: asking(gateway.url, "/metrics") })).text();
    const open = ["/readyz", "/livez", "/api/v1/status"].map((path) => get<object>(gateway.url, path));
    return { figures: figuresIn(text), open: await Promise.all(open) };
  };
  const held = opening.move();
  return { scrape, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** Each series by its name with labels; the runtime's own and how long the disk took are of the machine. */
function figuresIn(text: string): Figures {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]),
  );
}

const isOfTheHouse = (series: string): boolean =>
  series.startsWith("fortrolig_") && !series.startsWith("fortrolig_journal_sync_seconds");

/** Both of the same minute: what is to be rolled up follows from which minutes and hours are over. */
async function withinOneMinute<T>(look: () => Promise<T>): Promise<T> {
  const minute = () => Math.floor(Date.now() / (60 * SECOND));
  for (;;) {
    const before = minute();
    const seen = await look();
    if (minute() === before) return seen;
  }
}

it("a house in which somebody talks has the metrics of one in which nobody does", async () => {
  const t = Math.floor(Date.now() / SECOND) * SECOND - 10 * SECOND;
  await using loud = await houseWith("on", t);
  await using quiet = await houseWith("off", t);
  const [talk, silence] = await withinOneMinute(async () => [await loud.scrape(), await quiet.scrape()] as const);
  const names = ({ figures }: typeof talk) => Object.keys(figures).filter(isOfTheHouse);
  expect(names(talk)).toEqual(names(silence));
  const ofTheHouse = ({ figures }: typeof talk) =>
    Object.fromEntries(Object.entries(figures).filter(([series]) => isOfTheHouse(series)));
  expect(ofTheHouse(talk)).toEqual(ofTheHouse(silence));
  expect(talk.open).toEqual(silence.open);
  expect(talk.figures.fortrolig_messages_accepted_total).toBe("6");
  // No label says which reading, rule, channel or room it is about.
  const labels = names(talk).flatMap((series) => [...series.matchAll(/(\w+)="/g)].map(([, label]) => label));
  expect([...new Set(labels)].sort()).toEqual(["connection", "outcome", "reason", "state", "version", "window"]);
}, 60_000);
