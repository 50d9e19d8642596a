/** Who there is and what they may do: listed, invited, changed, approved, closed. By people who are signed in, not by programs. */
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import {
  ApprovalBody,
  GrantBody,
  GrantedView,
  InviteBody,
  InvitedView,
  PersonView,
  TokenView,
} from "#protocol/access.ts";
import type { Access } from "../access/access.ts";
import { AccessError } from "../access/refusal.ts";
import { personView, tokenView } from "../access/views.ts";
import { changeProblems, problems } from "./responses.ts";
import { answered, entered, sessionOf } from "./sign-in-parts.ts";

const SEE = { permission: "people" } as const;
const MANAGE = { permission: "manage-people" } as const;
const APPROVE = { permission: "approve-people" } as const;
const Nothing = z.null().describe("done");
const Whom = z.object({ person: z.string().max(64).describe("id") });

export const peopleRoutes: FastifyPluginAsyncZod<{ readonly access: Access }> = async (app, { access }) => {
  const { people, tokens } = access;
  const by = (request: FastifyRequest): string => {
    sessionOf(request, access);
    return request.person!.id;
  };
  const done = async <T>(run: () => T): Promise<T> => {
    try {
      return await answered(run);
    } finally {
      await entered(access);
    }
  };
  /** By id alone: a login name in an address would stand in logs. */
  const known = (id: string): string => {
    if (people.find(id)?.id !== id) throw new AccessError("no-such-person", "nobody here has this id");
    return id;
  };

  app.get(
    "/api/v1/people",
    { config: SEE, schema: { tags: ["people"], response: { 200: z.array(PersonView), ...problems } } },
    async () =>
      people
        .all()
        .filter(({ state }) => state !== "closed")
        .map(personView),
  );

  app.post(
    "/api/v1/people",
    {
      config: MANAGE,
      schema: {
        tags: ["people"],
        description:
          "Adds somebody, who chooses a password with the one-time link in the answer. Roles wait until somebody with `approve-people` has approved them.",
        body: InviteBody,
        response: { 200: InvitedView, ...changeProblems },
      },
    },
    (request) => {
      const { name, roles, rooms } = request.body;
      return done(() => people.invite(name, { roles, rooms }, by(request)));
    },
  );

  app.put(
    "/api/v1/people/:person",
    {
      config: MANAGE,
      schema: {
        tags: ["people"],
        description: "Roles and rooms from now on. What is more than before waits for approval; less holds at once.",
        params: Whom,
        body: GrantBody,
        response: { 200: GrantedView, ...changeProblems },
      },
    },
    async (request) => ({
      state: await done(() => people.change(known(request.params.person), request.body, by(request))),
    }),
  );

  app.post(
    "/api/v1/people/:person/link",
    {
      config: MANAGE,
      schema: {
        tags: ["people"],
        description:
          "A one-time link to choose a password, or a new one; with a new one the roles wait for approval again.",
        params: Whom,
        response: { 200: InvitedView, ...changeProblems },
      },
    },
    (request) =>
      done(() => {
        const id = known(request.params.person);
        const kind = people.find(id)!.password === null ? "invite" : "reset";
        return { id, link: people.link(id, kind, by(request)) };
      }),
  );

  app.post(
    "/api/v1/people/:person/approval",
    {
      config: APPROVE,
      schema: {
        tags: ["people"],
        description:
          "Says yes or no to roles and rooms that were asked for, as they were shown; not to one's own. 409 `asked-otherwise`: others are asked for by now.",
        params: Whom,
        body: ApprovalBody,
        response: { 204: Nothing, ...changeProblems },
      },
    },
    async (request, reply) => {
      const { approve, ...shown } = request.body;
      await done(() => people.decide(known(request.params.person), approve, shown, by(request)));
      return reply.code(204).send(null);
    },
  );

  app.delete(
    "/api/v1/people/:person",
    {
      config: MANAGE,
      schema: {
        tags: ["people"],
        description: "Closes an account; its sessions, links and tokens end at once.",
        params: Whom,
        response: { 204: Nothing, ...changeProblems },
      },
    },
    async (request, reply) => {
      await done(() => people.close(known(request.params.person), by(request)));
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/v1/tokens",
    { config: SEE, schema: { tags: ["people"], response: { 200: z.array(TokenView), ...problems } } },
    async () => tokens.all().map(tokenView),
  );

  app.delete(
    "/api/v1/tokens/:token",
    {
      config: MANAGE,
      schema: {
        tags: ["people"],
        params: z.object({ token: z.string().max(64) }),
        response: { 204: Nothing, ...changeProblems },
      },
    },
    async (request, reply) => {
      await done(() => tokens.revoke(request.params.token, by(request)));
      return reply.code(204).send(null);
    },
  );
};
