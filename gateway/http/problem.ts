/** The catalogue of what an answer can say went wrong: problem+json (RFC 9457), never an internal detail. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from "fastify-type-provider-zod";
import type { Problem } from "#protocol/api.ts";
import { PeriodError } from "../report/period.ts";
import { bareHeaders } from "./security.ts";

const titles: Readonly<Record<number, string>> = {
  400: "The request is not valid",
  401: "Sign-in is needed",
  403: "This is not permitted",
  404: "There is nothing here",
  405: "This address does not take that method",
  408: "The request took too long",
  409: "Something else is so by now",
  410: "This is over",
  413: "The request is too large",
  415: "The request's media type is not taken here",
  417: "The request expects what is not done here",
  429: "Too many requests",
  431: "The request's head is too large",
  500: "The gateway failed to answer",
  503: "The gateway cannot answer now",
};

/** A refusal with a status and words for the client. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly statusCode: number;
  /** When asking again makes sense, s. */
  readonly retryAfterS: number | undefined;
  /** Tells refusals of one status apart, for who turns them into words of another language. */
  readonly kind: string | undefined;
  constructor(
    statusCode: number,
    detail: string,
    options: ErrorOptions & { readonly retryAfterS?: number; readonly kind?: string } = {},
  ) {
    super(detail, options);
    this.statusCode = statusCode;
    this.retryAfterS = options.retryAfterS;
    this.kind = options.kind;
  }
}

const PROBLEM = "application/problem+json; charset=utf-8";
const CHALLENGE = 'Bearer realm="fortrolig"';

export function installProblems(app: FastifyInstance): void {
  app.setErrorHandler((thrown: FastifyError, request, reply) => {
    const error =
      thrown instanceof Error ? thrown : (new Error("no error was thrown", { cause: thrown }) as FastifyError);
    const problem = problemOf(error, request);
    const retryAfterS = error instanceof HttpProblem ? error.retryAfterS : undefined;
    if (retryAfterS !== undefined) reply.header("retry-after", retryAfterS);
    else if (problem.status >= 500) request.log.error({ err: error }, "request failed");
    if (problem.status === 401) reply.header("www-authenticate", CHALLENGE);
    return send(reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, { ...basic(404, request), detail: `${request.method} ${pathOf(request)} does not exist` }),
  );
}

function problemOf(error: FastifyError, request: FastifyRequest): Problem {
  if (hasZodFastifySchemaValidationErrors(error))
    return {
      ...basic(400, request),
      errors: error.validation.map((issue) => ({
        path: `${error.validationContext ?? "request"}${issue.instancePath}`,
        message: issue.message ?? "is not valid",
      })),
    };
  if (error instanceof PeriodError) return { ...basic(400, request), detail: error.message };
  if (error instanceof HttpProblem) return told(error, request);
  const status = isResponseSerializationError(error) ? 500 : (error.statusCode ?? 500);
  if (status < 400 || status >= 500) return basic(500, request);
  // Fastify's own words tell what was wrong with the request; those of other libraries may tell of the machine.
  return { ...basic(status, request), ...(error.code?.startsWith("FST_ERR_CTP_") && { detail: error.message }) };
}

/** An address that cannot be read reaches no route, and so none of its hooks. */
export function unreadable(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  send(reply.headers(bareHeaders(request.protocol === "https")), basic(400, request));
}

/** `Expect` with anything but 100-continue is answered before Fastify hears of it. */
export function answerExpectations(app: FastifyInstance): void {
  app.server.on("checkExpectation", ({ socket }: IncomingMessage, response: ServerResponse) => {
    const { head, body } = bareProblem(417, socket);
    response.writeHead(417, head).end(body);
  });
}

/** By Node's names for what it could not read as HTTP. */
const unspoken: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** To a connection that speaks no HTTP, or too slowly: an answer where one can still be sent, then its end. */
export function hangUp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return void socket.destroy();
  const status = unspoken[error.code ?? ""] ?? 400;
  const { head, body } = bareProblem(status, socket);
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  const answer = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, "", body].join("\r\n");
  socket.end(answer, () => socket.destroy());
}

/** After which the connection ends. */
function bareProblem(status: number, socket: Socket) {
  const body = JSON.stringify({ type: "about:blank", title: titles[status], status });
  const head = {
    ...bareHeaders(socket instanceof TLSSocket),
    "content-type": PROBLEM,
    "content-length": String(Buffer.byteLength(body)),
    connection: "close",
  };
  return { head, body };
}

const told = ({ statusCode, message, kind }: HttpProblem, request: FastifyRequest): Problem => ({
  ...basic(statusCode, request),
  ...(kind !== undefined && { type: kind }),
  detail: message,
});

const basic = (status: number, request: FastifyRequest): Problem => ({
  type: "about:blank",
  title: titles[status] ?? "The request failed",
  status,
  instance: pathOf(request),
});

/** Without its query, which may carry what is nobody's to repeat. */
const pathOf = ({ url }: FastifyRequest): string => url.split("?")[0] ?? "/";

const send = (reply: FastifyReply, problem: Problem): FastifyReply =>
  // A problem is sent whatever the route says of its answers, so it bypasses the route's response schema.
  reply
    .code(problem.status)
    .header("content-type", PROBLEM)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
