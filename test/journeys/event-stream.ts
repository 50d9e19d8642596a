/** A reader of `GET /api/v1/stream`, over a connection of its own. */
import { get } from "node:http";
import { asking } from "./asking.ts";

export interface Heard {
  readonly event: string;
  readonly id: string;
  readonly data: unknown;
  /** Arrival, ms UTC. */
  readonly at: number;
}

export interface EventReader extends AsyncDisposable {
  readonly heard: readonly Heard[];
  /** Resolves when the gateway has ended the stream. */
  readonly ended: Promise<void>;
}

/** Resolves when the stream is open. */
export function readEvents(url: string): Promise<EventReader> {
  const heard: Heard[] = [];
  return new Promise((resolve, reject) => {
    const headers = asking(url, "/api/v1/stream");
    const request = get(`${url}/api/v1/stream`, { agent: false, headers }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`the stream answers ${response.statusCode}`));
      const ended = new Promise<void>((done) => response.once("close", done));
      let unread = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        const blocks = (unread + text).split("\n\n");
        unread = blocks.pop() ?? "";
        for (const block of blocks) {
          const event = parseEvent(block);
          if (event) heard.push(event);
        }
      });
      response.on("error", () => {});
      resolve({
        heard,
        ended,
        async [Symbol.asyncDispose]() {
          request.destroy();
          await ended;
        },
      });
    });
    request.on("error", reject);
  });
}

function parseEvent(block: string): Heard | undefined {
  const fields = new Map(
    block.split("\n").map((line): [string, string] => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const event = fields.get("event");
  if (event === undefined) return undefined;
  return { event, id: fields.get("id") ?? "", data: JSON.parse(fields.get("data") ?? "null"), at: Date.now() };
}
