/**
 * How the HTTP side is reached: plainly on this machine, by TLS of its own, or through a proxy that has TLS and says so.
 */
import { readFileSync } from "node:fs";
import type { Server } from "node:https";
import { BlockList, isIP, isIPv4 } from "node:net";
import { createSecureContext } from "node:tls";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { CertificateError } from "../enrolment/certificates.ts";
import { HttpProblem } from "./problem.ts";

/** Files in PEM. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface TransportSettings {
  readonly tls: TlsFiles | undefined;
  /** Addresses and networks (10.0.0.0/8) of the proxies; none: nobody's word about others is believed. */
  readonly proxy: readonly string[];
}

export interface Transport extends TransportSettings {
  isProxy(address: string): boolean;
}

export function transportOf(settings: TransportSettings): Transport {
  const proxies = new BlockList();
  for (const entry of settings.proxy) {
    const [address = "", length] = entry.split("/");
    const family = isIPv4(address) ? "ipv4" : "ipv6";
    if (length === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(length), family);
  }
  const isProxy = (address: string): boolean => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
    return isIP(plain) !== 0 && proxies.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
  };
  return { ...settings, isProxy };
}

/** For Fastify. Throws `CertificateError`. */
export const listeningOptions = ({ tls, isProxy, proxy }: Transport) => ({
  trustProxy: proxy.length > 0 && ((address: string) => isProxy(address)),
  ...(tls !== undefined && { https: { ...readTls(tls), minVersion: "TLSv1.3", handshakeTimeout: 10_000 } as const }),
});

function readTls({ certificate, key }: TlsFiles) {
  try {
    const pair = { cert: readFileSync(certificate), key: readFileSync(key) };
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CertificateError(`${certificate}, ${key}: no certificate and its key (${code ?? message})`, { cause });
  }
}

/** New connections get the certificate that lies there now. Throws; then the old one stays. */
export function renewCertificate({ server }: FastifyInstance, tls: TlsFiles): void {
  (server as unknown as Server).setSecureContext({ ...readTls(tls), minVersion: "TLSv1.3" });
}

/** Asked by what stands beside the gateway, plainly. */
const probes: ReadonlySet<string> = new Set(["/livez", "/readyz"]);

/** With a declared proxy nobody else is answered, and nothing that came to the proxy without TLS. */
export function requireTransport(app: FastifyInstance, transport: Transport): void {
  if (transport.proxy.length === 0 || transport.tls !== undefined) return;
  app.addHook("onRequest", async (request) => {
    if (probes.has(request.routeOptions.url ?? "")) return;
    if (!transport.isProxy(request.socket.remoteAddress ?? ""))
      throw new HttpProblem(403, "this gateway is reached through its proxy only");
    if (lastHop(request) !== "https") throw new HttpProblem(403, "this gateway is reached by https only");
  });
}

/** What the proxy nearest to us says of how it was asked. */
const lastHop = ({ headers }: FastifyRequest): string | undefined =>
  [headers["x-forwarded-proto"]].flat().at(-1)?.split(",").at(-1)?.trim().toLowerCase();
