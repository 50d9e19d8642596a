/** Which address is printed for people to open. */

import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { browsersOrigin } from "./origin.ts";

/** Made for this run, for these names. */
function certificateFor(names: string): X509Certificate {
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const named = ["-subj", "/CN=gateway", ...(names === "" ? [] : ["-addext", `subjectAltName=${names}`])];
  return new X509Certificate(
    execFileSync("openssl", [...made, ...named, "-keyout", "/dev/null"], { stdio: ["ignore", "pipe", "ignore"] }),
  );
}
const files = { FORTROLIG_HTTP_CERT: "a.crt", FORTROLIG_HTTP_KEY: "a.key" };

describe("links lead to", () => {
  it.each<[string, string, NodeJS.ProcessEnv, string | undefined, string | undefined]>([
    ["where it listens, on this machine", "", {}, undefined, "http://127.0.0.1:8080"],
    ["the same in version 6", "", { FORTROLIG_HTTP: "[::1]:80" }, undefined, "http://[::1]:80"],
    [
      "where it listens, when the certificate says so",
      "10.1.2.3:443",
      files,
      "DNS:a.example,IP:10.1.2.3",
      "https://10.1.2.3:443",
    ],
    [
      "the certificate's name, when it is another",
      "10.1.2.3:443",
      files,
      "IP:10.9.9.9,DNS:a.example",
      "https://a.example:443",
    ],
    ["the same by a name", "localhost:443", files, "DNS:localhost", "https://localhost:443"],
    [
      "the certificate's name, when it listens everywhere",
      "0.0.0.0:8443",
      files,
      "DNS:*.example,DNS:b.example",
      "https://b.example:8443",
    ],
    ["the same in version 6", "[::]:8443", files, "DNS:b.example", "https://b.example:8443"],
    ["its address, when it has no name", "0.0.0.0:8443", files, "IP:10.1.2.3", "https://10.1.2.3:8443"],
    ["this machine's name, when it says neither", "0.0.0.0:8443", files, "", `https://${hostname()}:8443`],
    ["nowhere, behind a proxy of which nothing is said", "", { FORTROLIG_PROXY: "10.0.0.7" }, undefined, undefined],
    [
      "what the settings say, whatever else",
      "0.0.0.0:8443",
      { ...files, FORTROLIG_URL: "https://fortrolig.example/" },
      "DNS:b.example",
      "https://fortrolig.example",
    ],
  ])("%s", (_, http, env, names, origin) => {
    const config = readConfig({ ...(http !== "" && { FORTROLIG_HTTP: http }), ...env });
    expect(browsersOrigin(config, names === undefined ? undefined : certificateFor(names))).toBe(origin);
  });
});

it.each(["fortrolig.example", "https://a.example/page", "ftp://a.example"])("%s is no such address", (url) => {
  expect(() => readConfig({ FORTROLIG_URL: url })).toThrow(/^url \(FORTROLIG_URL\): .* is no address such as/);
});
