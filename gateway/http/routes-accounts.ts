/** Everything about signing in and about who may. */
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { peopleRoutes } from "./routes-people.ts";
import { providerRoutes } from "./routes-provider.ts";
import { signInRoutes } from "./routes-sign-in.ts";
import type { Accounts } from "./sign-in-parts.ts";

export const accountRoutes: FastifyPluginAsyncZod<Accounts> = async (app, accounts) => {
  const { access, provider } = accounts;
  await app.register(signInRoutes, accounts);
  await app.register(peopleRoutes, { access });
  if (provider) await app.register(providerRoutes, { access, provider });
};
