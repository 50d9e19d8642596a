/** How the HTTP side is reached: over TLS of its own, or through the proxy that was named. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { get } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { type CertificateFiles, readCertificate } from "../certificate.ts";
import { type House, openHouse } from "./house.fixture.ts";
import { HEAD, LIMITS } from "./limits.ts";
import { renewCertificate } from "./transport.ts";

const folder = mkdtempSync(join(tmpdir(), "fortrolig-tls-"));

/** Made for this run; nobody else knows its key. */
function certificate(name: string): CertificateFiles {
  const files = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const named = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", [...made, ...named, "-keyout", files.key, "-out", files.cert], { stdio: "ignore" });
  return files;
}

let house: House | undefined;
afterEach(() => house?.[Symbol.asyncDispose]());

describe("with a certificate", () => {
  const shown = (port: number, ca: string, options = {}) =>
    new Promise<string>((resolve, reject) => {
      const socket: TLSSocket = connect({ port, host: "127.0.0.1", ca, ...options }, () => {
        resolve(`${socket.getPeerCertificate().subject.CN} ${socket.getProtocol()}`);
        socket.destroy();
      });
      socket.on("error", reject);
    });

  it("the API speaks TLS 1.3 and nothing older, tells browsers so, and takes up a renewed one", async () => {
    const files = certificate("first");
    house = await openHouse({ transport: { tls: readCertificate(files), proxy: [] } });
    await house.app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = house.app.server.address() as AddressInfo;
    const first = readFileSync(files.cert, "utf8");
    const headers = await new Promise<unknown>((resolve) =>
      get({ port, host: "127.0.0.1", path: "/livez", ca: first }, (answer) => resolve(answer.resume().headers)),
    );
    expect(house.app.server.headersTimeout, "a head has as long as without TLS").toBe(HEAD.headersTimeout);
    expect(headers).toMatchObject({ "strict-transport-security": "max-age=31536000" });
    expect(await shown(port, first)).toBe("first TLSv1.3");
    await expect(shown(port, first, { maxVersion: "TLSv1.2" })).rejects.toThrow();

    const second = certificate("second");
    renewCertificate(house.app, readCertificate(second));
    expect(await shown(port, readFileSync(second.cert, "utf8"))).toBe("second TLSv1.3");
  });
});

describe("behind a proxy", () => {
  const from = (remoteAddress: string, headers: Record<string, string> = {}, url = "/api/v1/devices") =>
    house!.app.inject({ url, remoteAddress, headers });
  const https = { "x-forwarded-proto": "https" };

  it("only the proxy is answered, and only what came to it over TLS", async () => {
    house = await openHouse({ transport: { tls: undefined, proxy: ["10.0.0.7", "10.1.0.0/16"] } });
    const statuses = [
      await from("10.0.0.7", https),
      await from("10.1.200.3", https),
      await from("::ffff:10.0.0.7", https),
      await from("10.0.0.7"),
      await from("10.0.0.7", { "x-forwarded-proto": "http" }),
      await from("10.0.0.7", { "x-forwarded-proto": "https, http" }),
      await from("10.0.0.8", https),
      await from("127.0.0.1", https),
      await from("127.0.0.1", {}, "/livez"),
    ].map(({ statusCode }) => statusCode);
    expect(statuses).toEqual([200, 200, 200, 403, 403, 403, 403, 403, 200]);
    expect((await from("10.0.0.7", https)).headers["strict-transport-security"]).toBe("max-age=31536000");
  });

  it("that says with which port, or no address at all, makes nobody many", async () => {
    house = await openHouse({
      transport: { tls: undefined, proxy: ["10.0.0.7", "10.0.0.8"] },
      limits: { ...LIMITS, perAddress: 2 },
    });
    const via = async (forwarded: string) =>
      (await from("10.0.0.7", { ...https, "x-forwarded-for": forwarded })).statusCode;
    const said = [
      ["192.0.2.1:4001", "192.0.2.1:4002", "192.0.2.1", "192.0.2.1:4003, 10.0.0.8:99"],
      ["[2001:db8::1]:4001", "[2001:db8::2]", "2001:db8::3"],
      ["unknown", "_hidden:4001", "_hidden:4002", "192.0.2.999:1"],
      ["192.0.2.2:4001"],
    ];
    const statuses = [];
    for (const each of said) {
      const of = [];
      for (const forwarded of each) of.push(await via(forwarded));
      statuses.push(of);
    }
    expect(statuses).toEqual([[200, 200, 429, 429], [200, 200, 429], [200, 200, 429, 429], [200]]);
  });

  it("without a declared one nobody's word about others is believed", async () => {
    house = await openHouse();
    const answer = await from("10.0.0.7", { ...https, "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "evil" });
    expect(answer.headers["strict-transport-security"]).toBeUndefined();
  });
});
