/** Every read of behaviour data is written down before it is answered; when it cannot be, the answer is 503 (PRIVACY §1.9). */
import type { FastifyRequest } from "fastify";
import type { HttpParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";

/** A preHandler for routes that answer behaviour data. Until sign-in exists the actor is whoever sits at this machine. */
export const audited =
  ({ journal, clock }: HttpParts, object: string) =>
  async (request: FastifyRequest): Promise<void> => {
    const scope = new URLSearchParams({ ...(request.params as object), ...(request.query as object) }).toString();
    try {
      await journal.audit({ at: clock.now(), actor: "local", action: "read", object, scope });
    } catch (error) {
      throw new HttpProblem(503, "the read could not be entered in the audit log, so it is not answered", {
        cause: error,
      });
    }
  };
