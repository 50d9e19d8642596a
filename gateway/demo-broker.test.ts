/** Whether the demo's devices will get through to its broker, and how, known before it starts. */
import { execFileSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { makeAuthority } from "#test/services/certificates.ts";
import { readConfig } from "./config.ts";
import { demoBroker } from "./demo-broker.ts";

let files: { ca: string; cert: string; key: string; own: string; ownKey: string; far: string; farKey: string };

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "fortrolig-demo-broker-"));
  const authority = await makeAuthority(folder);
  const { cert, key } = await authority.sign("broker");
  const alone = (name: string, names: string) => {
    const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    const out = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.pem`)];
    execFileSync("openssl", [...made, "-subj", `/CN=${name}`, "-addext", `subjectAltName=${names}`, ...out], {
      stdio: "ignore",
    });
    return [join(folder, `${name}.pem`), join(folder, `${name}.key`)] as const;
  };
  const [own, ownKey] = alone("own", "IP:127.0.0.1");
  const [far, farKey] = alone("far", "DNS:gateway.invalid");
  files = { ca: authority.ca, cert, key, own, ownKey, far, farKey };
});

const way = (env: NodeJS.ProcessEnv) => demoBroker(readConfig(env));
const tls = (cert: string, key: string) => ({
  FORTROLIG_MQTT: "0.0.0.0:8883",
  FORTROLIG_MQTT_CERT: cert,
  FORTROLIG_MQTT_KEY: key,
});

describe("the demo's devices come", () => {
  it("plainly, to this machine, wherever the broker listens", async () => {
    const open = { FORTROLIG_MQTT: "0.0.0.0:1883", FORTROLIG_MQTT_PLAIN: "yes" };
    expect([await way({}), await way(open)]).toEqual(Array(2).fill({ host: "127.0.0.1", flags: [] }));
  });

  it("over TLS by the authority that is named", async () => {
    const env = { ...tls(files.cert, files.key), FORTROLIG_BROKER_CA: files.ca };
    expect(await way(env)).toEqual({ host: "127.0.0.1", flags: ["--ca", files.ca] });
  });

  it("over TLS by a certificate that vouches for itself", async () => {
    expect(await way(tls(files.own, files.ownKey))).toEqual({ host: "127.0.0.1", flags: ["--ca", files.own] });
  });

  it("to an outside broker by its authority", async () => {
    const env = { FORTROLIG_BROKER: "mqtts://broker.example:8883", FORTROLIG_BROKER_CA: files.ca };
    expect(await way(env)).toEqual({ host: "", flags: ["--ca", files.ca] });
  });
});

describe("it is said beforehand", () => {
  it("that nobody vouches for the broker", async () => {
    await expect(way(tls(files.cert, files.key))).rejects.toThrow(
      /^FORTROLIG_MQTT_CERT: the simulated devices would not get through to the broker as 127\.0\.0\.1 \(unable to .*\); name the certificate's authority in FORTROLIG_BROKER_CA, or start with --no-devices$/,
    );
  });

  it("that its name leads nowhere", async () => {
    await expect(way(tls(files.far, files.farKey))).rejects.toThrow(/broker as gateway\.invalid \(getaddrinfo /);
  });
});
