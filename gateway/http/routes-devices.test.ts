/** Enrolment over HTTP: codes are told once, by those who manage devices, and what they do is entered under their name. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type DeviceBook, openDeviceBook } from "../enrolment/device-book.ts";
import { type House, NOON, openHouse } from "./house.fixture.ts";
import { bearer } from "./people.fixture.ts";

const SECRET = "s".repeat(43);
const ADMIN = bearer("it-admin");

let folder: string;
let book: DeviceBook;
let house: House;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fortrolig-enrolments-"));
  book = openDeviceBook(folder, { now: () => NOON });
  house = await openHouse({ enrolments: book });
});
afterEach(async () => {
  await house[Symbol.asyncDispose]();
  book[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

const ask = async (method: "GET" | "POST" | "DELETE", path: string, headers: Record<string, string> = ADMIN) => {
  const answer = await house.app.inject({ method, url: `/api/v1/enrolments${path}`, headers });
  return { status: answer.statusCode, body: answer.json() };
};

it("a device is given a code, claims with it, is listed, and has it taken away", async () => {
  const { body } = await ask("POST", "/k1");
  expect(body).toEqual({
    device: "k1",
    code: expect.stringMatching(/^\S{4}(-\S{4}){3}$/),
    until: "2026-11-30T12:00:00.000Z",
    broker: "mqtt://127.0.0.1:1883",
  });
  expect(book.claim("k1", body.code, SECRET)).toBe(true);
  const rows = (await ask("GET", "", bearer("staff-rep"))).body as { device: string }[];
  expect(rows.filter(({ device }) => ["k1", "k2"].includes(device))).toEqual([
    { device: "k1", credential: "secret", since: "2026-11-23T12:00:00.000Z", claimUntil: null },
    { device: "k2", credential: "none", since: null, claimUntil: null },
  ]);
  expect(JSON.stringify(rows)).not.toContain(body.code);
  expect((await ask("DELETE", "/k1")).body).toMatchObject({ device: "k1", credential: "revoked" });
  expect(book.accepts("k1", SECRET)).toBe(false);
  expect(book.deedsToEnter().map(({ action, actor, role }) => [action, actor, role])).toEqual([
    ["device-claim-code", "it-admin", "it-admin"],
    ["device-enrolled", "k1", "device"],
    ["device-revoked", "it-admin", "it-admin"],
  ]);
});

it("of no device that the site has not, and of none where nobody needs a credential", async () => {
  expect([(await ask("POST", "/k99")).status, (await ask("DELETE", "/k99")).status]).toEqual([404, 404]);
  expect([(await ask("DELETE", "/k1", bearer("facilities"))).status, book.of("k1").credential]).toEqual([403, "none"]);
  await using open = await openHouse({ enrolments: undefined });
  const refused = await open.app.inject({ method: "POST", url: "/api/v1/enrolments/k1", headers: ADMIN });
  const listed = await open.app.inject({ url: "/api/v1/enrolments", headers: ADMIN });
  expect([refused.statusCode, listed.json()[0]]).toEqual([
    409,
    { device: "k1", credential: "not-needed", since: null, claimUntil: null },
  ]);
});
