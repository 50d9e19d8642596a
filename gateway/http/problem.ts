/** The catalogue of what an answer can say went wrong: problem+json (RFC 9457), never an internal detail. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from "fastify-type-provider-zod";
import type { Problem } from "#protocol/api.ts";
import { PeriodError } from "../report/period.ts";

const titles: Readonly<Record<number, string>> = {
  400: "The request is not valid",
  404: "There is nothing here",
  405: "This address does not take that method",
  413: "The request is too large",
  415: "The request's media type is not taken here",
  429: "Too many requests",
  500: "The gateway failed to answer",
  503: "The gateway cannot answer now",
};

/** A refusal with a status and words for the client. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly statusCode: number;
  /** When asking again makes sense, s. */
  readonly retryAfterS: number | undefined;
  constructor(statusCode: number, detail: string, options: ErrorOptions & { readonly retryAfterS?: number } = {}) {
    super(detail, options);
    this.statusCode = statusCode;
    this.retryAfterS = options.retryAfterS;
  }
}

export function installProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error, request);
    const retryAfterS = error instanceof HttpProblem ? error.retryAfterS : undefined;
    if (retryAfterS !== undefined) reply.header("retry-after", retryAfterS);
    else if (problem.status >= 500) request.log.error({ err: error }, "request failed");
    return send(reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    send(reply, { ...basic(404, request), detail: `${request.method} ${request.url.split("?")[0]} does not exist` }),
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
  if (error instanceof HttpProblem) return { ...basic(error.statusCode, request), detail: error.message };
  const status = isResponseSerializationError(error) ? 500 : (error.statusCode ?? 500);
  return status >= 500 ? basic(500, request) : { ...basic(status, request), detail: error.message };
}

const basic = (status: number, request: FastifyRequest): Problem => ({
  type: "about:blank",
  title: titles[status] ?? "The request failed",
  status,
  instance: request.url.split("?")[0] ?? "/",
});

const send = (reply: FastifyReply, problem: Problem): FastifyReply =>
  // A problem is sent whatever the route says of its answers, so it bypasses the route's response schema.
  reply
    .code(problem.status)
    .header("content-type", "application/problem+json; charset=utf-8")
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem);
