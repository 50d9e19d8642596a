/** Where something listens, and where it is reached: not the same when it listens at every address, or behind a proxy. */
import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { hostname } from "node:os";

interface Listening {
  readonly host: string;
  readonly port: number;
}

/** As a URL: a version 6 address in brackets. */
export const originOf = (protocol: string, { host, port }: Listening): string =>
  `${protocol}://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Every address of this machine, which is none that somebody else could ask. */
export const isAnywhere = (host: string): boolean => host === "0.0.0.0" || /^[0:]+$/.test(host);

/**
 * What a client on this machine or elsewhere asks for: where it listens, when its certificate says so; otherwise the first
 * name in the certificate; without any, the machine's own.
 */
export function reachedAt({ host, port }: Listening, certificate: X509Certificate | undefined): Listening {
  if (!isAnywhere(host) && (certificate === undefined || isNamedIn(certificate, host))) return { host, port };
  const named = certificate && namesIn(certificate).find((name) => !name.startsWith("*"));
  return { host: named ?? (isAnywhere(host) ? hostname() : host), port };
}

export const isNamedIn = (certificate: X509Certificate, host: string): boolean =>
  (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;

/** Names first, then addresses. */
function namesIn({ subjectAltName = "" }: X509Certificate): string[] {
  const of = (kind: RegExp) => [...subjectAltName.matchAll(kind)].map(([, name]) => name!);
  return [...of(/\bDNS:([^,"]+)/g), ...of(/\bIP Address:([^,"]+)/g)];
}

interface Browsed {
  readonly http: Listening;
  readonly url: string;
  readonly proxy: string;
}

/**
 * Where browsers reach the gateway: what the settings say, or what can be known. Undefined behind a proxy of which they say
 * nothing.
 */
export function browsersOrigin(
  { url, http, proxy }: Browsed,
  certificate: X509Certificate | undefined,
): string | undefined {
  if (url !== "") return url;
  if (certificate === undefined) return proxy === "" ? originOf("http", reachedAt(http, undefined)) : undefined;
  return originOf("https", reachedAt(http, certificate));
}
