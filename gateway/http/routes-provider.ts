/** Signing in with the house's own accounts: away to the provider, back from it, and out when the provider says so. */
import type { FastifyReply } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Access } from "../access/access.ts";
import { cookieValue, setCookie } from "../access/cookies.ts";
import { AWAY_MS, type Provider, ProviderError, type Vouched } from "../access/provider.ts";
import { HttpProblem } from "./problem.ts";
import { problems } from "./responses.ts";
import { entered, fromOf, letIn } from "./sign-in-parts.ts";

const SIGN_IN = { permission: "public", because: "who signs in is not known yet", share: "sign-in" } as const;
const CALLBACK = "/api/v1/sign-in/provider/callback";

export interface ProviderParts {
  readonly access: Access;
  readonly provider: Provider;
}

export const providerRoutes: FastifyPluginAsyncZod<ProviderParts> = async (app, { access, provider }) => {
  const { cookies, secure } = access;
  // A cookie that comes along when the provider sends the browser back, which is another site's doing.
  const remember = (secret: string, maxAgeS: number) =>
    setCookie(cookies.provider, secret, { secure, maxAgeS, sameSite: "Lax" });

  app.get(
    "/api/v1/sign-in/provider",
    {
      config: SIGN_IN,
      schema: {
        tags: ["sign-in"],
        description: "Sends the browser to the provider; afterwards it is led to the page `backTo`.",
        querystring: z.object({ backTo: z.string().max(300).default("/") }),
        response: { 302: z.null().describe("to the provider"), ...problems },
      },
    },
    async (request, reply) => {
      const { protocol, host, query } = request;
      try {
        const { url, secret } = await provider.begin(`${protocol}://${host}${CALLBACK}`, query.backTo);
        return reply.header("set-cookie", remember(secret, AWAY_MS / 1000)).redirect(url);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        request.log.error({ err: error }, "provider");
        return lead(reply, refusedAt("provider"));
      }
    },
  );

  app.get(
    CALLBACK,
    {
      config: SIGN_IN,
      schema: {
        tags: ["sign-in"],
        description: "Where the provider sends the browser back to; it is led on to the page it wanted.",
        response: {
          200: { description: "A page that leads on", content: { "text/html": { schema: z.string() } } },
          ...problems,
        },
      },
    },
    async (request, reply) => {
      reply.header("set-cookie", remember("", 0));
      let vouched: Vouched;
      try {
        vouched = await provider.finish(request.url, cookieValue(request.headers.cookie, cookies.provider));
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        request.log.warn({ err: error }, "provider");
        return lead(reply, refusedAt("provider"));
      }
      const answer = access.signIn.byProvider(
        vouched.outside,
        vouched.grant,
        vouched.session,
        fromOf(request, cookies),
      );
      if (answer.kind === "refused") {
        await entered(access);
        return lead(reply, refusedAt(answer.why));
      }
      await letIn(access, answer, reply);
      return lead(reply, vouched.backTo);
    },
  );

  app.get(
    "/api/v1/sign-out/provider",
    {
      config: { permission: "public", because: "leads away, to where the provider asks whether it is meant" },
      schema: {
        tags: ["sign-in"],
        description:
          "Sends the browser to where one signs out with the provider as well, so that the next at this browser is not let in by it. Signing out here comes before.",
        response: { 302: z.null().describe("to the provider"), ...problems },
      },
    },
    async (request, reply) => {
      try {
        const url = await provider.signOut();
        return url === undefined ? lead(reply, refusedAt("provider-stays")) : reply.redirect(url);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        request.log.error({ err: error }, "provider");
        return lead(reply, refusedAt("provider-stays"));
      }
    },
  );

  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(body as string))),
  );
  app.post(
    "/api/v1/sign-in/provider/ended",
    {
      config: { permission: "public", because: "asked by the provider, whose signature is checked" },
      schema: {
        tags: ["sign-in"],
        description: "Back-channel logout: the provider says that a session there is over.",
        body: z.object({ logout_token: z.string().max(8192) }),
        response: { 200: z.null().describe("ended"), ...problems },
      },
    },
    async (request, reply) => {
      try {
        access.endOutside(await provider.ended(request.body.logout_token));
      } catch (error) {
        if (error instanceof ProviderError) throw new HttpProblem(400, error.message, { cause: error });
        throw error;
      }
      await entered(access);
      return reply.header("cache-control", "no-store").code(200).send(null);
    },
  );
};

const refusedAt = (why: string): string => `/sign-in?${new URLSearchParams({ refused: why })}`;

/**
 * A page that leads on, and not a redirect: a browser on its way back from another site does not bring cookies that are
 * SameSite=Strict, but brings them to where a page of this one sends it.
 */
const lead = (reply: FastifyReply, to: string): FastifyReply =>
  reply
    .code(200)
    .type("text/html; charset=utf-8")
    .serializer(String)
    .send(
      `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=${to.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"><title>Fortrolig</title>`,
    );
