/** Both sides' certificates are read by this, and say the same when they cannot be. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CertificateError, type CertificateFiles, lastingUntil, readCertificate } from "./certificate.ts";
import { readCertificates } from "./enrolment/certificates.ts";

const folder = mkdtempSync(join(tmpdir(), "fortrolig-certificate-"));
const DAY = 24 * 3600_000;

/** Made for this run; nobody else knows its key. */
function made(name: string): CertificateFiles {
  const files = { cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  const how = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const args = [...how, "-subj", `/CN=${name}`, "-keyout", files.key, "-out", files.cert];
  execFileSync("openssl", args, { stdio: "ignore" });
  return files;
}
const one = made("one");
const other = made("other");
const text = join(folder, "text.pem");
writeFileSync(text, "this is no certificate");

it("a certificate is read with its key and its end", () => {
  const { expiresAt } = readCertificate(one);
  expect(Math.abs(expiresAt - Date.now() - 2 * DAY)).toBeLessThan(60_000);
  expect(readCertificates({ ...one, clientCa: other.cert })).toMatchObject({
    expiresAt,
    context: { minVersion: "TLSv1.2" },
  });
});

describe("what is none is told by its file, the same on both sides", () => {
  it.each<[string, CertificateFiles, RegExp]>([
    ["a certificate that is not there", { ...one, cert: join(folder, "none") }, /none: cannot be read \(ENOENT\)$/],
    ["a key that is not there", { ...one, key: join(folder, "none") }, /none: cannot be read \(ENOENT\)$/],
    [
      "another certificate's key",
      { ...one, key: other.key },
      /one\.crt, .*other\.key: no certificate with its key \(.*mismatch/,
    ],
    ["a text", { ...one, cert: text }, /text\.pem, .*one\.key: no certificate with its key/],
  ])("%s", (_, files, words) => {
    for (const read of [readCertificate, readCertificates]) {
      expect(() => read(files)).toThrow(words);
      expect(() => read(files)).toThrow(CertificateError);
    }
  });

  it("an authority for devices that is none", () => {
    expect(() => readCertificates({ ...one, clientCa: text })).toThrow(/text\.pem: no certificate/);
  });
});

it("thirty days before its end it is worth a warning", () => {
  const now = Date.parse("2026-05-28T00:00:00Z");
  expect([31, 29, -1].map((days) => lastingUntil(now + days * DAY, now))).toEqual([
    { state: "ok", detail: "TLS, with a certificate until 2026-06-28" },
    { state: "degraded", detail: "TLS, with a certificate until 2026-06-26" },
    { state: "degraded", detail: "TLS, with a certificate until 2026-05-27" },
  ]);
});
