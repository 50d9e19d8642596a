import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig, redacted } from "../config.ts";
import { transportCheck } from "./transport.ts";

const folder = mkdtempSync(join(tmpdir(), "fortrolig-transport-"));
const DAY = 24 * 3600_000;
const T = 1_780_000_000_000;

/** The devices' door as it is set, or why the gateway does not start. */
const doorOf = (env: NodeJS.ProcessEnv): string => {
  try {
    const { deviceAccess, mqttCert } = readConfig(env);
    return `${deviceAccess}, ${mqttCert === undefined ? "plain" : "TLS"}`;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
};
const tls = { FORTROLIG_MQTT_CERT: "cert.pem", FORTROLIG_MQTT_KEY: "key.pem" };

describe("the gateway starts", () => {
  it.each<[string, NodeJS.ProcessEnv, string]>([
    ["on loopback, where devices need nothing", {}, "open, plain"],
    ["on loopback, where devices must be enrolled", { FORTROLIG_DEVICES: "enrolled" }, "enrolled, plain"],
    ["beyond, with TLS; devices must be enrolled", { FORTROLIG_MQTT: "0.0.0.0:8883", ...tls }, "enrolled, TLS"],
    [
      "beyond, without TLS, if that is said",
      { FORTROLIG_MQTT: "10.1.2.3:1883", FORTROLIG_MQTT_PLAIN: "yes" },
      "enrolled, plain",
    ],
    ["towards another machine, with TLS", { FORTROLIG_BROKER: "mqtts://broker:8883" }, "open, plain"],
  ])("%s", (_, env, expected) => {
    expect(doorOf(env)).toBe(expected);
  });
});

describe("it refuses to start", () => {
  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    [
      "beyond loopback without TLS",
      { FORTROLIG_MQTT: "0.0.0.0:1883" },
      /^FORTROLIG_MQTT: 0\.0\.0\.0 is reachable from other machines; give the broker a certificate/,
    ],
    [
      "beyond loopback with devices that nobody knows",
      { FORTROLIG_MQTT: "0.0.0.0:1883", FORTROLIG_DEVICES: "open", ...tls },
      /^FORTROLIG_DEVICES: 0\.0\.0\.0 is reachable from other machines, so that devices must be enrolled$/,
    ],
    ["with half of a certificate", { FORTROLIG_MQTT_CERT: "cert.pem" }, /^FORTROLIG_MQTT_CERT, FORTROLIG_MQTT_KEY: /],
    [
      "with an authority for clients that nobody asks",
      { FORTROLIG_MQTT_CLIENT_CA: "ca.pem" },
      /^FORTROLIG_MQTT_CLIENT_CA: /,
    ],
    [
      "with plain MQTT to another machine",
      { FORTROLIG_BROKER: "mqtt://broker" },
      /^FORTROLIG_BROKER: plain MQTT to another machine/,
    ],
    [
      "with half of a certificate for an outside broker",
      { FORTROLIG_BROKER: "mqtts://broker", FORTROLIG_BROKER_KEY: "k" },
      /^FORTROLIG_BROKER_CERT, /,
    ],
  ])("%s", (_, env, expected) => {
    expect(doorOf(env)).toMatch(expected);
  });
});

it("what is allowed against advice, and what runs out, is shown", () => {
  const checked = (env: NodeJS.ProcessEnv, days?: number) =>
    transportCheck(readConfig(env), days === undefined ? undefined : T + days * DAY, T);
  const secure = { FORTROLIG_MQTT: "0.0.0.0:8883", ...tls };
  expect([
    checked({}),
    checked({ FORTROLIG_MQTT: "0.0.0.0:1883", FORTROLIG_MQTT_PLAIN: "yes" }),
    checked({ FORTROLIG_BROKER: "mqtt://broker", FORTROLIG_MQTT_PLAIN: "yes" }),
    checked({ FORTROLIG_BROKER: "mqtts://broker" }),
    checked(secure, 31),
    checked(secure, 29),
  ]).toEqual([
    { state: "ok", detail: "plain, on loopback only" },
    { state: "degraded", detail: "plain MQTT beyond this machine, by FORTROLIG_MQTT_PLAIN" },
    { state: "degraded", detail: "plain MQTT to another machine, by FORTROLIG_MQTT_PLAIN" },
    { state: "ok", detail: "TLS to the outside broker" },
    { state: "ok", detail: "TLS, with a certificate until 2026-06-28" },
    { state: "degraded", detail: "TLS, with a certificate until 2026-06-26" },
  ]);
});

it("the outside broker's password may lie in a file, and is never printed", () => {
  const path = join(folder, "password");
  writeFileSync(path, "very-secret-word\n");
  const config = readConfig({
    FORTROLIG_BROKER: "mqtts://broker",
    FORTROLIG_BROKER_USER: "gateway",
    FORTROLIG_BROKER_PASSWORD_FILE: path,
  });
  expect(config.brokerPassword).toBe("very-secret-word");
  expect(JSON.stringify(redacted(config))).not.toContain("very-secret");
});
