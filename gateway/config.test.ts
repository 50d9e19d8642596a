import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, networksIn, readConfig, redacted } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "fortrolig-config-"));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const faultOf = (...args: Parameters<typeof readConfig>) => {
  try {
    readConfig(...args);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "no fault";
};

describe("settings", () => {
  it("without any settings the demo site runs on loopback with embedded parts", () => {
    const { site, siteFile, ...rest } = readConfig({});
    expect(site.site).toBe("jobcentre");
    expect(siteFile).toMatch(/demo-site\.yaml$/);
    expect(rest).toEqual({
      data: "data",
      http: { host: "127.0.0.1", port: 8080 },
      proxy: "",
      mqtt: { host: "127.0.0.1", port: 1883 },
      broker: "",
      deviceAccess: "open",
      mqttPlain: false,
      history: "sqlite:data/history.db",
      memory: 400,
      localAccounts: true,
      sessionIdle: 30,
      url: "",
      sessionHours: 12,
      log: "info",
      retention: { raw: 14, minute: 400, hour: 1826, episodes: 400 },
      webhooks: {},
    });
  });

  it("a house of many devices may take more memory, if nobody says otherwise", () => {
    const devices = Array.from({ length: 5000 }, (_, i) => ({ id: `d${i}`, room: "G" }));
    const rooms = [{ id: "G", name: "Corridor", kind: "corridor" }];
    const site = file("large.yaml", JSON.stringify({ site: "large", name: "Large", timeZone: "UTC", rooms, devices }));
    const memory = (given?: string) => readConfig({}, { site, memory: given }).memory;
    expect([memory(), memory("450")]).toEqual([900, 450]);
  });

  it("a flag wins over a variable, a variable over the file", () => {
    const settings = file("a.yaml", "http: 127.0.0.1:1\nmqtt: 127.0.0.1:2\ndata: from-file\n");
    const config = readConfig(
      { FORTROLIG_HTTP: "127.0.0.1:3", FORTROLIG_MQTT: "4" },
      { mqtt: "localhost:5" },
      settings,
    );
    expect([config.http.port, config.mqtt.port, config.data]).toEqual([3, 5, "from-file"]);
  });

  it("a secret may lie in a file, and is never printed", () => {
    const config = readConfig({
      FORTROLIG_HISTORY: "influxdb://writer:s3cret@127.0.0.1:8086/fortrolig",
      FORTROLIG_HISTORY_TOKEN_FILE: file("token", "very-secret-token\n"),
    });
    expect(config.historyToken).toBe("very-secret-token");
    expect(JSON.stringify(redacted(config))).not.toMatch(/s3cret|very-secret/);
  });

  it("a provider's secret is never printed, and roles that are never one person's are no group's", () => {
    const oidc = (roles: string) =>
      file(
        "oidc.yaml",
        `oidc: { issuer: "https://id.example", clientId: f, clientSecret: very-secret-1, groups: { all: { roles: ${roles} } } }\n`,
      );
    const config = readConfig({ FORTROLIG_OIDC_SECRET: "very-secret-2" }, {}, oidc("[dpo]"));
    expect(config.oidc?.groups).toEqual({ all: { roles: ["dpo"], rooms: [] } });
    expect(JSON.stringify(redacted(config))).not.toMatch(/very-secret/);
    expect(faultOf({}, {}, oidc("[dpo, it-admin]"))).toBe("oidc.groups.all.roles: roles that are never one person's");
  });

  it("every fault names its key and says what is wrong", () => {
    expect(faultOf({ FORTROLIG_HTTP: "nonsense" })).toBe(
      'http (FORTROLIG_HTTP): "nonsense" is not host:port, such as 127.0.0.1:8080',
    );
    expect(faultOf({ FORTROLIG_SITE: "nowhere.yaml" })).toBe("nowhere.yaml: the site file cannot be read (ENOENT)");
    expect(faultOf({}, {}, file("b.yaml", "htttp: 1\n"))).toMatch(/htttp/);
  });

  it("a broken site file is named with line and key", () => {
    const path = file(
      "site.yaml",
      "site: x\nname: X\ntimeZone: Europe/Atlantis\nrooms:\n  - { id: a, name: A, kind: cellar }\n",
    );
    expect(faultOf({ FORTROLIG_SITE: path }).split("\n")).toEqual([
      `${path}:3: timeZone: is no IANA time zone, such as Europe/Copenhagen`,
      expect.stringMatching(/:5: rooms\.0\.kind: Invalid option/),
    ]);
  });

  it("nothing listens beyond this machine without TLS", () => {
    expect(faultOf({ FORTROLIG_HTTP: "0.0.0.0:8080" })).toMatch(
      /^FORTROLIG_HTTP: 0\.0\.0\.0 is reachable from other machines/,
    );
    expect(faultOf({ FORTROLIG_MQTT: "192.168.1.5:1883" })).toMatch(/^FORTROLIG_MQTT: /);
    expect(readConfig({ FORTROLIG_HTTP: "[::1]:0" }).http).toEqual({ host: "::1", port: 0 });
  });

  it("the HTTP side listens beyond this machine with a certificate, or behind a proxy that is named", () => {
    const beyond = { FORTROLIG_HTTP: "0.0.0.0:8443" };
    const certificate = { FORTROLIG_HTTP_CERT: "a.crt", FORTROLIG_HTTP_KEY: "a.key" };
    expect(readConfig({ ...beyond, ...certificate })).toMatchObject({ httpCert: "a.crt", httpKey: "a.key" });
    const behind = readConfig({ ...beyond, FORTROLIG_PROXY: "10.0.0.7, 10.1.0.0/16,::1" });
    expect(networksIn(behind.proxy)).toEqual(["10.0.0.7", "10.1.0.0/16", "::1"]);
    expect(faultOf({ ...beyond, FORTROLIG_HTTP_KEY: "a.key" })).toBe(
      "FORTROLIG_HTTP_CERT and FORTROLIG_HTTP_KEY go together",
    );
    for (const everybody of ["0.0.0.0/0", "proxy.example", "10.0.0.0/33", "::/0", ",", " "])
      expect(faultOf({ ...beyond, FORTROLIG_PROXY: everybody })).toMatch(/FORTROLIG_PROXY.*no address or network/);
  });
});
