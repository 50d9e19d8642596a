/** The embedded broker's own certificate, and whose it takes from clients; read again on SIGHUP. */
import type { PeerCertificate, SecureContextOptions, TLSSocket } from "node:tls";
import type { Millis } from "#protocol/quantities.ts";
import { type CertificateFiles, ownIn, readCertificate, readPem } from "../certificate.ts";
import type { ClientCertificate } from "./admission.ts";

/** `clientCa`: the authority whose certificates let devices in; without it they come with secrets only. */
interface BrokerFiles extends CertificateFiles {
  readonly clientCa?: string | undefined;
}

export interface Certificates {
  readonly context: Pick<SecureContextOptions, "cert" | "key" | "ca" | "minVersion" | "maxVersion">;
  readonly expiresAt: Millis;
}

/** TLS 1.3 where the client knows it. Not 1.1 or older (RFC 8996). */
export const TLS_VERSIONS = { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" } as const;

export function readCertificates({ clientCa, ...files }: BrokerFiles): Certificates {
  const { expiresAt, cert, key } = readCertificate(files);
  const context = { ...TLS_VERSIONS, cert, key };
  return { context: clientCa === undefined ? context : { ...context, ca: readAuthority(clientCa) }, expiresAt };
}

function readAuthority(file: string): Buffer {
  const pem = readPem(file);
  ownIn(pem, file);
  return pem;
}

/** A resumed TLS session brings the verdict of its first handshake, which may be long ago. */
function isInDate({ valid_from: from, valid_to: until }: PeerCertificate): boolean {
  const now = Date.now();
  return Date.parse(from) <= now && now <= Date.parse(until);
}

/** What a client has shown; undefined when that is nothing. */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const shown = socket.getPeerCertificate() as PeerCertificate | undefined;
  if (!shown?.subject) return undefined;
  const { CN: name } = shown.subject;
  return {
    trusted: socket.authorized && isInDate(shown),
    name: typeof name === "string" ? name : "",
    madeAt: Date.parse(shown.valid_from),
  };
}
