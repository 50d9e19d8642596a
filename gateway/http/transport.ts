/**
 * How the HTTP side is reached: plainly on this machine, by TLS of its own, or through a proxy that has TLS and says so.
 */
import type { Server } from "node:https";
import { BlockList, isIP, isIPv4 } from "node:net";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Certificate } from "../certificate.ts";
import { HEAD } from "./limits.ts";
import { HttpProblem } from "./problem.ts";

export interface TransportSettings {
  readonly tls: Certificate | undefined;
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
  const isProxy = (given: string): boolean => {
    const address = withoutPort(given) ?? given;
    const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
    return isIP(plain) !== 0 && proxies.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
  };
  return { ...settings, isProxy };
}

/** Some proxies say `192.0.2.7:4711` or `[2001:db8::7]:4711` of whom they ask for. Undefined for what is no address. */
function withoutPort(said: string): string | undefined {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\]|(\d+(?:\.\d+){3}))(?::\d+)?$/.exec(said.trim()) ?? [];
  const address = bracketed ?? dotted ?? said.trim();
  return isIP(address) === 0 ? undefined : address;
}

/**
 * Where a request comes from, for what is counted by address: an address and nothing else. What a proxy says that is none,
 * such as `unknown`, counts as the proxy's own.
 */
export const addressOf = ({ ip, socket }: Pick<FastifyRequest, "ip" | "socket">): string =>
  withoutPort(ip) ?? socket.remoteAddress ?? "";

/** For Fastify. */
export const listeningOptions = ({ tls, isProxy, proxy }: Transport) => ({
  trustProxy: proxy.length > 0 && ((address: string) => isProxy(address)),
  ...(tls === undefined ? { http: HEAD } : { https: { ...HEAD, ...contextOf(tls), handshakeTimeout: 10_000 } }),
});

const contextOf = ({ cert, key }: Certificate) => ({ cert, key, minVersion: "TLSv1.3" }) as const;

/** New connections get it; those that there are stay. */
export function renewCertificate({ server }: FastifyInstance, renewed: Certificate): void {
  (server as unknown as Server).setSecureContext(contextOf(renewed));
}

/** Asked by what stands beside the gateway, plainly. */
const probes: ReadonlySet<string> = new Set(["/livez", "/readyz"]);

/** RFC 9112 §3.2. Node would answer by itself, without what every answer of ours says. */
export function requireHost(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ raw: { httpVersion, headers } }) => {
    if (httpVersion === "1.1" && headers.host === undefined) throw new HttpProblem(400, "the host is not named");
  });
}

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
