/** A server's own certificate and key, in PEM files: read in this one way, and watched for its end. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Millis } from "#protocol/quantities.ts";

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly expiresAt: Millis;
  /** The first of the chain. */
  readonly own: X509Certificate;
}

/** So long before its end a certificate is worth a warning. */
export const CERTIFICATE_WARNING_MS: Millis = 30 * 24 * 3600_000;

/** A file cannot be read, holds something else, or key and certificate do not belong together. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

export function readCertificate(files: CertificateFiles): Certificate {
  const pair = { cert: readPem(files.cert), key: readPem(files.key) };
  try {
    const own = new X509Certificate(pair.cert);
    createSecureContext(pair);
    return { ...pair, own, expiresAt: Date.parse(own.validTo) };
  } catch (cause) {
    const why = (cause as Error).message;
    throw new CertificateError(`${files.cert}, ${files.key}: no certificate with its key (${why})`, { cause });
  }
}

/** Without its key, for whoever only asks what it says. Throws a CertificateError. */
export const readOwn = (file: string): X509Certificate => ownIn(readPem(file), file);

/** `file`: where it was read, for the CertificateError that says what is wrong with it. */
export function ownIn(pem: Buffer, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new CertificateError(`${file}: no certificate (${(cause as Error).message})`, { cause });
  }
}

/** Throws a CertificateError that names the file. */
export function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CertificateError(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

/** How it stands with TLS, for `/readyz`: it runs out soon, or has, or not. */
export const lastingUntil = (expiresAt: Millis, now: Millis) => ({
  state: expiresAt - now > CERTIFICATE_WARNING_MS ? ("ok" as const) : ("degraded" as const),
  detail: `TLS, with a certificate until ${new Date(expiresAt).toISOString().slice(0, 10)}`,
});
