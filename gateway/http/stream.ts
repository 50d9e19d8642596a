/**
 * Server-sent events: the present views, then every change, with ids to resume from. A page needs no other source.
 * Resume by `Last-Event-ID`; when those events are gone the stream begins with the present views again.
 */
import type { ServerResponse } from "node:http";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { StreamEvent, StreamEvents } from "#protocol/api.ts";
import type { Live, LiveEvent } from "../deliver/live.ts";
import { audited } from "./audited.ts";
import type { HttpParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";

const HEARTBEAT_MS = 15_000;
const RETRY_MS = 2000;
const MAX_STREAMS = 1000;
/** A reader this far behind is cut off; it resumes by id. */
const MAX_UNSENT_BYTES = 1024 * 1024;

export const eventStream: FastifyPluginAsyncZod<HttpParts> = async (app, parts) => {
  const { live, clock, status } = parts;
  const open = new Set<ServerResponse>();

  app.get(
    "/api/v1/stream",
    {
      preHandler: audited(parts, "stream"),
      schema: {
        tags: ["live"],
        description:
          "Server-sent events `room`, `alert`, `device`, `pair`, `status`, `heartbeat` (every 15 s) and `bye`; `id` resumes through Last-Event-ID.",
        response: { 200: { description: "Events", content: { "text/event-stream": { schema: z.string() } } } },
      },
    },
    (request, reply) => {
      if (open.size >= MAX_STREAMS) throw new HttpProblem(503, "too many streams are open");
      reply.hijack();
      const response = reply.raw;
      response.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
        connection: "keep-alive",
      });
      response.write(`retry: ${RETRY_MS}\n\n`);
      open.add(response);
      const stop = live.subscribe((event) => send(response, event));
      for (const event of opening(live, status, request.headers["last-event-id"])) send(response, event);
      response.once("close", () => {
        stop();
        open.delete(response);
      });
    },
  );

  const heartbeat = setInterval(() => {
    const data = { at: new Date(clock.now()).toISOString() };
    for (const response of open) write(response, live.lastId(), "heartbeat", data);
  }, HEARTBEAT_MS);
  heartbeat.unref();

  app.addHook("preClose", async () => {
    clearInterval(heartbeat);
    for (const response of open) {
      write(response, live.lastId(), "bye", { reason: "shutdown" });
      response.end();
    }
  });
};

/** Events a new reader starts with: those it missed, or everything as it is now. */
function opening(
  live: Live,
  status: HttpParts["status"],
  lastEventId: string | string[] | undefined,
): readonly LiveEvent[] {
  const missed =
    typeof lastEventId === "string" && /^\d+$/.test(lastEventId) ? live.after(Number(lastEventId)) : undefined;
  if (missed !== undefined) return missed;
  const id = live.lastId();
  return [
    ...live.rooms().map((data) => ({ id, event: "room" as const, data })),
    ...live.openAlerts().map((data) => ({ id, event: "alert" as const, data })),
    ...live.devices().map((data) => ({ id, event: "device" as const, data })),
    ...live.pairs().map((data) => ({ id, event: "pair" as const, data })),
    { id, event: "status" as const, data: status() },
  ];
}

const send = (response: ServerResponse, { id, event, data }: LiveEvent): void => write(response, id, event, data);

function write<E extends StreamEvent>(response: ServerResponse, id: number, event: E, data: StreamEvents[E]): void {
  if (response.destroyed || response.writableEnded) return;
  response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  if (response.writableLength > MAX_UNSENT_BYTES) response.destroy();
}
