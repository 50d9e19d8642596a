/** What the routes of sign-in share: cookies, refusals as answers, where a request comes from. */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import { type CookieNames, cookieValue, setCookie } from "../access/cookies.ts";
import { BusyError } from "../access/hash-queue.ts";
import type { Provider } from "../access/provider.ts";
import { AccessError, type Refusal } from "../access/refusal.ts";
import { BROWSER_KNOWN_MS, type From, type SignedIn, type SignInAnswer } from "../access/sign-in.ts";
import { HttpProblem } from "./problem.ts";
import { addressOf } from "./transport.ts";

/** How people sign in. */
export interface Accounts {
  readonly access: Access;
  /** The house's own sign-in, where there is one. */
  readonly provider: Provider | undefined;
  /** Whether accounts of the gateway's own may sign in with a password. */
  readonly local: boolean;
}

/** 404 for what is not there, 410 for what is over, 409 for what does not go with what there is; 400 for the rest. */
const statusOf: Partial<Record<Refusal, number>> = {
  "asked-otherwise": 409,
  "forbidden-together": 409,
  "last-administrator": 409,
  "link-expired": 410,
  "link-unknown": 404,
  "link-used": 410,
  "name-taken": 409,
  "no-such-person": 404,
  "no-such-token": 404,
  "nothing-to-approve": 409,
  "own-wish": 403,
  "role-not-held": 403,
};

/** Runs what may be refused; a refusal becomes a problem that names its kind. */
export async function answered<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AccessError)
      throw new HttpProblem(statusOf[error.reason] ?? 400, error.message, { kind: error.reason });
    if (error instanceof BusyError) throw new HttpProblem(503, error.message, { kind: "busy", retryAfterS: 2 });
    throw error;
  }
}

/** Resolves when everything that was done is in the audit log; 503 when it cannot be entered. */
export async function entered(access: Access): Promise<void> {
  try {
    await access.told();
  } catch (cause) {
    throw new HttpProblem(503, "this could not be entered in the audit log", { cause });
  }
}

export const fromOf = (request: FastifyRequest, cookies: CookieNames): From => ({
  address: addressOf(request),
  session: cookieValue(request.headers.cookie, cookies.session),
  browser: cookieValue(request.headers.cookie, cookies.browser),
});

/** Throws a problem unless somebody is in; sets the cookies. */
export async function letIn(access: Access, answer: SignInAnswer, reply: FastifyReply): Promise<SignedIn> {
  await entered(access);
  if (answer.kind === "wait") {
    const retryAfterS = Math.ceil(answer.ms / 1000);
    throw new HttpProblem(429, "too many attempts; wait a moment", { kind: "too-many-attempts", retryAfterS });
  }
  if (answer.kind === "refused")
    throw new HttpProblem(answer.why === "wrong-password" ? 401 : 403, refusedIn[answer.why], { kind: answer.why });
  const { cookies, secure, limits } = access;
  reply.header("set-cookie", [
    setCookie(cookies.session, answer.session, { secure, maxAgeS: limits.absoluteMs / 1000 }),
    setCookie(cookies.browser, answer.browser, { secure, maxAgeS: BROWSER_KNOWN_MS / 1000 }),
  ]);
  return answer;
}

const refusedIn = {
  "wrong-password": "the name or the password is wrong",
  "forbidden-together": "this account has roles that are never one person's; tell whoever looks after accounts",
  "no-role": "this account has no role here; tell whoever looks after accounts",
} as const;

/** The secret of the session a person asks with. Programs have none. */
export function sessionOf(request: FastifyRequest, { cookies }: Access): string {
  const secret = cookieValue(request.headers.cookie, cookies.session);
  if (request.person?.by === "session" && secret !== undefined) return secret;
  const status = request.person === undefined ? 401 : 403;
  throw new HttpProblem(status, "this is for somebody who is signed in, not for a token", { kind: "session-needed" });
}
