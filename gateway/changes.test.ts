/** What is in force, through a real journal and restarts. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { measuringHours } from "#protocol/measuring-hours.ts";
import { governed } from "./agreed-config.ts";
import type { Who } from "./approval/request.ts";
import { heldBack } from "./approval/state.ts";
import { DAY, dpo, HOUR, lead, REASON, rep, START, told } from "./approval/story.fixture.ts";
import { type Changes, openChanges } from "./changes.ts";
import { handClock } from "./clock.ts";
import { type Config, readConfig } from "./config.ts";
import type { Journal } from "./journal/journal.ts";
import { openJournal } from "./journal/open-journal.ts";

const house = {
  site: "house",
  name: "The house",
  timeZone: "Europe/Copenhagen",
  openingHours: { monday: { from: "08:00", until: "16:00" } },
  policy: { measuring: "opening-hours" },
  rooms: [
    { id: "K1", name: "K1", kind: "shared-office", assigned: 3 },
    { id: "K6", name: "K6", kind: "private-office", assigned: 1 },
  ],
  boundaries: [{ between: ["K1", "K6"], kind: "wall", rw: 40 }],
  devices: [{ id: "k1", room: "K1" }],
};
const wider = {
  ...house,
  name: "The same house",
  policy: { measuring: "always", conversationAlertAfterS: 120 },
  openingHours: { monday: { from: "07:00", until: "15:00" }, tuesday: { from: "08:00", until: "16:00" } },
  rooms: [
    { id: "K1", name: "K1", kind: "shared-office", assigned: 2 },
    { id: "K6", name: "K6", kind: "private-office", assigned: 3 },
    { id: "K7", name: "K7", kind: "shared-office", assigned: 3 },
  ],
  boundaries: [...house.boundaries, { between: ["K7", "K6"], kind: "door", rw: 30 }],
  devices: [
    { id: "k1", room: "K6" },
    { id: "k7", room: "K7" },
    { id: "k8", room: "K1" },
  ],
};

/** Its only request, as it stands. */
const approve = (changes: Changes, who: Who) =>
  changes.wish({ kind: "approve", id: 1, who, shown: changes.state().requests[0]! });

let folder: string;
let journal: Journal;
const clock = handClock(START);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-changes-"));
  journal = await openJournal(folder);
});
afterEach(async () => {
  await journal[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function configOf(site: object, settings: object = {}): Promise<Config> {
  const siteFile = join(folder, "site.yaml");
  const file = join(folder, "settings.yaml");
  await writeFile(siteFile, stringify(site));
  await writeFile(file, stringify({ ...settings, site: siteFile, data: folder }));
  return readConfig({}, {}, file);
}
const start = async (site: object, settings: object = {}) =>
  openChanges({ journal, clock, config: await configOf(site, settings) });
const entered = async () =>
  (await journal.auditAfter(0, 10_000)).map(({ scope }) => new URLSearchParams(scope).get("event"));

describe("the configuration", () => {
  it("of the first start is in force as it is, and that is entered in the audit log", async () => {
    const config = await configOf(house);
    const opened = await openChanges({ journal, clock, config });
    await using _ = opened.changes;
    expect(opened.config).toEqual(config);
    expect(await journal.auditAfter(0, 10_000)).toMatchObject([
      {
        actor: "gateway",
        role: "gateway",
        action: "configuration-change",
        object: "settings",
        scope: "event=baseline",
        count: Object.keys(governed(config)).length,
      },
    ]);
  });

  it("of who signs people in is held back: another provider vouches for nobody, another group is worth nothing", async () => {
    const oidc = (issuer: string, groups: object) => ({ oidc: { issuer, clientId: "fortrolig", groups } });
    const leads = { roles: ["team-lead"], rooms: ["K1"] };
    await (await start(house, oidc("https://id.example", { leads }))).changes[Symbol.asyncDispose]();
    const wider = { leads: { ...leads, rooms: ["K1", "K6"] }, all: { roles: ["dpo"] } };
    const first = await start(house, oidc("https://id.example", wider));
    expect(first.config.oidc?.groups).toEqual({ leads });
    await first.changes[Symbol.asyncDispose]();
    const second = await start(house, oidc("https://other.example", { leads }));
    await using _ = second.changes;
    expect(second.config.oidc).toBeUndefined();
  });

  it.each(["?@localhost", "#@127.0.0.1:8883"])("of a broker elsewhere is not taken for one here by %s", async (end) => {
    await (await start(house)).changes[Symbol.asyncDispose]();
    await expect(start(house, { broker: `mqtts://broker.example.org${end}` })).rejects.toThrow("broker: to be changed");
  });

  it("whose opening hours are taken away measures nothing: by the file, which says so, or day by day", async () => {
    const sundayNight = START - 29 * HOUR;
    const week = Array.from({ length: 7 * 24 }, (_, n) => sundayNight + n * HOUR);
    const { openingHours: _hours, ...hourless } = house;
    await expect(start(hourless)).rejects.toThrow(
      /policy\.measuring: is opening-hours, and the site has no openingHours/,
    );
    {
      const { changes, config } = await start(house);
      await using _ = changes;
      expect(week.filter(measuringHours(config.site)).length).toBe(8);
      const closed = { "openingHours.monday.from": "16:00", "openingHours.monday.until": "16:00" };
      expect(changes.faultOf(closed)).toBeUndefined();
      const wish = { kind: "ask", who: rep, wanted: closed, reason: REASON, until: null } as const;
      expect(told(await changes.wish(wish))).toEqual(["narrowing"]);
    }
    for (const site of [house, { ...hourless, policy: { measuring: "always" } }]) {
      const { changes, config } = await start(site);
      await using _ = changes;
      expect(config.site).toMatchObject({ openingHours: {}, policy: { measuring: "opening-hours" } });
      expect(week.filter(measuringHours(config.site))).toEqual([]);
    }
  });

  it("that widens is held back, and what it narrows is so at once", async () => {
    await (await start(house)).changes[Symbol.asyncDispose]();
    const opened = await start(wider, {
      webhooks: { duty: { url: "https://hooks.example.org/secret", secret: "x".repeat(16) } },
    });
    await using changes = opened.changes;
    const { site, webhooks } = opened.config;
    expect({ ...site, rooms: site.rooms.map(({ id, assigned }) => [id, assigned]) }).toMatchObject({
      name: { en: "The same house" },
      policy: { measuring: "opening-hours", conversationAlertAfterS: 120 },
      openingHours: { monday: { from: "08:00", until: "15:00" } },
      rooms: [
        ["K1", 2],
        ["K6", 1],
        ["K7", 1],
      ],
      boundaries: [{ between: ["K1", "K6"] }],
      devices: [
        { id: "k1", room: "K6" },
        { id: "k7", room: "K7" },
        { id: "k8", room: "K1", silent: true },
      ],
    });
    expect([Object.keys(site.openingHours), webhooks]).toEqual([["monday"], {}]);
    expect(heldBack(changes.state()).map(({ path }) => path)).toEqual([
      "boundaries.K6|K7.kind",
      "devices.k1@K6.room",
      "devices.k1@K6.silent",
      "devices.k7@K7.room",
      "devices.k7@K7.silent",
      "devices.k8@K1.room",
      "devices.k8@K1.silent",
      "openingHours.monday.from",
      "openingHours.tuesday.from",
      "openingHours.tuesday.until",
      "policy.measuring",
      "rooms.K6.assigned",
      "rooms.K7.assigned",
      "rooms.K7.kind",
      "webhooks.duty.url",
    ]);
    expect(await journal.note("changes")).not.toContain("secret");
    expect(await entered()).toEqual(["baseline", "narrowing", "requested"]);
  });

  it("that cannot be had as it was stops the start, and says what to do", async () => {
    await (await start(house)).changes[Symbol.asyncDispose]();
    await expect(start(house, { history: "influxdb://u:pass@db.example.org:8086/x" })).rejects.toThrow(
      "history: to be changed, it needs two approvals and a notice; start with what it was (sqlite), and ask for it under Changes",
    );
    await (await start(house, { history: "influxdb://u:pass@127.0.0.1:8086/x" })).changes[Symbol.asyncDispose]();
  });

  it("is in force after approvals and notice, across restarts, told once, and back at its end", async () => {
    let opened = await start(house);
    let reopened = 0;
    const until = clock.now() + 100 * DAY;
    const wanted = { "retention.raw": 30 };
    opened.changes.onInForce(() => reopened++);
    expect(told(await opened.changes.wish({ kind: "ask", who: lead, wanted, reason: REASON, until }))).toEqual([
      "requested",
    ]);
    expect(told(await approve(opened.changes, dpo))).toEqual(["approved"]);
    await opened.changes[Symbol.asyncDispose]();
    opened = await start(house);
    opened.changes.onInForce(() => reopened++);
    expect(told(await approve(opened.changes, rep))).toEqual(["approved", "notice"]);
    const goOn = async (days: number) => {
      for (let hour = 0; hour < days * 24; hour++) {
        clock.advanceTo(clock.now() + HOUR);
        await opened.changes.wish({ kind: "refuse", id: 99, who: rep });
      }
    };
    await goOn(13);
    expect([reopened, opened.config.retention.raw]).toEqual([0, 14]);
    await goOn(1);
    expect(reopened).toBe(1);
    await opened.changes[Symbol.asyncDispose]();
    opened = await start(house);
    opened.changes.onInForce(() => reopened++);
    expect(opened.config.retention).toEqual({ raw: 30, minute: 400, hour: 1826, episodes: 400 });
    clock.advanceTo(until);
    await opened.changes.wish({ kind: "refuse", id: 99, who: rep });
    expect(reopened).toBe(2);
    await opened.changes[Symbol.asyncDispose]();
    const last = await start(house);
    await using _ = last.changes;
    expect(last.config.retention.raw).toBe(14);
  });

  it("that knew no end of what the journal keeps is given one by the first start that has it, which is told", async () => {
    await (await start(house)).changes[Symbol.asyncDispose]();
    const { "retention.episodes": _, ...before } = JSON.parse((await journal.note("changes"))!).agreed;
    const old = { ...JSON.parse((await journal.note("changes"))!), agreed: before, file: before };
    await journal.setNote("changes", JSON.stringify(old));
    const first = await start(house, { retention: { episodes: 500 } });
    expect([first.config.retention.episodes, await entered()]).toEqual([500, ["baseline", "narrowing"]]);
    await first.changes[Symbol.asyncDispose]();
    const second = await start(house, { retention: { episodes: 600 } });
    await using changes = second.changes;
    expect([second.config.retention.episodes, heldBack(changes.state()).map(({ path }) => path)]).toEqual([
      500,
      ["retention.episodes"],
    ]);
  });

  it("does not change when it cannot be entered in the audit log", async () => {
    const failing: typeof journal = Object.create(journal);
    const opened = await openChanges({ journal: failing, clock, config: await configOf(house) });
    await using changes = opened.changes;
    failing.setNoteAudited = () => Promise.reject(new Error("the disk is full"));
    const wish = { kind: "ask", who: rep, wanted: { "retention.raw": 7 }, reason: "", until: null } as const;
    await expect(changes.wish(wish)).rejects.toThrow("the disk is full");
    expect(changes.state().agreed["retention.raw"]).toBe(14);
  });
});
