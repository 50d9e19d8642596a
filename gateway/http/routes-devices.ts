/** What devices are known by: who holds a credential, claim codes, revocation. */
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { ClaimView, EnrolmentView } from "#protocol/enrolment.ts";
import { Id } from "#protocol/quantities.ts";
import { actorOf } from "../audit/entry.ts";
import type { DeviceBook } from "../enrolment/device-book.ts";
import { enrolmentView, offerOf } from "../enrolment/views.ts";
import { personOf } from "./access.ts";
import type { HttpParts } from "./parts.ts";
import { HttpProblem } from "./problem.ts";
import { conflict, problems } from "./responses.ts";

const tags = ["devices"];
const params = z.object({ device: Id });

export const deviceRoutes: FastifyPluginAsyncZod<Pick<HttpParts, "site" | "enrolments" | "broker">> = async (
  app,
  { site, enrolments, broker },
) => {
  const devices = new Set(site.devices.map(({ id }) => id));
  const bookFor = (device: Id): DeviceBook => {
    if (!devices.has(device))
      throw new HttpProblem(404, `the site has no device ${device}`, { kind: "no-such-device" });
    if (!enrolments) throw new HttpProblem(409, "devices need no credential here", { kind: "no-credential-needed" });
    return enrolments;
  };

  app.get(
    "/api/v1/enrolments",
    {
      config: { permission: "enrolments" },
      schema: {
        tags,
        description: "What each device of the site is known by, and until when a claim code waits to be used.",
        response: { 200: z.array(EnrolmentView), ...problems },
      },
    },
    async () =>
      site.devices.map(({ id }) =>
        enrolments
          ? enrolmentView(enrolments.of(id))
          : { device: id, credential: "not-needed" as const, since: null, claimUntil: null },
      ),
  );

  app.post(
    "/api/v1/enrolments/:device",
    {
      config: { permission: "manage-devices" },
      schema: {
        tags,
        description:
          "A new claim code, told this once; it replaces an unused one. What the device holds stays good until it is used.",
        params,
        response: { 200: ClaimView, ...problems, ...conflict },
      },
    },
    async (request) => {
      const { device } = request.params;
      return { ...offerOf(bookFor(device), device, actorOf(personOf(request))), broker };
    },
  );

  app.delete(
    "/api/v1/enrolments/:device",
    {
      config: { permission: "manage-devices" },
      schema: {
        tags,
        description: "Takes credential and claim code away, and cuts the device off.",
        params,
        response: { 200: EnrolmentView, ...problems, ...conflict },
      },
    },
    async (request) => {
      const { device } = request.params;
      const book = bookFor(device);
      book.revoke(device, actorOf(personOf(request)));
      return enrolmentView(book.of(device));
    },
  );
};
