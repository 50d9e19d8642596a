/**
 * Two strict houses that differ in what goes on in their offices give the same answers, to everybody, on every address and
 * in the stream.
 */
import { expect, it } from "vitest";
import type { Severity } from "#protocol/api.ts";
import type { Site } from "#protocol/site.ts";
import { fire, pend, pendOverheard, resolve } from "../alerts/lifecycle.ts";
import { readConfig } from "../config.ts";
import { createLiveViews, type LiveViews } from "../deliver/live-views.ts";
import { deviceView, unknownDevice } from "../ingest/device.ts";
import type { Journal } from "../journal/journal.ts";
import { type House, NOON, openHouse } from "./house.fixture.ts";
import { bearer } from "./people.fixture.ts";

const MINUTE = 60_000;
const { site: demo } = readConfig({});
const siteWith = (privacy: "normal" | "strict"): Site => ({ ...demo, policy: { ...demo.policy, privacy } });
const ROOMS = demo.rooms.map(({ id }) => id).join(",");
const PEOPLE = ["team-lead", "room-staff", "facilities", "dpo", "staff-rep", "it-admin", "room-staff+facilities"];
const ADDRESSES = [
  ..."site rooms free-rooms alerts alerts?state=pending alerts?state=firing alerts?state=resolved".split(" "),
  ..."devices pairs leakage status pairs/K1/G1 pairs/S1/G1 history/K1 history/G1".split(" "),
];

/**
 * What goes on in the conversation room S1, which everybody may know of who sees it live: also that it is overheard. How
 * grave that is depends on whether somebody is in the office that hears it.
 */
async function talkElsewhere(live: LiveViews, journal: Journal, severity: Severity): Promise<void> {
  live.situation({ room: "S1", conversation: "on", reason: null, occupied: true, since: NOON });
  live.situation({ room: "G1", conversation: "off", reason: null, occupied: false, since: NOON });
  const begun = pendOverheard(["S1", "K1"], NOON - 3 * MINUTE, severity, "clearly");
  const told = fire(begun.alert, severity, NOON - 2 * MINUTE);
  await journal.record({ transitions: [begun, told] });
  live.alert(told.alert);
}

const heardAt = (from: string, to: string) => ({
  from,
  to,
  state: "overheard" as const,
  reason: null,
  reasonRoom: null,
  link: true,
  audibility: { snr: 2, sigma: 1, sii5: 0.4, probability: 0.98, hearing: "clearly" as const },
});

/** Somebody talks in the office K1, is heard in the corridor, is told so, and stops; the sensor next door is overdriven by it. */
async function talkInTheOffice(live: LiveViews, journal: Journal): Promise<void> {
  live.situation({ room: "K1", conversation: "on", reason: null, occupied: true, since: NOON - 3 * MINUTE });
  live.pair(heardAt("K1", "G1"));
  live.pair({ ...heardAt("G1", "K1"), state: "unknown", reason: "clipped", reasonRoom: "K1", audibility: null });
  const begun = [
    pend("K1", NOON - 3 * MINUTE, "critical"),
    pendOverheard(["K1", "G1"], NOON - 3 * MINUTE, "critical", "clearly"),
  ];
  const told = begun.map(({ alert }) => fire(alert, alert.severity, NOON - 2 * MINUTE));
  const [over] = told.map(({ alert }) => resolve(alert, "conversation-ended", NOON - MINUTE));
  const waiting = pend("K2", NOON - MINUTE, "warning");
  await journal.record({ transitions: [...begun, ...told, over!, waiting] });
  for (const { alert } of [...told, over!]) live.alert(alert);
}

const openedIn = (privacy: "normal" | "strict"): Promise<House & { readonly views: LiveViews }> => {
  const site = siteWith(privacy);
  const devices = site.devices.map(({ id, room }) => deviceView(unknownDevice(id, room, NOON), NOON));
  const views = createLiveViews({ site, startedAt: NOON, devices: () => devices });
  return openHouse({ site, live: views }).then((house) => Object.assign(house, { views }));
};

/** What the stream says, without its ids, from its opening until the marker. */
async function streamOf(
  house: House & { views: LiveViews },
  who: string,
  happen: () => Promise<void>,
): Promise<string> {
  const { port } = house.app.server.address() as { port: number };
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/stream`, { headers: bearer(`${who} ${ROOMS}`) });
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader.read()).value!;
  await happen();
  const marker = { state: "waiting", reason: "busy", behind: 4242, oldest: null } as const;
  house.views.status({ history: marker, journal: { state: "ok", reason: null } });
  while (!text.includes("4242")) text += (await reader.read()).value;
  await reader.cancel();
  return text.replaceAll(/^id: .*$/gm, "");
}

/** By who asks, and for what. */
async function everythingTold(privacy: "normal" | "strict", talks: boolean): Promise<Record<string, string>> {
  await using house = await openedIn(privacy);
  await house.app.listen({ port: 0, host: "127.0.0.1" });
  await talkElsewhere(house.views, house.journal, talks ? "critical" : "warning");
  const happen = async () => {
    if (talks) await talkInTheOffice(house.views, house.journal);
  };
  const streams: Record<string, string> = {};
  for (const [i, who] of PEOPLE.entries()) streams[who] = await streamOf(house, who, i === 0 ? happen : async () => {});
  const answers: Record<string, string> = {};
  for (const who of PEOPLE)
    for (const address of ADDRESSES) {
      const answer = await house.app.inject({ url: `/api/v1/${address}`, headers: bearer(`${who} ${ROOMS}`) });
      answers[`${who} ${address}`] = `${answer.statusCode} ${answer.body}`;
    }
  return { ...streams, ...answers };
}

const bodyOf = (answer = ""): unknown => JSON.parse(answer.slice("200 ".length));
/** The names of answers that are not the same. */
const differing = (one: Record<string, string>, other: Record<string, string>) =>
  Object.keys(one).filter((name) => one[name] !== other[name]);

/** Alerts that are over, which are told to who sees all of the past. */
const isPastOfAll = (name: string) => /^(dpo|staff-rep) alerts(\?state=resolved)?$/.test(name);

it("whether somebody talks in an office, and is overheard, cannot be told from any answer", async () => {
  const [calm, talk] = [await everythingTold("strict", false), await everythingTold("strict", true)];
  expect(differing(calm, talk).filter((name) => !isPastOfAll(name))).toEqual([]);
  const past = bodyOf(talk["dpo alerts"]) as { room: string; state: string }[];
  expect(past.map(({ room, state }) => `${room} ${state}`)).toEqual(["K1 resolved"]);
  const rooms = bodyOf(talk["team-lead rooms"]) as { id: string; privacy: string }[];
  expect(rooms.map(({ id, privacy }) => `${id} ${privacy}`)).toEqual([
    "K6 unknown",
    "S1 overheard",
    "S2 unknown",
    "S3 unknown",
    "S4 unknown",
    "S5 unknown",
    "V1 unknown",
    "G1 unknown",
  ]);
});

it("in a normal house it can, by who sees the office live", async () => {
  const [calm, talk] = [await everythingTold("normal", false), await everythingTold("normal", true)];
  expect(differing(calm, talk)).toEqual(
    expect.arrayContaining(["team-lead", "room-staff", "team-lead rooms", "team-lead alerts", "room-staff pairs"]),
  );
});
