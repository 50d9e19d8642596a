/** The embedded broker's own certificate, and whose it takes from clients; read again on SIGHUP. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { PeerCertificate, SecureContextOptions, TLSSocket } from "node:tls";
import { createSecureContext } from "node:tls";
import type { Millis } from "#protocol/quantities.ts";
import type { ClientCertificate } from "./admission.ts";

/** PEM files. `clientCa`: the authority whose certificates let devices in; without it they come with secrets only. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string | undefined;
}

export interface Certificates {
  readonly context: Pick<SecureContextOptions, "cert" | "key" | "ca" | "minVersion" | "maxVersion">;
  readonly expiresAt: Millis;
}

/** TLS 1.3 where the client knows it. Not 1.1 or older (RFC 8996). */
export const TLS_VERSIONS = { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" } as const;

/** So long before its end a certificate is worth a warning. */
export const CERTIFICATE_WARNING_MS: Millis = 30 * 24 * 3600_000;

/** A file cannot be read, holds something else, or key and certificate do not belong together. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
}

export function readCertificates({ cert, key, clientCa }: CertificateFiles): Certificates {
  const context = {
    ...TLS_VERSIONS,
    cert: readPem(cert),
    key: readPem(key),
    ...(clientCa !== undefined && { ca: readPem(clientCa) }),
  };
  try {
    const own = new X509Certificate(context.cert);
    createSecureContext(context);
    return { context, expiresAt: Date.parse(own.validTo) };
  } catch (cause) {
    throw new CertificateError(`${cert}, ${key}: no certificate with its key (${(cause as Error).message})`, { cause });
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

/** What a client has shown; undefined when that is nothing. */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const shown = socket.getPeerCertificate() as PeerCertificate | undefined;
  if (!shown?.subject) return undefined;
  const { CN: name } = shown.subject;
  return {
    trusted: socket.authorized,
    name: typeof name === "string" ? name : "",
    madeAt: Date.parse(shown.valid_from),
  };
}
