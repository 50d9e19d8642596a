/** A gateway whose site file was changed between two starts, and one whose settings are narrowed while it runs. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { heldBack } from "#gateway/approval/state.ts";
import type { DeviceView, RoomView } from "#protocol/api.ts";
import { localTime } from "#protocol/calendar.ts";
import type { ChangesView } from "#protocol/changes.ts";
import type { Role } from "#protocol/roles.ts";
import { asking } from "./asking.ts";
import { temporaryFolder } from "./folder.ts";
import { get, metric, runGateway } from "./running-gateway.ts";
import { connectSpeaker, quietLevel, roomState, wellness } from "./speaker.ts";

const DEMO_SITE = new URL("../../protocol/demo-site.yaml", import.meta.url);
const DAY = 86_400_000;
const Loose = z.looseObject({ policy: z.looseObject({}), rooms: z.array(z.looseObject({ id: z.string() })) });

it("what the site file widens waits, what it narrows is so, and everybody can see which", async () => {
  await using folder = await temporaryFolder();
  const settings = { data: join(folder.path, "data"), site: join(folder.path, "site.yaml") };
  const site = Loose.parse(parse(await readFile(DEMO_SITE, "utf8")));
  const { devices, policy, rooms } = site as typeof site & { devices: { id: string; room: string }[] };
  await writeFile(settings.site, stringify(site));
  {
    await using gateway = await runGateway(settings);
    expect(heldBack(gateway.changes.state())).toEqual([]);
  }
  const changed = {
    ...site,
    policy: { ...policy, measuring: "always", conversationAlertAfterS: 120 },
    rooms: rooms.map((room) => (room.id === "K6" ? { ...room, assigned: 2 } : room)),
    devices: [...devices, { id: "k1-2", room: "K1" }],
  };
  await writeFile(settings.site, stringify(changed));
  for (const start of ["the first", "the second"]) {
    await using gateway = await runGateway(settings);
    const { policy: inForce, rooms: inside, devices: heard } = gateway.config.site;
    expect({
      start,
      inForce,
      alone: inside.find(({ id }) => id === "K6")?.assigned,
      added: heard.find(({ id }) => id === "k1-2"),
      requests: gateway.changes.state().requests.map(({ id, origin, phase }) => [id, origin, phase.kind]),
      heldBack: heldBack(gateway.changes.state()).map(({ path }) => path),
    }).toEqual({
      start,
      inForce: { ...inForce, measuring: "opening-hours", conversationAlertAfterS: 120 },
      alone: 1,
      added: { id: "k1-2", room: "K1", silent: true },
      requests: [[1, "file", "requested"]],
      heldBack: [
        "devices.k1-2@K1.room",
        "devices.k1-2@K1.silent",
        "devices.k6@K6.room",
        "devices.k6@K6.silent",
        "policy.measuring",
        "rooms.K6.assigned",
      ],
    });
    const entered = await gateway.pipeline.journal.auditAfter(0, 10_000);
    const changes = entered.filter(({ action }) => action === "configuration-change");
    expect(changes.map(({ scope }) => new URLSearchParams(scope).get("event"))).toEqual([
      "baseline",
      "narrowing",
      "requested",
    ]);
  }
});

it("outside the agreed hours nobody is measured, whatever the site file and a device say; its own time decides", async () => {
  await using folder = await temporaryFolder();
  const settings = { data: join(folder.path, "data"), site: join(folder.path, "site.yaml") };
  const site = Loose.parse(parse(await readFile(DEMO_SITE, "utf8")));
  const now = Date.now();
  const agreedTime = now - 3 * DAY;
  const openingHours = { [localTime(agreedTime, "Europe/Copenhagen").weekday]: { from: "00:00", until: "24:00" } };
  await writeFile(settings.site, stringify({ ...site, openingHours }));
  await (await runGateway(settings))[Symbol.asyncDispose]();
  await writeFile(settings.site, stringify({ ...site, openingHours, policy: { ...site.policy, measuring: "always" } }));

  await using gateway = await runGateway(settings);
  expect(heldBack(gateway.changes.state()).map(({ path }) => path)).toEqual(["policy.measuring"]);
  await using device = await connectSpeaker(gateway.broker, "k1", "0a1b2c3d");
  const receipts: unknown[] = [];
  device.client.on("message", (_topic, payload) => receipts.push(JSON.parse(payload.toString())));
  await device.client.subscribeAsync("fortrolig/v1/jobcentre/k1/receipt");
  await device.say("health", now, wellness);
  await device.say("state", now, roomState("on", now - 120_000));
  await device.say("level", now, quietLevel);
  await device.say("level", agreedTime, quietLevel);
  await device.say("health", now + 1000, wellness);
  await expect.poll(() => receipts.at(-1)).toEqual({ boot: "0a1b2c3d", through: 4, beyond: [] });
  await gateway.pipeline.settled();

  const rooms = await get<RoomView[]>(gateway.url, "/api/v1/rooms");
  expect(rooms.find(({ id }) => id === "K1")).toMatchObject({
    conversation: "unknown",
    occupied: null,
    privacy: "unknown",
  });
  const devices = await get<DeviceView[]>(gateway.url, "/api/v1/devices");
  expect(devices.find(({ id }) => id === "k1")).toMatchObject({ mode: "measuring", received: 3, refused: 2 });
  expect(await metric(gateway.url, "fortrolig_messages_refused_total")).toMatchObject({
    "outside-hours": 2,
    schema: 0,
  });
  const kept = await gateway.pipeline.journal.messagesAfter(0, 100);
  expect(kept.map(({ channel, seq }) => [channel, seq])).toEqual([
    ["health", 0],
    ["level", 3],
    ["health", 4],
  ]);
  expect(await gateway.pipeline.journal.quarantined(100)).toEqual([]);
});

it("a narrowing is in force while the gateway runs, at the same address", async () => {
  await using folder = await temporaryFolder();
  await using gateway = await runGateway({ data: join(folder.path, "data") });
  const { url, broker } = gateway;
  const answer = await fetch(`${url}/api/v1/changes`, {
    method: "POST",
    headers: { ...asking(url, "", "staff-rep"), "content-type": "application/json" },
    body: JSON.stringify({ wanted: { "retention.raw": 7, "rooms.K1.assigned": 1, "devices.s5@S5.room": null } }),
  });
  expect([answer.status, ((await answer.json()) as ChangesView).requests]).toEqual([200, []]);
  await expect.poll(() => gateway.config.retention.raw).toBe(7);
  expect(gateway.config.site.rooms.find(({ id }) => id === "K1")?.assigned).toBe(1);
  expect([gateway.url, gateway.broker]).toEqual([url, broker]);
  const rooms = await get<RoomView[]>(url, "/api/v1/rooms");
  const told = ["K1", "S4", "S5"].map((room) => rooms.find(({ id }) => id === room));
  expect(told.map((room) => [room?.id, room?.conversation, room?.reason])).toEqual([
    ["K1", "unknown", "silent-room"],
    ["S4", "unknown", "starting"],
    ["S5", "unknown", "no-device"],
  ]);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});

it("a widening is asked for and approved by people who have signed in, and by no program", async () => {
  await using folder = await temporaryFolder();
  await using gateway = await runGateway({ data: join(folder.path, "data") });
  const { url, access } = gateway;
  const post = async (path: string, headers: Record<string, string>, body?: object) => {
    const answer = await fetch(`${url}/api/v1/changes${path}`, {
      method: "POST",
      headers: { ...headers, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return [answer.status, ((await answer.json()) as Partial<ChangesView>).requests?.[0]?.phase];
  };
  const session = async (role: Role) => {
    const { link } = access.people.invite(role, { roles: [role], rooms: [] }, "machine");
    const from = { address: "127.0.0.1", session: undefined, browser: undefined };
    const answer = await access.signIn.byLink(link, { password: "hat river ladder moon" }, from);
    if (answer.kind !== "signed-in") throw new Error(`${role} does not get in`);
    return { cookie: `${access.cookies.session}=${answer.session}`, "sec-fetch-site": "same-origin" };
  };
  const [dpo, rep] = [await session("dpo"), await session("staff-rep")];
  const until = new Date(Date.now() + 100 * 86_400_000).toISOString();
  const wish = { wanted: { "policy.measuring": "always" }, reason: "An evening school moves in.", until };
  expect(await post("", asking(url, "", "facilities"), wish)).toEqual([200, "requested"]);
  const { requests } = (await (await fetch(`${url}/api/v1/changes`)).json()) as ChangesView;
  const { requestedAt, changes } = requests[0]!;
  const approve = (headers: Record<string, string>) => post("/1/approve", headers, { requestedAt, changes });
  expect([
    await approve(asking(url, "", "dpo")),
    await approve({ ...dpo, "sec-fetch-site": "cross-site" }),
    await approve(dpo),
    await approve(dpo),
    await approve(rep),
  ]).toEqual([
    [403, undefined],
    [403, undefined],
    [200, "requested"],
    [409, undefined],
    [200, "notice"],
  ]);
  const told = (await (await fetch(`${url}/api/v1/changes`)).json()) as ChangesView;
  expect(told.requests.map(({ phase, reason, daysLeft }) => [phase, reason, daysLeft])).toEqual([["notice", null, 42]]);
  expect(gateway.config.site.policy.measuring).toBe("opening-hours");
});
