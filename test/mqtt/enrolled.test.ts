/**
 * A gateway whose devices have credentials, by bytes: what a credential is good for, and that everything else is refused,
 * counted, and shown within a second.
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BY_GATEWAY } from "#gateway/audit/entry.ts";
import type { DeviceView } from "#protocol/api.ts";
import { claimPassword } from "#protocol/enrolment.ts";
import { topicFor } from "#protocol/topics.ts";
import { get } from "#test/journeys/running-gateway.ts";
import { watchStalls } from "#test/journeys/stalls.ts";
import { type Connect, connect, pingreq, publish, subscribe } from "./packets.ts";
import { level, newBoot, openPort, type Port, reading, SITE, status, topic } from "./port.ts";
import { openClient, openSocket, type RawClient } from "./raw-client.ts";

let port: Port;
const secrets = new Map<string, string>();
const book = () => port.gateway.devices!;

/** Claims as a device does: says hello with the code and a secret of its own. */
async function claim(device: string, code: string): Promise<string> {
  const secret = randomBytes(32).toString("base64url");
  const hello = { id: `${device}-hello-1`, user: device, password: claimPassword(code, secret) };
  await (await openClient(port.url, hello))[Symbol.asyncDispose]();
  return secret;
}

beforeAll(async () => {
  port = await openPort({ deviceAccess: "enrolled" });
  for (const device of ["k1", "k2", "k3", "k4", "k5", "s1"])
    secrets.set(device, await claim(device, book().offer(device, BY_GATEWAY).code));
});
afterAll(() => port[Symbol.asyncDispose]());

const as = (device: string, odd: Partial<Connect> = {}): Connect => ({
  id: device,
  user: device,
  password: secrets.get(device)!,
  ...odd,
});
const enrolled = (device: string, odd: Partial<Connect> = {}): Promise<RawClient> =>
  openClient(port.url, as(device, odd));
const view = async (device: string) =>
  (await get<DeviceView[]>(port.gateway.url, "/api/v1/devices")).find(({ id }) => id === device)!;
/** How much more was denied than before. */
async function deniedBy(act: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await port.denied();
  await act();
  const after = await port.denied();
  const more = Object.entries(after).map(([reason, count]): [string, number] => [
    reason,
    count - (before[reason] ?? 0),
  ]);
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}

it("its own readings are taken, the short way and the long way, and its own commands heard", async () => {
  const boot = newBoot();
  await using client = await enrolled("k1");
  client.send(subscribe(1, [topic("lease"), 1], [topic("config"), 1], [topic("status"), 0]));
  expect(await client.hear(2)).toEqual(["suback 1 1 1 0", expect.stringContaining("publish qos1 retained")]);
  client.send(
    reading(boot, 0),
    reading(boot, 1, { qos: 2 }),
    publish({ topic: topic("status"), payload: status(boot, "online"), id: 9 }),
  );
  expect((await client.hear(4)).sort()).toEqual([
    "puback 1",
    "puback 9",
    expect.stringContaining(`publish qos0 ${topic("status")}`),
    "pubrec 2",
  ]);
  await expect.poll(() => port.stored(boot)).toEqual([0, 1]);
});

describe("a device's credential, used for", () => {
  const other = newBoot();
  const wrong: [string, string][] = [
    ["another device's readings", topic("level", "k2")],
    ["another device's status", topic("status", "k2")],
    ["another site", topicFor("elsewhere", "k1", "level")],
    ["a channel on which only the gateway speaks", topic("lease")],
    ["a room", `fortrolig/v1/${SITE}/room/K2/privacy`],
    ["the gateway's claim", `fortrolig/v1/${SITE}/gateway/claim`],
    ["the broker's own words", "$SYS/broker/uptime"],
    ["a topic that is none of ours", "anything"],
  ];

  it.each(wrong)("%s, is not heard: acknowledged as MQTT wants it, counted, shown within a second", async (_, at) => {
    await using beside = await enrolled("k2", { id: "k2-aside-1" });
    beside.send(subscribe(1, [topic("status", "k2"), 1]));
    await beside.hear();
    await using client = await enrolled("k3");
    const payload = at.endsWith("status") ? status(other, "online") : level(other, 0);
    const asked = ([0, 1, 2] as const).map((qos) => publish({ topic: at, payload, qos, retain: true, id: qos + 1 }));
    using stalls = watchStalls();
    const denied = await deniedBy(async () => {
      const since = Date.now();
      client.send(...asked, pingreq);
      expect((await client.hear(3)).sort()).toEqual(["pingresp", "puback 2", "pubrec 3"]);
      expect((await view("k3")).faults).toContain("denied");
      expect(stalls.between(since, Date.now())).toBeLessThan(1000);
    });
    expect(denied).toEqual({ publish: 3 });
    expect([await port.stored(other), await port.refused(), beside.heard()]).toEqual([[], {}, []]);
  });

  it("a hundred of another's readings among its own: only its own are stored, in order", async () => {
    const [mine, theirs] = [newBoot(), newBoot()];
    await using client = await enrolled("k4");
    const mixed = Array.from({ length: 200 }, (_, i) =>
      i % 2 === 0
        ? publish({ topic: topic("level", "k4"), payload: level(mine, i / 2), id: i + 1 })
        : publish({ topic: topic("level", "k5"), payload: level(theirs, i), id: i + 1 }),
    );
    const denied = await deniedBy(async () => {
      client.send(...mixed);
      expect(await client.hear(200)).toEqual(mixed.map((_, i) => `puback ${i + 1}`));
    });
    expect(denied).toEqual({ publish: 100 });
    expect(await port.storedOf([mine, theirs])).toEqual([Array.from({ length: 100 }, (_, seq) => seq), []]);
  });

  it("hearing others, all, or the broker: each is refused with 128 and counted", async () => {
    await using client = await enrolled("k1");
    const filters = [
      "#",
      `fortrolig/v1/${SITE}/#`,
      `fortrolig/v1/${SITE}/+/status`,
      "$SYS/#",
      topic("config", "k2"),
      topic("status", "k2"),
      topic("level"),
      topicFor("elsewhere", "k1", "config"),
    ];
    const denied = await deniedBy(async () => {
      client.send(subscribe(1, ...filters.map((filter): [string, number] => [filter, 1])));
      expect(await client.hear()).toEqual([`suback 1 ${filters.map(() => 128).join(" ")}`]);
    });
    expect(denied).toEqual({ subscribe: filters.length });
  });

  it.each<[string, Partial<Connect>, string, string]>([
    ["another's name", { id: "k2" }, "connack 0 5", "client-id"],
    ["a name of nobody's", { id: "monitor" }, "connack 0 5", "client-id"],
    ["no name", { id: "" }, "connack 0 5", "client-id"],
    ["a will for another", { will: { topic: topic("status", "k2"), payload: "x" } }, "connack 0 5", "will"],
    ["another's user name", { user: "k2", id: "k2" }, "connack 0 4", "wrong-secret"],
    ["a device that does not exist", { user: "k99", id: "k99" }, "connack 0 4", "unknown-device"],
  ])("%s, is not let in", async (_, odd, answer, reason) => {
    const boot = newBoot();
    const denied = await deniedBy(async () => {
      await using client = await openSocket(port.url);
      client.send(connect(as("k1", odd)), reading(boot, 0));
      expect(await client.rest()).toEqual([answer]);
    });
    expect(denied).toEqual({ [reason]: 1 });
    expect(await port.stored(boot)).toEqual([]);
  });
});

it("without a credential nobody is let in, and is told so after a second; a device that has none is shown as such", async () => {
  const since = performance.now();
  await using stranger = await openSocket(port.url);
  stranger.send(connect({ id: "k1" }));
  expect(await stranger.rest()).toEqual(["connack 0 4"]);
  expect(performance.now() - since).toBeGreaterThan(900);
  expect(await view("s2")).toMatchObject({ credential: "none", faults: expect.arrayContaining(["no-credential"]) });
  expect(await view("k1")).toMatchObject({ credential: "secret" });
});

it("who only looks on or says hello says nothing, nor hears more than who else uses the name", async () => {
  const boot = newBoot();
  await using aside = await enrolled("k1", { id: "k1-aside-0a1b2c3d" });
  aside.send(reading(boot, 0), subscribe(2, [topic("status"), 0], [topic("config"), 1]), pingreq);
  expect((await aside.hear(3)).sort()).toEqual(["pingresp", "puback 1", "suback 2 0 128"].sort());
  expect(await port.stored(boot)).toEqual([]);
});

it("a claim code is good once, and lets nobody speak under the device's name", async () => {
  const { code } = book().offer("s2", BY_GATEWAY);
  const secret = randomBytes(32).toString("base64url");
  const answers: string[] = [];
  for (const id of ["s2", "s2-hello-1", "s2-hello-2"]) {
    await using client = await openSocket(port.url);
    client.send(connect({ id, user: "s2", password: claimPassword(code, secret) }));
    answers.push(...(await client.hear()));
  }
  expect(answers).toEqual(["connack 0 5", "connack 0 0", "connack 0 4"]);
  await using client = await openClient(port.url, { id: "s2", user: "s2", password: secret });
  client.send(pingreq);
  expect(await client.hear()).toEqual(["pingresp"]);
});

it("a revoked device is cut off within a second, and let in no more; its connections beside too", async () => {
  await using client = await enrolled("k5");
  await using aside = await enrolled("k5", { id: "k5-aside-1" });
  await using beside = await enrolled("k1");
  using stalls = watchStalls();
  const since = Date.now();
  book().revoke("k5", BY_GATEWAY);
  await Promise.all([client.rest(), aside.rest()]);
  expect(stalls.between(since, Date.now())).toBeLessThan(1000);
  expect(await view("k5")).toMatchObject({ credential: "revoked", faults: expect.arrayContaining(["no-credential"]) });
  await using again = await openSocket(port.url);
  again.send(connect(as("k5")));
  expect(await again.rest()).toEqual(["connack 0 4"]);
  beside.send(pingreq);
  expect(await beside.hear()).toEqual(["pingresp"]);
});

it("a new claim ends what the old secret had let in", async () => {
  await using client = await enrolled("s1");
  const fresh = await claim("s1", book().offer("s1", BY_GATEWAY).code);
  await client.rest();
  await using again = await openSocket(port.url);
  again.send(connect(as("s1")));
  expect(await again.rest()).toEqual(["connack 0 4"]);
  await using now = await openClient(port.url, { id: "s1", user: "s1", password: fresh });
  now.send(pingreq);
  expect(await now.hear()).toEqual(["pingresp"]);
});

it.each<[string, () => Promise<unknown>]>([
  [
    "a revocation",
    async () => {
      book().revoke("s3", BY_GATEWAY);
      secrets.set("s3", await claim("s3", book().offer("s3", BY_GATEWAY).code));
    },
  ],
  ["a new claim", async () => secrets.set("s3", await claim("s3", book().offer("s3", BY_GATEWAY).code))],
])("%s ends the device's session with all that it is owed, whether or not it is there", async (_, end) => {
  secrets.set("s3", await claim("s3", book().offer("s3", BY_GATEWAY).code));
  for (const there of [true, false]) {
    await using before = await enrolled("s3", { clean: false });
    before.send(subscribe(1, [topic("lease", "s3"), 1], [topic("status", "s3"), 1]));
    await before.hear();
    before.send(publish({ topic: topic("status", "s3"), payload: status(newBoot(), "online"), id: 9 }));
    await before.hear(2);
    if (!there) await before[Symbol.asyncDispose]();
    await end();
    await before.rest();
    await using after = await openSocket(port.url);
    after.send(connect(as("s3", { clean: false })), pingreq);
    expect(await after.hear(2)).toEqual(["connack 0 0", "pingresp"]);
    await after[Symbol.asyncDispose]();
    await using again = await openSocket(port.url);
    again.send(connect(as("s3", { clean: false })), pingreq);
    expect(await again.hear(2)).toEqual(["connack 0 0", "pingresp"]);
  }
});

it("a stranger who uses a device's name wears out nothing; two with one credential are held apart and shown", async () => {
  await using stack = new AsyncDisposableStack();
  const first = stack.use(await enrolled("k2"));
  const strangers = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const stranger = stack.use(await openSocket(port.url));
      stranger.send(connect(as("k2", { password: randomBytes(32).toString("base64url") })));
      return stranger.rest();
    }),
  );
  expect(strangers).toEqual(strangers.map(() => ["connack 0 4"]));
  first.send(pingreq);
  expect(await first.hear()).toEqual(["pingresp"]);

  const answers: string[] = [];
  for (let i = 0; i < 5; i++) {
    const twin = stack.use(await openSocket(port.url));
    twin.send(connect(as("k2")));
    answers.push(...(await twin.hear()));
  }
  expect(answers).toEqual(["connack 0 0", "connack 0 0", "connack 0 0", "connack 0 2", "connack 0 2"]);
  expect((await view("k2")).faults).toContain("namesake");
});

it("a lasting session keeps nothing of what it was refused together with what it was granted", async () => {
  secrets.set("k5", await claim("k5", book().offer("k5", BY_GATEWAY).code));
  const lasting = as("k5", { clean: false });
  {
    await using away = await openClient(port.url, lasting);
    const refused = Array.from({ length: 100 }, (_, i): [string, 0 | 1] => [topic("status", `k${200 + i}`), 1]);
    away.send(subscribe(1, [topic("lease", "k5"), 1], [topic("status", "k4"), 1], ["#", 1], ...refused));
    expect(await away.hear()).toEqual([`suback 1 1${" 128".repeat(102)}`]);
  }
  await using other = await enrolled("k4");
  other.send(publish({ topic: topic("status", "k4"), payload: status(newBoot(), "online"), id: 9 }));
  expect(await other.hear()).toEqual(["puback 9"]);
  // What it had kept would be asked for again with the session, and denied again.
  const again = await deniedBy(async () => {
    await using back = await openSocket(port.url);
    back.send(connect(lasting), pingreq);
    expect(await back.hear(2)).toEqual(["connack 1 0", "pingresp"]);
  });
  expect(again).toEqual({});
});

it("nothing is kept for a connection beside that is away, whatever it asks for", async () => {
  const lasting = { id: "k4-aside-1", clean: false };
  {
    await using aside = await enrolled("k4", lasting);
    aside.send(subscribe(1, [topic("status", "k4"), 1]));
    await aside.hear();
  }
  await using client = await enrolled("k4");
  client.send(publish({ topic: topic("status", "k4"), payload: status(newBoot(), "online"), id: 9 }));
  expect(await client.hear()).toEqual(["puback 9"]);
  await using back = await openSocket(port.url);
  back.send(connect(as("k4", lasting)), pingreq);
  expect(await back.hear(2)).toEqual(["connack 0 0", "pingresp"]);
});

it("one device's credential holds few connections, and is shown where it wants more; others come in", async () => {
  await using stack = new AsyncDisposableStack();
  const answers: string[] = [];
  const denied = await deniedBy(async () => {
    for (let i = 0; i < 20; i++) {
      const beside = stack.use(await openSocket(port.url));
      beside.send(connect(as("k3", { id: `k3-aside-${i}` })));
      answers.push(...(await beside.hear()));
    }
  });
  expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => (i < 16 ? "connack 0 0" : "connack 0 3")));
  expect(denied).toEqual({ namesake: 4 });
  expect((await view("k3")).faults).toContain("namesake");
  await using other = await enrolled("k4");
  await stack.disposeAsync();
  await using again = await enrolled("k3");
  other.send(pingreq);
  again.send(pingreq);
  expect([await other.hear(), await again.hear()]).toEqual([["pingresp"], ["pingresp"]]);
});

it("what was done and denied to devices is in the audit log", async () => {
  const entries = async () =>
    (await port.gateway.pipeline.journal.auditAfter(0, 10_000)).map((entry) =>
      [entry.action, entry.scope, ...("reason" in entry ? [entry.reason] : [])].join(" "),
    );
  await expect
    .poll(entries)
    .toEqual(
      expect.arrayContaining([
        "device-claim-code device=k1",
        "device-enrolled device=k1",
        "device-revoked device=k5",
        "device-refused device=k3 publish",
        "device-refused device=k1 client-id",
      ]),
    );
});
