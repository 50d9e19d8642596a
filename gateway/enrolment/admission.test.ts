import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimPassword } from "#protocol/enrolment.ts";
import { Site } from "#protocol/site.ts";
import { delivery, isReadingChannel, topicFor } from "#protocol/topics.ts";
import { type Admit, type Caller, enrolledAdmission } from "./admission.ts";
import { type DeviceBook, openDeviceBook } from "./device-book.ts";
import { createDeviceRights } from "./rights.ts";

const T = 1_780_000_000_000;
const SOMEBODY = { actor: "somebody", role: "it-admin" };
const SECRET = "s".repeat(43);
/** One device is named like a second connection of another. */
const site = Site.parse({
  site: "demo",
  name: "Demo",
  timeZone: "Europe/Copenhagen",
  rooms: [{ id: "K1", name: "K1", kind: "shared-office", assigned: 3 }],
  devices: ["k1", "k2", "k3", "k4", "k1-aside-2"].map((id) => ({ id, room: "K1" })),
});

let folder: string;
let book: DeviceBook;
let admit: Admit;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fortrolig-admission-"));
  book = openDeviceBook(folder, { now: () => T });
  for (const device of ["k1", "k4"]) book.claim(device, book.offer(device, SOMEBODY).code, SECRET);
  book.revoke("k4", SOMEBODY);
  admit = enrolledAdmission(site, book);
});
afterAll(() => {
  book[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const k1: Caller = { clientId: "k1", username: "k1", password: SECRET, willTopic: undefined, certificate: undefined };
const certificate = { trusted: true, name: "k3", madeAt: T - 1 };
const k3: Caller = { ...k1, clientId: "k3", username: undefined, password: undefined, certificate };
const status = (device: string) => topicFor("demo", device, "status");

/** What came of it, and of which device it speaks. */
const outcome = (caller: Caller): string => {
  const verdict = admit(caller);
  return verdict.kind === "admitted" ? `in as ${verdict.rights.device}` : `${verdict.denial} ${verdict.device}`;
};

describe("who comes with", () => {
  it.each<[string, Caller, string]>([
    ["its secret, under its name", k1, "in as k1"],
    ["its secret, to see who uses its name", { ...k1, clientId: "k1-aside-0a1b2c3d" }, "in as k1"],
    ["its secret, and a will on its own status", { ...k1, willTopic: status("k1") }, "in as k1"],
    ["its certificate, and no user name", k3, "in as k3"],
    ["its certificate, and its user name", { ...k3, username: "k3" }, "in as k3"],
    ["nothing", { ...k1, username: undefined, password: undefined }, "no-credential undefined"],
    ["a name alone", { ...k1, password: undefined }, "no-credential k1"],
    ["a password that is no secret", { ...k1, password: "admin" }, "no-credential k1"],
    ["a device's name that the site has not", { ...k1, clientId: "k9", username: "k9" }, "unknown-device undefined"],
    ["another's secret", { ...k1, clientId: "k2", username: "k2" }, "wrong-secret k2"],
    ["its secret, under another's name", { ...k1, clientId: "k2" }, "client-id k1"],
    ["its secret, under no name", { ...k1, clientId: "" }, "client-id k1"],
    ["its secret, under another's name that looks like its own", { ...k1, clientId: "k1-aside-2" }, "client-id k1"],
    ["its secret, and a will on another's status", { ...k1, willTopic: status("k2") }, "will k1"],
    [
      "its secret, and a will where only the gateway speaks",
      { ...k1, willTopic: topicFor("demo", "k1", "lease") },
      "will k1",
    ],
    [
      "its secret, to see who uses its name, and a will",
      { ...k1, clientId: "k1-aside-1", willTopic: status("k1") },
      "will k1",
    ],
    ["a secret that was taken away", { ...k1, clientId: "k4", username: "k4" }, "revoked k4"],
    [
      "a certificate of somebody else's authority",
      { ...k3, certificate: { ...certificate, trusted: false } },
      "certificate k3",
    ],
    [
      "a certificate from before its device was revoked",
      { ...k3, clientId: "k4", certificate: { ...certificate, name: "k4" } },
      "certificate k4",
    ],
    [
      "a certificate and another's user name",
      { ...k3, clientId: "k1", username: "k1", password: SECRET },
      "certificate k3",
    ],
    ["a certificate, under another's name", { ...k3, clientId: "k1" }, "client-id k3"],
    [
      "a certificate of nobody we know",
      { ...k3, certificate: { ...certificate, name: "boss" } },
      "unknown-device undefined",
    ],
    [
      "a code that was never given",
      { ...k1, clientId: "k2-hello-1", username: "k2", password: claimPassword("0000-0000-0000-0000", SECRET) },
      "wrong-claim k2",
    ],
  ])("%s", (_, caller, expected) => {
    expect(outcome(caller)).toBe(expected);
  });

  it("a claim, under its device's own name, is not let take its place, and the code stays good", () => {
    const password = claimPassword(book.offer("k2", SOMEBODY).code, SECRET);
    const k2 = { ...k1, username: "k2", password };
    expect(
      [
        { ...k2, clientId: "k2" },
        { ...k2, clientId: "k1-hello-1" },
        { ...k2, clientId: "k2-hello-1" },
      ].map(outcome),
    ).toEqual(["client-id k2", "client-id k2", "in as k2"]);
    expect(outcome({ ...k1, clientId: "k2", username: "k2" })).toBe("in as k2");
  });
});

describe("a device may", () => {
  const rightsOf = createDeviceRights(site);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const own = (channel: keyof typeof delivery) => topicFor("demo", "k1", channel);

  it("say its own readings and hear its own commands, and look on or say hello with less", () => {
    const channels = Object.keys(delivery) as (keyof typeof delivery)[];
    const all = (["device", "aside", "hello"] as const).map((purpose) => {
      const { maySay, mayHear, readings } = rightsOf("k1", purpose);
      const taken = (topic: string) => readings.find(bytes(topic), 0, topic.length) !== undefined;
      return {
        says: channels.filter((channel) => maySay(own(channel))),
        hears: channels.filter((channel) => mayHear(own(channel))),
        taken: channels.filter((channel) => taken(own(channel))),
      };
    });
    expect(all).toEqual([
      {
        says: ["birth", "status", "state", "level", "bands", "stats", "health"],
        hears: ["status", "receipt", "config", "lease", "indicator", "error"],
        taken: ["state", "level", "stats", "health"],
      },
      { says: [], hears: ["status"], taken: [] },
      { says: [], hears: [], taken: [] },
    ]);
  });

  it("say and hear nothing else, however it is written", () => {
    const { maySay, mayHear, readings } = rightsOf("k1", "device");
    const level = fc.oneof(
      fc.constantFrom(
        "fortrolig",
        "v1",
        "demo",
        "elsewhere",
        "k1",
        "k2",
        "K1",
        "+",
        "#",
        "",
        "$SYS",
        "$share",
        "room",
        "gateway",
        "claim",
      ),
      fc.constantFrom(...Object.keys(delivery)),
      fc.string({ maxLength: 4 }),
    );
    const topics = fc.array(level, { maxLength: 7 }).map((levels) => levels.join("/"));
    const near = fc.tuple(fc.constantFrom("demo", "elsewhere", "+"), fc.constantFrom("k1", "k2", "+", "K1"), level);
    fc.assert(
      fc.property(
        fc.oneof(
          topics,
          near.map(([s, d, c]) => `fortrolig/v1/${s}/${d}/${c}`),
        ),
        (topic) => {
          const channel = topic.startsWith("fortrolig/v1/demo/k1/") ? topic.slice("fortrolig/v1/demo/k1/".length) : "";
          const itsOwn = Object.hasOwn(delivery, channel);
          const encoded = bytes(topic);
          const taken = readings.find(encoded, 0, encoded.length);
          if (!itsOwn) expect([maySay(topic), mayHear(topic), taken]).toEqual([false, false, undefined]);
          else
            expect([maySay(topic), mayHear(topic)]).toEqual([
              isReadingChannel(channel),
              !isReadingChannel(channel) || channel === "status",
            ]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
