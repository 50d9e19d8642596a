/**
 * Server-sent events: the present views, then every change, with ids to resume from. A page needs no other source.
 * Resume by `Last-Event-ID`; when those events are gone the stream begins with the present views again.
 *
 * Nothing is queued for a reader: what it takes is read from the events that `Live` keeps, as fast as it takes them. One
 * that lags behind is told the last word on each room, device and pair, and every alert; the same goes for all readers
 * while the gateway is overloaded.
 */
import type { ServerResponse } from "node:http";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { StatusView, StreamEvent, StreamEvents } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import type { Live, LiveEvent } from "../deliver/live.ts";
import { audited } from "./audited.ts";
import type { HttpParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";
import { shedding } from "./shed.ts";

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2000;
const MAX_STREAMS = 1000;
/** Overloaded, what is no alert is told this often. */
const COARSE_MS = 2000;
/** A reader that has not taken what was written for it in this time is ended. */
const STUCK_MS = 30_000;
/** Its farewell has this long to get through. */
const FAREWELL_MS = 2000;

interface Reader {
  readonly response: ServerResponse;
  /** Id of the last event that was written for it. */
  told: number;
  /** Since when it has not taken what was written; null while it takes. */
  stuckSince: Millis | null;
}

export const eventStream: FastifyPluginAsyncZod<HttpParts> = async (app, parts) => {
  const { live, clock, status, load } = parts;
  const readers = new Set<Reader>();
  const encode = lastEncoded();
  const opening = openings(live, status);

  app.get(
    "/api/v1/stream",
    {
      onRequest: shedding(parts, "overloaded"),
      preHandler: audited(parts, "stream"),
      schema: {
        tags: ["live"],
        description:
          "Server-sent events `room`, `alert`, `device`, `pair`, `status`, `heartbeat` (every 15 s) and `bye`; `id` resumes through Last-Event-ID. Who reads too slowly is told the last word on each room, device and pair, and every alert.",
        response: { 200: { description: "Events", content: { "text/event-stream": { schema: z.string() } } } },
      },
    },
    (request, reply) => {
      if (readers.size >= MAX_STREAMS) throw new HttpProblem(503, "too many streams are open");
      reply.hijack();
      const response = reply.raw;
      response.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
        connection: "keep-alive",
      });
      response.write(`retry: ${RETRY_MS}\n\n`);
      const resumed = resumedAt(live, request.headers["last-event-id"]);
      const reader: Reader = { response, told: resumed ?? live.lastId(), stuckSince: null };
      readers.add(reader);
      if (resumed === undefined) write(reader, opening());
      tell(reader);
      response.on("drain", () => {
        reader.stuckSince = null;
        tell(reader);
      });
      response.once("close", () => readers.delete(reader));
    },
  );

  function write(reader: Reader, bytes: Uint8Array): void {
    if (!reader.response.write(bytes)) reader.stuckSince ??= clock.now();
  }

  /** Writes what is new for a reader, as far as it takes it. */
  function tell(reader: Reader): void {
    const { response } = reader;
    if (response.writableNeedDrain || isOver(response)) return;
    const missed = live.after(reader.told);
    if (missed === undefined) dismiss(reader);
    for (const event of lastWords(missed ?? [])) {
      write(reader, encode(event));
      reader.told = event.id;
      if (response.writableNeedDrain) return;
    }
  }

  /** Ends a reader that has fallen too far behind; it comes back by itself and begins with the present views. */
  function dismiss({ response, told }: Reader): void {
    response.end(frame(told, "bye", { reason: "behind" }));
    setTimeout(() => response.destroy(), FAREWELL_MS).unref();
  }

  const stop = live.subscribe(({ event }) => {
    if (load() === "overloaded" && event !== "alert") return;
    for (const reader of readers) tell(reader);
  });

  const coarse = setInterval(() => {
    const stuckBefore = clock.now() - STUCK_MS;
    for (const reader of readers) {
      if (reader.stuckSince !== null && reader.stuckSince < stuckBefore && !isOver(reader.response)) dismiss(reader);
      else tell(reader);
    }
  }, COARSE_MS);
  coarse.unref();

  const heartbeat = setInterval(() => {
    const at = new Date(clock.now()).toISOString();
    for (const reader of readers) {
      const { response, told } = reader;
      if (!response.writableNeedDrain && !isOver(response)) write(reader, frame(told, "heartbeat", { at }));
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();

  app.addHook("preClose", async () => {
    clearInterval(heartbeat);
    clearInterval(coarse);
    stop();
    for (const reader of readers) {
      tell(reader);
      if (!isOver(reader.response)) reader.response.end(frame(reader.told, "bye", { reason: "shutdown" }));
    }
  });
};

const isOver = (response: ServerResponse): boolean => response.destroyed || response.writableEnded;

/** The id to go on from; undefined when a reader must begin with the present views. */
function resumedAt(live: Live, lastEventId: string | string[] | undefined): number | undefined {
  if (typeof lastEventId !== "string" || !/^\d+$/.test(lastEventId)) return undefined;
  const id = Number(lastEventId);
  return live.after(id) === undefined ? undefined : id;
}

/** Of several events about the same room, device or pair the last; every alert. In their order. */
function lastWords(events: readonly LiveEvent[]): readonly LiveEvent[] {
  if (events.length < 2) return events;
  const about = new Map(events.map((event) => [subjectOf(event), event]));
  return events.filter((event) => event.event === "alert" || about.get(subjectOf(event)) === event);
}

function subjectOf({ event, data }: LiveEvent): string {
  const { id, from, to } = data as { id?: string; from?: string; to?: string };
  return `${event} ${id ?? `${from} ${to}`}`;
}

/** All readers are told the same event, one after the other: it is written out once. */
function lastEncoded(): (event: LiveEvent) => Uint8Array {
  let last: LiveEvent | undefined;
  let bytes: Uint8Array;
  return (event) => {
    if (event !== last) bytes = frame(event.id, event.event, event.data);
    last = event;
    return bytes;
  };
}

const OPENING_MS = 1000;

/** Everything as it is now; readers that come in the same second share it. */
function openings(live: Live, status: HttpParts["status"]): () => Uint8Array {
  let last: { id: number; at: number; bytes: Uint8Array } | undefined;
  return () => {
    const [id, at] = [live.lastId(), performance.now()];
    if (last === undefined || last.id !== id || at - last.at > OPENING_MS)
      last = { id, at, bytes: openingOf(live, status(), id) };
    return last.bytes;
  };
}

const openingOf = (live: Live, status: StatusView, id: number): Uint8Array =>
  Buffer.concat([
    ...live.rooms().map((room) => frame(id, "room", room)),
    ...live.openAlerts().map((alert) => frame(id, "alert", alert)),
    ...live.devices().map((device) => frame(id, "device", device)),
    ...live.pairs().map((pair) => frame(id, "pair", pair)),
    frame(id, "status", status),
  ]);

const frame = <E extends StreamEvent>(id: number, event: E, data: StreamEvents[E]): Uint8Array =>
  Buffer.from(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
