/** A real Mosquitto with test/mqtt/mosquitto.acl, TLS and certificates for everybody: gateway and devices work, and nobody does more. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Gateway } from "#gateway/gateway.ts";
import { claimTopic } from "#protocol/topics.ts";
import { temporaryFolder } from "#test/journeys/folder.ts";
import { startProgram } from "#test/journeys/program.ts";
import { get, runGateway } from "#test/journeys/running-gateway.ts";
import { type Authority, bytesOf, makeAuthority } from "#test/services/certificates.ts";
import { startMosquitto } from "#test/services/mosquitto.ts";
import { freePort } from "#test/services/service.ts";
import { level, newBoot, SITE, topic } from "./port.ts";

const stack = new AsyncDisposableStack();
let folder: string;
let authority: Authority;
let url: string;
let gateway: Gateway;
beforeAll(async () => {
  folder = stack.use(await temporaryFolder()).path;
  authority = await makeAuthority(folder);
  const { cert, key } = await authority.sign("broker");
  const port = await freePort();
  stack.use(
    await startMosquitto([
      `acl_file ${join(import.meta.dirname, "mosquitto.acl")}`,
      `listener ${port} 127.0.0.1`,
      `cafile ${authority.ca}`,
      `certfile ${cert}`,
      `keyfile ${key}`,
      "require_certificate true",
      "use_identity_as_username true",
    ]),
  );
  url = `mqtts://127.0.0.1:${port}`;
  const own = await authority.sign(`gateway-${SITE}`);
  const settings = join(folder, "fortrolig.yaml");
  await writeFile(settings, JSON.stringify({ brokerCa: authority.ca, brokerCert: own.cert, brokerKey: own.key }));
  gateway = stack.use(await runGateway({ data: join(folder, "data"), broker: url }, settings));
});
afterAll(() => stack.disposeAsync());

const deviceClient = async (device: string) =>
  connectAsync(url, {
    ca: await readFile(authority.ca),
    ...(await bytesOf(await authority.sign(device))),
    clientId: device,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });

describe("a Mosquitto whose clients have certificates", () => {
  it("carries a device of the firmware to the gateway and back", async () => {
    await expect.poll(async () => (await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    expect((await get<{ checks: { transport: object } }>(gateway.url, "/readyz")).checks.transport).toEqual({
      state: "ok",
      detail: "HTTP: plain, on loopback only; MQTT: TLS to the outside broker",
    });
    const { cert, key } = await authority.sign("k1");
    await using device = startProgram("firmware-sim/main.ts", [
      ...["--world", "--open-now", "--device", "k1", "--broker", url],
      ...["--ca", authority.ca, "--cert", cert, "--key", key],
    ]);
    await expect.poll(() => gateway.pipeline.journal.received("k1").length).toBe(1);
    device.kill("SIGTERM");
    expect(await device.ended, device.err).toEqual({ code: 0, signal: null });
    expect(device.out).toContain("everything is confirmed; goodbye");
  });

  it("passes on nothing that a device says in another's name, and gives it nothing to hear but its own", async () => {
    const boot = newBoot();
    await using stack = new AsyncDisposableStack();
    const client = await deviceClient("k2");
    stack.defer(() => client.endAsync(true));
    const accepted = () => gateway.pipeline.ingest.counts().accepted.level;
    const before = accepted();
    const foreign = [topic("level", "k3"), topic("lease", "k2"), claimTopic(SITE), "fortrolig/v1/elsewhere/k2/level"];
    for (const at of foreign) await client.publishAsync(at, level(boot, 0), { qos: 1 });
    await client.publishAsync(topic("level", "k2"), level(boot, 1), { qos: 1 });
    await expect.poll(accepted).toBe(before + 1);
    expect(gateway.pipeline.journal.received("k2").map(({ runs }) => runs)).toEqual([[[1, 1]]]);
    expect(gateway.pipeline.journal.received("k3")).toEqual([]);

    const heard: string[] = [];
    client.on("message", (at) => heard.push(at));
    await client
      .subscribeAsync(["#", "$SYS/#", `fortrolig/v1/${SITE}/+/config`, topic("config", "k3"), topic("config", "k2")], {
        qos: 0,
      })
      .catch(() => {});
    await expect.poll(() => heard).toContain(topic("config", "k2"));
    expect([...new Set(heard)].filter((at) => !at.startsWith(`fortrolig/v1/${SITE}/k2/`))).toEqual([]);
  });

  it("lets nobody in who has no certificate", async () => {
    const stranger = connectAsync(url, { ca: await readFile(authority.ca), reconnectPeriod: 0 });
    await expect(stranger).rejects.toThrow();
  });
});
