/** Signing in and out, who one is, and what is one's own: password and tokens. */
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import {
  LinkBody,
  LinkUseBody,
  LinkView,
  MeView,
  NewTokenView,
  PasswordBody,
  SignInBody,
  SignInOffer,
  SignOutBody,
  TokenBody,
  TokenView,
} from "#protocol/access.ts";
import { permissions } from "#protocol/roles.ts";
import { setCookie } from "../access/cookies.ts";
import { type Person, reachFor } from "../access/person.ts";
import { AccessError } from "../access/refusal.ts";
import { tokenView } from "../access/views.ts";
import { HttpProblem } from "./problem.ts";
import { ownProblems, problems, signInProblems } from "./responses.ts";
import { type Accounts, answered, entered, fromOf, letIn, sessionOf } from "./sign-in-parts.ts";

const SIGN_IN = { permission: "public", because: "who signs in is not known yet", share: "sign-in" } as const;
const LINK = { ...SIGN_IN, share: "link" } as const;
const OWN = { permission: "public", because: "answers about who asks, and nobody else; without sign-in 401" } as const;
const Nothing = z.null().describe("done");

export const signInRoutes: FastifyPluginAsyncZod<Accounts> = async (app, { access, provider, local }) => {
  const { signIn, tokens, people } = access;

  app.get(
    "/api/v1/sign-in",
    { config: SIGN_IN, schema: { tags: ["sign-in"], response: { 200: SignInOffer, ...problems } } },
    async () => ({ local, provider: provider ? { name: provider.name } : null }),
  );

  app.post(
    "/api/v1/sign-in",
    {
      config: SIGN_IN,
      schema: {
        tags: ["sign-in"],
        description: "Signs in with a local account; sets the session's cookie. 401: wrong. 429: wait, and how long.",
        body: SignInBody,
        response: { 200: MeView, ...signInProblems },
      },
    },
    async (request, reply) => {
      if (!local) throw new HttpProblem(403, "local accounts may not sign in here", { kind: "no-local" });
      const { name, password } = request.body;
      const from = fromOf(request, access.cookies);
      const answer = await answered(() => signIn.byPassword(name, password, from));
      return meOf((await letIn(access, answer, reply)).person);
    },
  );

  app.post(
    "/api/v1/sign-in/link",
    {
      config: LINK,
      schema: {
        tags: ["sign-in"],
        description: "What is to be done with a one-time link.",
        body: LinkBody,
        response: { 200: LinkView, ...signInProblems },
      },
    },
    ({ body }) => answered(() => signIn.linkKind(body.link)),
  );

  app.post(
    "/api/v1/sign-in/link/use",
    {
      config: LINK,
      schema: {
        tags: ["sign-in"],
        description:
          "Uses a one-time link, and signs in. `password` for all but `sign-in`, `name` where it has none yet.",
        body: LinkUseBody,
        response: { 200: MeView, ...signInProblems },
      },
    },
    async (request, reply) => {
      const { link, name, password } = request.body;
      const chosen = { ...(name !== undefined && { name }), ...(password !== undefined && { password }) };
      const from = fromOf(request, access.cookies);
      const answer = await answered(() => signIn.byLink(link, chosen, from));
      return meOf((await letIn(access, answer, reply)).person);
    },
  );

  app.post(
    "/api/v1/sign-out",
    { config: OWN, schema: { tags: ["sign-in"], body: SignOutBody, response: { 204: Nothing, ...ownProblems } } },
    async (request, reply) => {
      access.signOut(sessionOf(request, access), request.body.everywhere);
      await entered(access);
      const { cookies, secure } = access;
      return reply
        .header("set-cookie", setCookie(cookies.session, "", { secure, maxAgeS: 0 }))
        .code(204)
        .send(null);
    },
  );

  app.get(
    "/api/v1/me",
    {
      config: OWN,
      schema: {
        tags: ["sign-in"],
        description: "Who asks, and what they may do.",
        response: { 200: MeView, ...signInProblems },
      },
    },
    async (request) => viewOf(whoAsks(request)),
  );

  app.post(
    "/api/v1/me/password",
    {
      config: OWN,
      schema: {
        tags: ["sign-in"],
        description: "Puts another password in the place of one's own. All other sessions end.",
        body: PasswordBody,
        response: { 200: MeView, ...signInProblems },
      },
    },
    async (request, reply) => {
      const session = sessionOf(request, access);
      const { current, password } = request.body;
      const from = fromOf(request, access.cookies);
      const answer = await answered(() => signIn.changePassword(session, current, password, from));
      return meOf((await letIn(access, answer, reply)).person);
    },
  );

  app.get(
    "/api/v1/me/tokens",
    { config: OWN, schema: { tags: ["sign-in"], response: { 200: z.array(TokenView), ...ownProblems } } },
    async (request) => {
      sessionOf(request, access);
      return tokens
        .all()
        .filter(({ owner }) => owner === request.person?.id)
        .map(tokenView);
    },
  );

  app.post(
    "/api/v1/me/tokens",
    {
      config: OWN,
      schema: {
        tags: ["sign-in"],
        description: "Makes a token for a program: for one of one's own roles, or less of it.",
        body: TokenBody,
        response: { 200: NewTokenView, ...ownProblems },
      },
    },
    async (request) => {
      sessionOf(request, access);
      const { id, roles, rooms } = whoAsks(request);
      const { only, ...wish } = request.body;
      return answered(async () => {
        if (!roles.includes(wish.role)) throw new AccessError("role-not-held", "a token is for a role one holds");
        const beyond = wish.rooms.find((room) => !rooms.includes(room));
        if (beyond !== undefined) throw new AccessError("no-such-room", `"${beyond}" is no room of yours`);
        const { token, secret } = tokens.add({ ...wish, owner: id, ...(only && { only }) }, id);
        await entered(access);
        return { token: tokenView(token), secret };
      });
    },
  );

  app.delete(
    "/api/v1/me/tokens/:token",
    {
      config: OWN,
      schema: {
        tags: ["sign-in"],
        params: z.object({ token: z.string().max(64) }),
        response: { 204: Nothing, ...ownProblems },
      },
    },
    async (request, reply) => {
      sessionOf(request, access);
      const { id } = whoAsks(request);
      const { token } = request.params;
      await answered(() => {
        const isOwn = tokens.all().some((kept) => kept.id === token && kept.owner === id);
        if (!isOwn) throw new AccessError("no-such-token", `no token of yours has the id "${token}"`);
        tokens.revoke(token, id);
      });
      await entered(access);
      return reply.code(204).send(null);
    },
  );

  /** Of somebody who has just come in: the request they came with was still nobody's. */
  function meOf(id: string): MeView {
    const { roles, rooms } = people.find(id)!;
    return viewOf({ id, roles, rooms, by: "session" });
  }

  function viewOf(person: Person): MeView {
    const account = people.find(person.id);
    const held = permissions.map((permission) => [permission, [...reachFor(person, permission)]] as const);
    return {
      id: person.id,
      name: account?.name ?? null,
      by: person.by,
      roles: [...person.roles],
      rooms: [...person.rooms],
      permissions: Object.fromEntries(held.filter(([, reaches]) => reaches.length > 0)),
      waiting: account?.wish != null,
    };
  }
};

function whoAsks({ person }: FastifyRequest): Person {
  if (person === undefined) throw new HttpProblem(401, "nobody is signed in");
  return person;
}
