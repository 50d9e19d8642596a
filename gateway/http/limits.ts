/** How much one person or address may ask, hold open and take its time, so that the others are answered too. */
import type { Server, Socket } from "node:net";
import { isIPv6 } from "node:net";
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ownerOf } from "../access/person.ts";
import { HttpProblem } from "./problem.ts";
import { addressOf, type Transport } from "./transport.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /**
     * Of what an address may ask without saying who it is, this has a share of its own. `link`: counted once the body is there,
     * by the link where it is a good one.
     */
    share?: "sign-in" | "link" | "page";
  }
}

/** Who is known by less than a session: others at their address do not use up what they may ask. */
export interface Recognised {
  /** What stands for a browser in which somebody has signed in before. */
  browser(cookie: string | undefined): string | undefined;
  /** What stands for a one-time link that is still good. */
  link(secret: string): string | undefined;
}

export interface Limits {
  /** Requests a minute of one person, signed in and by all their programs together; or of a program that is nobody's. */
  readonly perPerson: number;
  /**
   * Requests a minute of all from one address of whom it is not known who they are, of each share; and of a browser or a link
   * that is known.
   */
  readonly perAddress: number;
  /** Connections in all, and of one address that is neither this machine nor a declared proxy. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

export const LIMITS: Limits = { perPerson: 3000, perAddress: 1200, connections: 4000, connectionsPerAddress: 256 };

const MINUTE_MS = 60_000;
/** Counts are kept of this many; of who has not asked for longest the count is forgotten first. */
const COUNTED = 10_000;

/** For Fastify: how long a request may take to arrive, and how much of it may be its head. */
export const PATIENCE = {
  bodyLimit: 64 * 1024,
  /** The whole request, head and body. */
  requestTimeout: 30_000,
  /** Between requests on one connection. */
  keepAliveTimeout: 60_000,
  /** A connection on which nothing moves, also one that does not take its answer. A stream has its heartbeat. */
  connectionTimeout: 120_000,
} as const;

/** For Node alone, whichever server it makes. One who does not name the host is answered as everybody is (transport.ts). */
export const HEAD = {
  headersTimeout: 10_000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16 * 1024,
  requireHostHeader: false,
} as const;

/** Whether the gateway is alive and ready is asked by what would stop it otherwise. */
const uncounted: ReadonlySet<string> = new Set(["/livez", "/readyz"]);

/** After who asks is known, before anything is answered. */
export async function limitRequests(
  app: FastifyInstance,
  { perPerson, perAddress }: Limits,
  recognised: Recognised | undefined,
): Promise<void> {
  await app.register(rateLimit, { global: false, cache: COUNTED });
  const count = app.createRateLimit({
    timeWindow: MINUTE_MS,
    keyGenerator: (request: FastifyRequest) => countOf(request, recognised),
    max: ({ person }: FastifyRequest) => (person === undefined ? perAddress : perPerson),
  });
  const take = async (request: FastifyRequest): Promise<void> => {
    const counted = await count(request);
    if (counted.isAllowed || !counted.isExceeded) return;
    throw new HttpProblem(429, "too many requests in a minute", { retryAfterS: Math.max(1, counted.ttlInSeconds) });
  };
  app.addHook("onRequest", async (request) => {
    const { url = "", config } = request.routeOptions;
    if (!uncounted.has(url) && config.share !== "link") await take(request);
  });
  app.addHook("preValidation", async (request) => {
    if (request.routeOptions.config.share === "link") await take(request);
  });
}

/** On whose count a request is. */
function countOf(request: FastifyRequest, recognised: Recognised | undefined): string {
  const { person, headers, body, routeOptions } = request;
  if (person !== undefined) return ownerOf(person);
  const browser = recognised?.browser(headers.cookie);
  if (browser !== undefined) return `browser ${browser}`;
  const { share = "all" } = routeOptions.config;
  const given = share === "link" ? (body as { link?: unknown } | null | undefined)?.link : undefined;
  const link = typeof given === "string" ? recognised?.link(given) : undefined;
  return link === undefined ? `${share} ${networkOf(addressOf(request))}` : `link ${link}`;
}

/** Who has one address of version 6 has all of its /64. */
export function networkOf(ip: string): string {
  if (!isIPv6(ip) || ip.includes(".")) return ip;
  const [head = "", tail] = ip.split("%")[0]!.split("::");
  const [before, after] = [head, tail ?? ""].map((part) => part.split(":").filter(Boolean));
  const missing = tail === undefined ? 0 : 8 - before!.length - after!.length;
  const groups = [...before!, ...Array<string>(Math.max(0, missing)).fill("0"), ...after!];
  return groups.slice(0, 4).join(":");
}

/** After this long a shutdown waits for nobody any more. */
const FAREWELL_MS = 4000;

/** Ends with the gateway also connections on which nothing has been asked yet, or an answer is not taken. */
export function endConnections(app: FastifyInstance): void {
  app.addHook("preClose", async () => {
    setTimeout(() => app.server.closeAllConnections(), FAREWELL_MS).unref();
  });
}

/** Holds connections to their number. */
export function limitConnections(server: Server, limits: Limits, transport: Transport): void {
  server.maxConnections = limits.connections;
  const open = new Map<string, number>();
  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    if (isLoopback(address) || transport.isProxy(address)) return;
    const network = networkOf(address);
    const count = (open.get(network) ?? 0) + 1;
    if (count > limits.connectionsPerAddress) return void socket.destroy();
    open.set(network, count);
    socket.once("close", () => {
      const left = open.get(network)! - 1;
      if (left === 0) open.delete(network);
      else open.set(network, left);
    });
  });
}

const isLoopback = (address: string): boolean => address === "::1" || /^(::ffff:)?127\./.test(address);
