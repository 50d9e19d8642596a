/** How people sign in with the house's own accounts, as it is written in the settings (`oidc`), and what their groups are worth here. */
import { z } from "zod";
import { RoomId } from "#protocol/quantities.ts";
import { forbiddenTogether, Role } from "#protocol/roles.ts";
import type { Granted } from "./people.ts";

const Names = z.union([
  z
    .string()
    .min(1)
    .transform((text) => ({ da: text, en: text })),
  z.strictObject({ da: z.string().min(1), en: z.string().min(1) }),
]);

const Group = z.strictObject({
  roles: z
    .array(Role)
    .min(1)
    .refine((roles) => forbiddenTogether(roles) === undefined, "roles that are never one person's"),
  rooms: z.array(RoomId).default([]),
});

/** Plain HTTP only to a provider on this machine: tests, development. */
const isSafe = (url: string): boolean => {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || (protocol === "http:" && ["127.0.0.1", "localhost", "[::1]"].includes(hostname));
};

export const ProviderSettings = z.strictObject({
  issuer: z.url().refine(isSafe, "must be https://").describe("the provider, as in its discovery document"),
  clientId: z.string().min(1),
  clientSecret: z
    .string()
    .min(1)
    .optional()
    .describe("without one the client is public, and only PKCE protects the code"),
  name: Names.prefault({ da: "organisationens login", en: "the organisation's sign-in" }),
  scope: z.string().default("openid").describe("what is asked for; `openid groups` with many providers"),
  groupsClaim: z.string().default("groups").describe("claim of the ID token, or of userinfo, that lists groups"),
  groups: z.record(z.string(), Group).describe("what a group's members may do"),
  callback: z.url().optional().describe("address of the callback, where it is not the one that the browser asked"),
});
export type ProviderSettings = z.infer<typeof ProviderSettings>;

/** All that somebody's groups are worth together; groups that are not named here are worth nothing. */
export function grantOf(claim: unknown, { groups }: Pick<ProviderSettings, "groups">): Granted {
  const named = [claim].flat().filter((name) => typeof name === "string");
  const found = named.flatMap((name) => (Object.hasOwn(groups, name) ? groups[name]! : []));
  return {
    roles: [...new Set(found.flatMap(({ roles }) => roles))],
    rooms: [...new Set(found.flatMap(({ rooms }) => rooms))],
  };
}
