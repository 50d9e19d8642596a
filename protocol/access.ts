/** Signing in, who one is, people and tokens, as bodies of the HTTP API. */
import { z } from "zod";
import { Names } from "./api.ts";
import { RoomId } from "./quantities.ts";
import { type Permission, permissions, type Reach, Role } from "./roles.ts";

const Time = z.iso.datetime().describe("RFC 3339, UTC");
export const PermissionName = z.enum(permissions as readonly [Permission, ...Permission[]]);
const ReachName = z.enum(["all", "own-rooms", "grouped", "own-deeds", "summary"] satisfies readonly Reach[]);

/** A login name as it is typed; what it may be is decided where it is chosen. */
const Name = z.string().max(64);
const Password = z.string().max(512);
const Secret = z.string().max(128);

export const SignInOffer = z.object({
  local: z.boolean().describe("whether accounts of the gateway's own may sign in"),
  provider: z.object({ name: Names }).nullable().describe("the house's own sign-in, where there is one"),
});
export type SignInOffer = z.infer<typeof SignInOffer>;

export const SignInBody = z.strictObject({ name: Name, password: Password });
export const LinkBody = z.strictObject({ link: Secret });
export const LinkUseBody = z.strictObject({ link: Secret, name: Name.optional(), password: Password.optional() });
export const LinkView = z.object({
  kind: z.enum(["invite", "reset", "sign-in"]),
  name: z.string().nullable().describe("login name; null: it is chosen with the link"),
});
export type LinkView = z.infer<typeof LinkView>;

export const SignOutBody = z.strictObject({
  everywhere: z.boolean().default(false).describe("all sessions of the account"),
});
export const PasswordBody = z.strictObject({ current: Password, password: Password });

export const MeView = z.object({
  id: z.string().describe("random id of the account or token"),
  name: z.string().nullable().describe("login name; null for tokens and for whoever signs in with the provider"),
  by: z.enum(["session", "token"]),
  roles: z.array(Role),
  rooms: z.array(RoomId),
  permissions: z.partialRecord(PermissionName, z.array(ReachName)).describe("how far each permission reaches"),
  waiting: z.boolean().describe("whether roles that were asked for wait for approval"),
});
export type MeView = z.infer<typeof MeView>;

const Grants = { roles: z.array(Role).max(Role.options.length), rooms: z.array(RoomId).max(1000) };
export const InviteBody = z.strictObject({ name: Name, ...Grants });
export const GrantBody = z.strictObject(Grants);
/** Roles and rooms as they were shown: they may have been asked for otherwise since. */
export const ApprovalBody = z.strictObject({ approve: z.boolean(), ...Grants });

export const InvitedView = z.object({
  id: z.string(),
  link: z.string().describe("one-time secret for `/sign-in#link=…`, told once"),
});
export type InvitedView = z.infer<typeof InvitedView>;
export const GrantedView = z.object({ state: z.enum(["done", "waits"]).describe("`waits`: for approval") });
export type GrantedView = z.infer<typeof GrantedView>;

export const PersonView = z.object({
  id: z.string(),
  name: z.string().nullable(),
  roles: z.array(Role),
  rooms: z.array(RoomId),
  asked: z
    .object({ roles: z.array(Role), rooms: z.array(RoomId), by: z.string(), at: Time })
    .nullable()
    .describe("roles and rooms that wait for approval"),
  state: z.enum(["invited", "local", "outside"]),
  sessions: z.int().describe("sessions that have not ended"),
});
export type PersonView = z.infer<typeof PersonView>;

export const TokenBody = z.strictObject({
  role: Role,
  label: z.string().max(60).describe("what it is for, such as Grafana"),
  days: z.int().min(1).max(400),
  rooms: z.array(RoomId).max(1000).default([]),
  only: z.array(PermissionName).optional().describe("these permissions of the role; all of them without"),
});
export const TokenView = z.object({
  id: z.string(),
  owner: z.string().nullable().describe("account; null: made on the machine"),
  label: z.string(),
  role: Role,
  rooms: z.array(RoomId),
  only: z.array(PermissionName).nullable(),
  expires: Time,
  lastUsed: z.iso.date().nullable().describe("day, UTC"),
  revoked: Time.nullable(),
});
export type TokenView = z.infer<typeof TokenView>;
export const NewTokenView = z.object({ token: TokenView, secret: z.string().describe("told once") });
export type NewTokenView = z.infer<typeof NewTokenView>;
