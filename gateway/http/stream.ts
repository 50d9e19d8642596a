/**
 * Server-sent events: the present views, then every change, with ids to resume from. A page needs no other source.
 * Resume by `Last-Event-ID`; when those events are gone the stream begins with the present views again.
 *
 * Nothing is queued for a reader: what it takes is read from the events that `Live` keeps, as fast as it takes them. One
 * that lags behind is told the last word on each room, device and pair, and every alert; the same goes for all readers
 * while the gateway is overloaded.
 *
 * Ids are sealed (event-ids.ts), and a reader's is that of the last event it was told: what it may not see changes nothing
 * that it gets.
 *
 * Readers of equal sight (access/sight.ts) share what is written for them. Who a reader is, is asked again and again: when
 * it is nobody any more, or may see other things, its stream ends.
 */
import type { ServerResponse } from "node:http";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { AlertView, DeviceView, PairView, RoomView, StreamEvent, StreamEvents } from "#protocol/api.ts";
import type { Millis } from "#protocol/quantities.ts";
import { type Credentials, ownerOf } from "../access/person.ts";
import { type Sight, seenAlert, seenDevice, seenFreeRoom, seenPair, seenRoom, seesTalk } from "../access/sight.ts";
import type { Live, LiveEvent } from "../deliver/live.ts";
import { credentialsOf, personOf } from "./access.ts";
import { audited, streamRooms } from "./audited.ts";
import { type EventIds, sealedIds } from "./event-ids.ts";
import type { RouteParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";
import { problems } from "./responses.ts";
import { headersFor } from "./security.ts";
import { shedding } from "./shed.ts";

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2000;
const MAX_STREAMS = 1000;
/** Of one person with all their programs, or of a program that is nobody's. */
const MAX_STREAMS_EACH = 600;
/** Overloaded, what is no alert is told this often; and this often every reader is asked who it is. */
const COARSE_MS = 2000;
/** A reader that has not taken what was written for it in this time is ended. */
const STUCK_MS = 30_000;
/** Its farewell has this long to get through. */
const FAREWELL_MS = 2000;

interface Reader {
  readonly response: ServerResponse;
  readonly person: string;
  /** Whose doing the stream is. */
  readonly owner: string;
  readonly credentials: Credentials;
  readonly view: SharedView;
  /** Number of the last event that it was told or that was not for it, … */
  through: number;
  /** … and of the last that it was told, or that its opening held. */
  told: number;
  /** Since when it has not taken what was written; null while it takes. */
  stuckSince: Millis | null;
}

export const eventStream: FastifyPluginAsyncZod<RouteParts> = async (app, parts) => {
  const { live, clock, load, identify, sightOf } = parts;
  const readers = new Set<Reader>();
  const ids = sealedIds();
  const views = sharedViews(parts, ids);

  app.get(
    "/api/v1/stream",
    {
      // Nobody would read it, and it would stay open.
      exposeHeadRoute: false,
      onRequest: shedding(parts, "overloaded"),
      preHandler: audited(parts, "stream", streamRooms),
      config: { permission: "stream" },
      schema: {
        tags: ["live"],
        description:
          "Server-sent events `room`, `free-room`, `alert`, `device`, `pair`, `status`, `heartbeat` (every 15 s) and `bye`, as far as who reads may see them; `id` resumes through Last-Event-ID. Who reads too slowly is told the last word on each room, device and pair, and every alert.",
        response: {
          200: { description: "Events", content: { "text/event-stream": { schema: z.string() } } },
          503: problems[503],
        },
      },
    },
    (request, reply) => {
      const { id: person } = personOf(request);
      const owner = ownerOf(personOf(request));
      if (readers.size >= MAX_STREAMS) throw new HttpProblem(503, "too many streams are open");
      if (
        readers
          .values()
          .filter((reader) => reader.owner === owner)
          .toArray().length >= MAX_STREAMS_EACH
      )
        throw new HttpProblem(503, "too many of your streams are open");
      reply.hijack();
      const response = reply.raw;
      response.writeHead(200, {
        ...headersFor(request),
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
        connection: "keep-alive",
      });
      response.write(`retry: ${RETRY_MS}\n\n`);
      const resumed = resumedAt(live, ids, request.headers["last-event-id"]);
      const from = resumed ?? live.lastId();
      const reader: Reader = {
        response,
        person,
        owner,
        credentials: credentialsOf(request),
        view: views.of(sightOf(request.person)),
        through: from,
        told: from,
        stuckSince: null,
      };
      readers.add(reader);
      if (resumed === undefined) write(reader, reader.view.opening());
      tell(reader);
      response.on("drain", () => {
        reader.stuckSince = null;
        tell(reader);
      });
      response.once("close", () => {
        readers.delete(reader);
        views.release(reader.view);
      });
    },
  );

  function write(reader: Reader, bytes: Uint8Array): void {
    if (!reader.response.write(bytes)) reader.stuckSince ??= clock.now();
  }

  /** Writes what is new for a reader, as far as it takes it. */
  function tell(reader: Reader): void {
    const { response } = reader;
    if (response.writableNeedDrain || isOver(response)) return;
    const missed = live.after(reader.through);
    if (missed === undefined) dismiss(reader, "behind");
    for (const event of lastWords(missed ?? [])) {
      const bytes = reader.view.encode(event);
      reader.through = event.id;
      if (bytes.length === 0) continue;
      reader.told = event.id;
      write(reader, bytes);
      if (response.writableNeedDrain) return;
    }
  }

  /** Ends a reader for good. It comes back by itself and, without an id to resume from, begins with the present views. */
  function dismiss({ response }: Reader, reason: StreamEvents["bye"]["reason"]): void {
    response.end(frame("", "bye", { reason }));
    setTimeout(() => response.destroy(), FAREWELL_MS).unref();
  }

  /** Whether a reader is still who it was, with the same sight; each credentials are looked at once a round. */
  function recognising(): (reader: Reader) => boolean {
    const keys = new Map<string, string | undefined>();
    return ({ credentials, person, view }) => {
      const name = JSON.stringify([credentials.authorization, credentials.cookie]);
      if (!keys.has(name)) {
        const now = identify(credentials);
        keys.set(name, now && `${now.id} ${sightOf(now).key}`);
      }
      return keys.get(name) === `${person} ${view.sight.key}`;
    };
  }

  const stop = live.subscribe(({ event }) => {
    if (load() === "overloaded" && event !== "alert") return;
    for (const reader of readers) tell(reader);
  });

  const coarse = setInterval(() => {
    const stuckBefore = clock.now() - STUCK_MS;
    const isStill = recognising();
    for (const reader of readers) {
      if (isOver(reader.response)) continue;
      if (!isStill(reader)) dismiss(reader, "session");
      else if (reader.stuckSince !== null && reader.stuckSince < stuckBefore) dismiss(reader, "behind");
      else tell(reader);
    }
  }, COARSE_MS);
  coarse.unref();

  const heartbeat = setInterval(() => {
    const at = new Date(clock.now()).toISOString();
    for (const reader of readers) {
      const { response, told } = reader;
      if (!response.writableNeedDrain && !isOver(response)) write(reader, frame(ids.seal(told), "heartbeat", { at }));
    }
  }, HEARTBEAT_MS);
  heartbeat.unref();

  app.addHook("preClose", async () => {
    clearInterval(heartbeat);
    clearInterval(coarse);
    stop();
    for (const reader of readers) {
      tell(reader);
      if (!isOver(reader.response)) reader.response.end(frame(ids.seal(reader.told), "bye", { reason: "shutdown" }));
    }
  });
};

const isOver = (response: ServerResponse): boolean => response.destroyed || response.writableEnded;

/** The id to go on from; undefined when a reader must begin with the present views. */
function resumedAt(live: Live, ids: EventIds, lastEventId: string | string[] | undefined): number | undefined {
  const id = typeof lastEventId === "string" ? ids.open(lastEventId) : undefined;
  return id === undefined || live.after(id) === undefined ? undefined : id;
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

/** What readers of one sight are told, written out once for all of them. */
interface SharedView {
  readonly sight: Sight;
  readers: number;
  /** Nothing where the event is not theirs to know. */
  encode(event: LiveEvent): Uint8Array;
  /** Everything as it is now; readers that come in the same second share it. */
  opening(): Uint8Array;
}

interface SharedViews {
  /** For one reader more. */
  of(sight: Sight): SharedView;
  release(view: SharedView): void;
}

const OPENING_MS = 1000;

function sharedViews(parts: RouteParts, ids: EventIds): SharedViews {
  const views = new Map<string, SharedView>();
  return {
    of(sight) {
      const view = views.get(sight.key) ?? sharedView(parts, ids, sight);
      views.set(sight.key, view);
      view.readers++;
      return view;
    },
    release(view) {
      if (--view.readers === 0) views.delete(view.sight.key);
    },
  };
}

function sharedView(parts: RouteParts, ids: EventIds, sight: Sight): SharedView {
  let last: { event: LiveEvent; bytes: Uint8Array } | undefined;
  let opening: { id: number; at: number; bytes: Uint8Array } | undefined;
  return {
    sight,
    readers: 0,
    encode(event) {
      if (last?.event !== event) last = { event, bytes: told(event, ids.seal(event.id), sight, parts.clock.now()) };
      return last.bytes;
    },
    opening() {
      const [id, at] = [parts.live.lastId(), performance.now()];
      if (opening === undefined || opening.id !== id || at - opening.at > OPENING_MS)
        opening = { id, at, bytes: openingOf(parts, sight, ids.seal(id)) };
      return opening.bytes;
    },
  };
}

const NOTHING = new Uint8Array();

/** Of a pair that is seen without its talk nothing is told as it happens. */
function told({ event, data }: LiveEvent, id: string, sight: Sight, now: Millis): Uint8Array {
  const seen: { readonly [E in StreamEvent]?: () => readonly Uint8Array[] } = {
    room: () => roomFrames(id, sight, data as RoomView),
    alert: () => framed(id, "alert", seenAlert(sight, data as AlertView, now)),
    device: () => framed(id, "device", seenDevice(sight, data as DeviceView)),
    pair: () => (seesTalk(sight, data as PairView) ? framed(id, "pair", data as PairView) : []),
    status: () => framed(id, "status", data as StreamEvents["status"]),
  };
  const frames = seen[event]?.() ?? [];
  return frames.length === 0 ? NOTHING : Buffer.concat(frames);
}

const openingOf = ({ live, status, clock, heldPairs }: RouteParts, sight: Sight, id: string): Uint8Array =>
  Buffer.concat([
    ...live.rooms().flatMap((room) => roomFrames(id, sight, room)),
    ...live.openAlerts().flatMap((alert) => framed(id, "alert", seenAlert(sight, alert, clock.now()))),
    ...live.devices().flatMap((device) => framed(id, "device", seenDevice(sight, device))),
    ...live.pairs().flatMap((pair) => framed(id, "pair", seenPair(sight, pair, heldPairs))),
    frame(id, "status", status()),
  ]);

const roomFrames = (id: string, sight: Sight, room: RoomView): readonly Uint8Array[] => [
  ...framed(id, "room", seenRoom(sight, room)),
  ...framed(id, "free-room", seenFreeRoom(sight, room)),
];

const framed = <E extends StreamEvent>(
  id: string,
  event: E,
  data: StreamEvents[E] | undefined,
): readonly Uint8Array[] => (data === undefined ? [] : [frame(id, event, data)]);

/** An empty id makes a browser forget where it was. */
const frame = <E extends StreamEvent>(id: string, event: E, data: StreamEvents[E]): Uint8Array =>
  Buffer.from(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
