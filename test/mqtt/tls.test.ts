/** The broker's TLS port: which versions and certificates come in, what expires, what is read again; and a device's whole life on it. */
import { once } from "node:events";
import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { join } from "node:path";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BY_GATEWAY } from "#gateway/audit/entry.ts";
import type { DeviceView } from "#protocol/api.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { startProgram } from "#test/journeys/program.ts";
import { get, metric, startGatewayProcess } from "#test/journeys/running-gateway.ts";
import { watchStalls } from "#test/journeys/stalls.ts";
import { type Authority, bytesOf, makeAuthority, type Signed } from "#test/services/certificates.ts";
import { connect, pingreq, publish } from "./packets.ts";
import { level, newBoot, openPort, type Port, reading, topic } from "./port.ts";
import { openClient, openSocket } from "./raw-client.ts";

const stack = new AsyncDisposableStack();
let folder: string;
let authority: Authority;
let server: Signed;
let ca: Buffer;
let port: Port;
beforeAll(async () => {
  folder = stack.use(await temporaryFolder()).path;
  authority = await makeAuthority(folder);
  ca = await readFile(authority.ca);
  server = await authority.sign("broker");
  port = stack.use(
    await openPort({
      mqttCert: server.cert,
      mqttKey: server.key,
      mqttClientCa: authority.ca,
      deviceAccess: "enrolled",
    }),
  );
});
afterAll(() => stack.disposeAsync());

/** The negotiated version, or what went wrong. */
function versionOf(options: ConnectionOptions): Promise<string> {
  const { hostname: host, port: at } = new URL(port.url);
  return new Promise((resolve) => {
    const socket: TLSSocket = connectTls({ ca, ...options, host, port: Number(at) });
    socket.once("secureConnect", () => {
      resolve(socket.getProtocol() ?? "none");
      socket.destroy();
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

describe("the port speaks", () => {
  it("TLS 1.3, 1.2 where that is all that a client knows, nothing older, and no plain MQTT", async () => {
    expect(port.url).toMatch(/^mqtts:/);
    expect(await versionOf({})).toBe("TLSv1.3");
    expect(await versionOf({ maxVersion: "TLSv1.2" })).toBe("TLSv1.2");
    expect(await versionOf({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" })).not.toMatch(
      /^TLS/,
    );
    const plain = connectTcp(Number(new URL(port.url).port), "127.0.0.1")
      .resume()
      .on("error", () => {});
    plain.write(connect({ id: "k1" }));
    await once(plain, "close");
    expect((await port.denied()).handshake).toBeGreaterThanOrEqual(2);
  });
});

describe("who comes with a certificate", () => {
  const letIn = async (signed: Signed, id: string, user?: string): Promise<string[]> => {
    await using client = await openSocket(port.url, { ca, ...(await bytesOf(signed)) });
    client.send(connect({ id, ...(user !== undefined && { user }) }), pingreq);
    return await client.hear(2).catch(() => client.rest().then(() => ["closed"]));
  };

  it("of our authority, CN being the device, is that device, and may do no more than it", async () => {
    const [boot, other] = [newBoot(), newBoot()];
    await using client = await openClient(
      port.url,
      { id: "k1" },
      { ca, ...(await bytesOf(await authority.sign("k1"))) },
    );
    client.send(reading(boot, 0), publish({ topic: topic("level", "k2"), payload: level(other, 0), id: 7 }));
    expect((await client.hear(2)).sort()).toEqual(["puback 1", "puback 7"]);
    expect(await port.storedOf([boot, other])).toEqual([[0], []]);
    expect(await letIn(await authority.sign("k2"), "k1")).toEqual(["closed"]);
  });

  it("of another authority, or of nobody we know, is not let in", async () => {
    const stranger = await makeAuthority(folder, "stranger");
    expect(await letIn(await stranger.sign("k3"), "k3")).toEqual(["closed"]);
    expect(await letIn(await authority.sign("boss"), "boss")).toEqual(["closed"]);
    expect(await port.denied()).toMatchObject({ certificate: 1, "unknown-device": 1 });
  });

  it("and is revoked, is cut off and not let in with it again", async () => {
    const signed = await authority.sign("k4");
    await using client = await openClient(port.url, { id: "k4" }, { ca, ...(await bytesOf(signed)) });
    using stalls = watchStalls();
    const since = Date.now();
    port.gateway.devices!.revoke("k4", BY_GATEWAY);
    await client.rest();
    expect(stalls.between(since, Date.now())).toBeLessThan(1000);
    expect(await letIn(signed, "k4")).toEqual(["closed"]);
  });
});

it("a certificate that was renewed is taken on SIGHUP, and nobody is cut off for it; when it runs out is told", async () => {
  const live = { cert: join(folder, "live.pem"), key: join(folder, "live.key") };
  const renew = async ({ cert, key }: Signed) => Promise.all([copyFile(cert, live.cert), copyFile(key, live.key)]);
  await renew(await authority.sign("old", 5));
  await using renewed = await openPort({ mqttCert: live.cert, mqttKey: live.key, deviceAccess: "open" });
  const daysLeft = async () => {
    const seconds = (await metric(renewed.gateway.url, "fortrolig_mqtt_certificate_expires_seconds"))[""]!;
    return Math.round((seconds * 1000 - Date.now()) / 86_400_000);
  };
  const transport = async () =>
    (await get<{ checks: { transport: object } }>(renewed.gateway.url, "/readyz")).checks.transport;
  expect(await daysLeft()).toBe(5);
  expect(await transport()).toMatchObject({
    state: "degraded",
    detail: expect.stringMatching(/; MQTT: TLS, with a certificate until /),
  });
  await using before = await openClient(renewed.url, { id: "k1" }, { ca });
  await renew(await authority.sign("new", 90));
  process.emit("SIGHUP");
  await expect.poll(daysLeft).toBe(90);
  expect(await transport()).toMatchObject({ state: "ok" });
  await using after = await openClient(renewed.url, { id: "k2" }, { ca });
  expect((after.socket as TLSSocket).getPeerCertificate().subject.CN).toBe("new");
  before.send(pingreq);
  expect(await before.hear()).toEqual(["pingresp"]);
  // A file that is none changes nothing.
  await writeFile(live.cert, "nonsense");
  process.emit("SIGHUP");
  await using still = await openClient(renewed.url, { id: "k3" }, { ca });
  expect((still.socket as TLSSocket).getPeerCertificate().subject.CN).toBe("new");
});

it("a device's life: it is given a code, claims, says its readings, and is cut off when it is revoked", async () => {
  await using own = await temporaryFolder();
  const data = join(own.path, "data");
  const config = join(own.path, "fortrolig.yaml");
  await writeFile(config, JSON.stringify({ deviceAccess: "enrolled", mqttCert: server.cert, mqttKey: server.key }));
  await using gateway = await startGatewayProcess({ data, config });
  const devices = async (...words: string[]) => {
    await using program = startProgram("gateway/enrolment/main.ts", ["--config", config, "--data", data, ...words]);
    return { ...(await program.ended), out: program.out, err: program.err };
  };
  const credentials = join(own.path, "credentials");
  const where = ["--broker", gateway.broker, "--ca", authority.ca, "--credentials", credentials, "--device", "k1"];
  const device = (...words: string[]) => startProgram("firmware-sim/main.ts", [...where, ...words]);
  const view = async () => (await get<DeviceView[]>(gateway.url, "/api/v1/devices")).find(({ id }) => id === "k1")!;

  await using early = device("--world", "--open-now");
  expect(await early.ended).toMatchObject({ code: 1 });
  expect(early.err).toMatch(/the broker does not take this credential/);

  expect(await devices("claim", "k99")).toMatchObject({ code: 1, err: expect.stringMatching(/no device "k99"/) });
  const { code } = JSON.parse((await devices("--json", "claim", "k1")).out) as { code: string };
  expect((await devices("list")).out).toMatch(/^k1 +none +– +20\d\d-/m);
  await using wrong = device("--claim", "0000-0000-0000-0000");
  expect(await wrong.ended).toMatchObject({ code: 1 });
  expect(wrong.err).toMatch(/does not take this claim code/);

  await using first = device("--claim", code.toLowerCase().replaceAll("-", " "));
  expect(await first.ended, first.err).toMatchObject({ code: 0 });
  const file = join(credentials, "jobcentre.k1.json");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await devices("list")).out).toMatch(/^k1 +secret +20\d\d-/m);

  await using living = device("--world", "--open-now");
  await expect.poll(async () => (await view()).received).toBeGreaterThan(0);
  expect(await view()).toMatchObject({ credential: "secret", connection: "online" });

  await devices("revoke", "k1");
  const clients = async () => (await metric(gateway.url, "fortrolig_mqtt_clients"))[""];
  await expect.poll(clients).toBe(0);
  expect(await view()).toMatchObject({ credential: "revoked" });
  living.kill("SIGTERM");
  await living.ended;
});
