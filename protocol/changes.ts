/** Changes of the configuration as they are told: what is asked for, how far it has come, what was. Roles, never people. */
import { z } from "zod";
import { Role } from "./roles.ts";

const Time = z.iso.datetime().describe("RFC 3339, UTC");
const Value = z.union([z.string().max(200), z.number(), z.boolean()]);

export const SettingChange = z.object({
  path: z.string().describe("such as `policy.measuring`"),
  before: Value.nullable().describe("null: not there"),
  after: Value.nullable(),
});
export type SettingChange = z.infer<typeof SettingChange>;

export const ChangePhase = z.enum([
  "requested",
  "notice",
  "in-force",
  "returned",
  "refused",
  "withdrawn",
  "expired",
  "narrowed",
]);
export type ChangePhase = z.infer<typeof ChangePhase>;

/** Why nothing came of what somebody wanted; the `type` of the problem that says so. */
export const ChangeDenial = z.enum([
  "not-permitted",
  "roles-apart",
  "unknown-request",
  "unknown-setting",
  "nothing-changes",
  "too-many-requests",
  "reason-missing",
  "ends-too-soon",
  "lasts-too-long",
  "not-open",
  "not-yours",
  "own-request",
  "revised-since",
  "already-approved",
  "role-already-approved",
  "of-the-file",
]);
export type ChangeDenial = z.infer<typeof ChangeDenial>;

export const ChangeDeed = z.enum(["approve", "refuse", "withdraw", "revise"]);
export type ChangeDeed = z.infer<typeof ChangeDeed>;

export const ChangeRequestView = z.object({
  id: z.int(),
  origin: z.enum(["person", "file"]).describe("file: found in what the gateway was started with"),
  phase: ChangePhase,
  requestedAt: Time.describe("since when it stands as it stands"),
  changes: z.array(SettingChange).describe("every one widens"),
  reason: z.string().nullable().describe("told to those who sign in; null also where nobody has given one yet"),
  hasReason: z.boolean(),
  until: Time.nullable().describe("its end; null where nobody has given one yet"),
  noticeDays: z.int().describe("how long it is told before it is in force"),
  approvedBy: z.array(Role),
  needs: z.array(Role).describe("whose approval it still needs"),
  daysLeft: z.int().nullable().describe("until it is in force, expires, or returns; null when it is over"),
  over: Time.nullable().describe("when it was refused, withdrawn, expired, returned or narrowed"),
  may: z.array(ChangeDeed).describe("what who asks may do with it now"),
});
export type ChangeRequestView = z.infer<typeof ChangeRequestView>;

export const ChangesView = z.object({
  agreedAt: Time.describe("when what the gateway was first started with was taken for agreed"),
  law: z.object({
    name: z.string(),
    from: z.iso.date(),
    approvers: z.array(Role).describe("one person of each"),
    longestDays: z.int(),
  }),
  heldBack: z.array(SettingChange).describe("what the gateway was started with asks for, and does not get"),
  requests: z.array(ChangeRequestView).describe("newest first"),
});
export type ChangesView = z.infer<typeof ChangesView>;

export const SettingView = z.object({
  path: z.string(),
  value: Value.describe("in force"),
  entry: z.enum(["number", "time", "choice", "none"]).describe("how another value is given; none: it can only go"),
  choices: z.array(z.string()).describe("of a `choice`"),
  canGo: z.boolean().describe("whether it may be taken away"),
});
export type SettingView = z.infer<typeof SettingView>;

export const WeighedView = z.object({
  narrowing: z.array(SettingChange).describe("is so at once"),
  widening: z.array(SettingChange).describe("waits for two approvals and its notice"),
  noticeDays: z.int().describe("of what widens"),
});
export type WeighedView = z.infer<typeof WeighedView>;

const Reason = z.string().max(500);
/** The end of a widening. */
const Until = z.iso.datetime().nullable();
const Wanted = z.record(z.string().max(200), Value.nullable()).describe("path → value; null: gone");

/** A request as it was shown: it may have been revised since. */
export const ApproveBody = z.strictObject({ requestedAt: Time, changes: z.array(SettingChange).max(1000) });

export const WeighBody = z.strictObject({ wanted: Wanted });
export const ChangeBody = z.strictObject({ wanted: Wanted, reason: Reason.default(""), until: Until.default(null) });
export const ReviseBody = z.strictObject({ wanted: Wanted.optional(), reason: Reason, until: Until });
