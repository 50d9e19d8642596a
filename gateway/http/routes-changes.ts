/** Changes of the configuration: what is pending and past, for everybody; asking, approving, refusing, withdrawing. */
import type { FastifyRequest } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import {
  ApproveBody,
  ChangeBody,
  type ChangeDenial,
  ChangesView,
  ReviseBody,
  SettingView,
  WeighBody,
  WeighedView,
} from "#protocol/changes.ts";
import type { Person } from "../access/person.ts";
import type { Who } from "../approval/request.ts";
import { inForce } from "../approval/state.ts";
import { type Wanted, weigh } from "../approval/step.ts";
import type { Changes, Wish } from "../changes.ts";
import { settableIn } from "../settable.ts";
import { personOf } from "./access.ts";
import { changesView, weighedView } from "./changes-view.ts";
import { HttpProblem } from "./problem.ts";
import { conflict, problems } from "./responses.ts";

const Id = z.object({ id: z.coerce.number().int().min(1) });
const answers = { 200: ChangesView, ...problems, ...conflict };
const tags = ["changes"];

export const changeRoutes: FastifyPluginAsyncZod<{ readonly changes: Changes }> = async (app, { changes }) => {
  const view = ({ person }: FastifyRequest) =>
    changesView(changes.state(), changes.law, person && { who: whoOf(person), isProgram: isProgram(person) });
  const done = async (request: FastifyRequest, wish: Wish): Promise<ChangesView> => {
    const events = await changes.wish(wish).catch((cause: unknown) => {
      throw new HttpProblem(503, "the change could not be entered in the audit log, so it is not made", { cause });
    });
    for (const event of events) if (event.kind === "denied") throw refusalOf(event.why);
    return view(request);
  };

  const refuseFaults = (wanted: Wanted): void => {
    const fault = changes.faultOf(wanted);
    if (fault !== undefined) throw new HttpProblem(400, fault);
  };

  app.get(
    "/api/v1/changes",
    {
      config: { permission: "changes" },
      schema: {
        tags,
        description:
          "What of the configuration was asked to be widened, what is in force of it, and what was. No people.",
        response: answers,
      },
    },
    async (request) => view(request),
  );

  app.get(
    "/api/v1/settings",
    {
      config: { permission: "changes" },
      schema: {
        tags,
        description: "The settings in force that may be changed by asking for it. What is not here comes by the file.",
        response: { 200: z.array(SettingView), ...problems },
      },
    },
    async () => settableIn(inForce(changes.state())),
  );

  app.post(
    "/api/v1/changes/weigh",
    {
      config: { permission: ["request-widening", "narrow-setting"] },
      schema: {
        tags,
        description: "Which of other values would narrow and which widen. Nothing is asked for yet.",
        body: WeighBody,
        response: { 200: WeighedView, ...problems, ...conflict },
      },
    },
    async ({ body: { wanted } }) => {
      refuseFaults(wanted);
      const weighed = weigh(changes.state(), wanted);
      if (typeof weighed === "string") throw refusalOf(weighed);
      return weighedView(weighed, changes.law);
    },
  );

  app.post(
    "/api/v1/changes",
    {
      config: { permission: ["request-widening", "narrow-setting"] },
      schema: {
        tags,
        description:
          "Asks for other settings. What narrows is done at once; what widens waits for two approvals and its notice.",
        body: ChangeBody,
        response: answers,
      },
    },
    async (request) => {
      const { wanted, reason, until } = request.body;
      refuseNumbersOfPeople(reason);
      refuseFaults(wanted);
      return done(request, {
        kind: "ask",
        who: whoOf(personOf(request)),
        wanted,
        reason,
        until: until === null ? null : Date.parse(until),
      });
    },
  );

  app.put(
    "/api/v1/changes/:id",
    {
      config: { permission: "request-widening" },
      schema: {
        tags,
        description: "Changes one's own request, or gives the file's a reason and an end. It begins again.",
        params: Id,
        body: ReviseBody,
        response: answers,
      },
    },
    async (request) => {
      const { wanted, reason, until } = request.body;
      refuseNumbersOfPeople(reason);
      if (wanted) refuseFaults(wanted);
      return done(request, {
        kind: "revise",
        who: whoOf(personOf(request)),
        id: request.params.id,
        reason,
        until: until === null ? null : Date.parse(until),
        ...(wanted && { wanted }),
      });
    },
  );

  app.post(
    "/api/v1/changes/:id/approve",
    {
      config: { permission: "approve-widening" },
      schema: {
        tags,
        description:
          "Two different people, one of each role that approves; nobody their own request. Names the request as it was shown; 409 `revised-since`: it is another by now.",
        params: Id,
        body: ApproveBody,
        response: answers,
      },
    },
    async (request) => {
      const person = personOf(request);
      if (isProgram(person)) throw new HttpProblem(403, "a person approves, signed in; not a program");
      const { requestedAt, changes: those } = request.body;
      const shown = { requestedAt: Date.parse(requestedAt), changes: those };
      return done(request, { kind: "approve", who: whoOf(person), id: request.params.id, shown });
    },
  );

  for (const [kind, permission, description] of [
    ["refuse", "approve-widening", "By an approver, until it is in force."],
    ["withdraw", ["request-widening", "narrow-setting"], "By who asked, or whoever may narrow; also what is in force."],
  ] as const)
    app.post(
      `/api/v1/changes/:id/${kind}`,
      { config: { permission }, schema: { tags, description, params: Id, response: answers } },
      async (request) => done(request, { kind, who: whoOf(personOf(request)), id: request.params.id }),
    );
};

/** What somebody's program asks for they have asked for: they may not approve it themselves. */
const whoOf = ({ id, owner, roles, only }: Person): Who => ({ id: owner ?? id, roles, ...(only && { only }) });
const isProgram = ({ by }: Person): boolean => by !== "session";

/** A Danish civil registration number has no place in a reason. */
const CPR = /(?<!\d)\d{6}[- ]?\d{4}(?!\d)/;
function refuseNumbersOfPeople(reason: string): void {
  if (CPR.test(reason))
    throw new HttpProblem(400, "the reason holds what looks like a civil registration number", {
      kind: "person-number",
    });
}

const refusals: Readonly<Record<ChangeDenial, readonly [status: number, detail: string]>> = {
  "not-permitted": [403, "your roles do not allow this"],
  "roles-apart": [403, "your roles may not be one person's"],
  "own-request": [403, "nobody approves what they have asked for"],
  "not-yours": [403, "somebody else has asked for it"],
  "unknown-request": [404, "there is no such request"],
  "unknown-setting": [400, "there is no such setting"],
  "nothing-changes": [400, "nothing would change"],
  "reason-missing": [400, "it needs a reason of ten characters at least, and an end"],
  "ends-too-soon": [400, "it would end before its notice is over"],
  "lasts-too-long": [400, "it lasts longer than a widening may"],
  "of-the-file": [400, "what it asks for is in the file the gateway was started with"],
  "too-many-requests": [409, "too many requests are open"],
  "not-open": [409, "it is not open any more"],
  "revised-since": [409, "it has been changed since it was shown"],
  "already-approved": [409, "you have approved it already"],
  "role-already-approved": [409, "somebody of your role has approved it already"],
};
function refusalOf(kind: ChangeDenial): HttpProblem {
  const [status, detail] = refusals[kind];
  return new HttpProblem(status, detail, { kind });
}
