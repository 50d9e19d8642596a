/** The audit log as it is told: entries, checkpoints, head. What an entry says of people is a role and a random id. */
import { z } from "zod";

export const AuditAction = z.enum([
  "sign-in",
  "sign-in-refused",
  "sign-out",
  /** A session that is over was shown again: after sign-out, a change of roles, or its end. */
  "session-refused",
  /** Behaviour data. */
  "read",
  /** This log. */
  "read-log",
  "export",
  "alert-opened",
  "alert-acknowledged",
  "configuration-change",
  "approval",
  "exemption",
  "people-change",
  "token-change",
  /** A code was given out with which the device may be enrolled. */
  "device-claim-code",
  "device-enrolled",
  "device-revoked",
  "device-refused",
]);
export type AuditAction = z.infer<typeof AuditAction>;

const Time = z.iso.datetime().describe("RFC 3339, UTC");
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

export const AuditEntryView = z.object({
  seq: z
    .int()
    .nullable()
    .describe(
      "from 1, without gaps; null to who is not told all of the log: it would tell how much others do, and when",
    ),
  time: Time,
  actor: z.string().describe("random id of a person or program; `gateway`: the gateway itself"),
  role: z.string().nullable().describe("roles of the actor, joined by `+`; null in entries of earlier versions"),
  action: AuditAction,
  object: z.string().describe("what it was done to"),
  scope: z.string().describe("which part of it, as in a query string: rooms, period, filter"),
  rooms: z
    .array(z.string())
    .nullable()
    .describe("that it is about; null where the scope names none: the whole house, or no room"),
  reason: z.string().nullable(),
  count: z.int().nullable().describe("how many rooms or things it was about; null in entries of earlier versions"),
  hash: Hash.nullable().describe("null to who is not told all of the log"),
});
export type AuditEntryView = z.infer<typeof AuditEntryView>;

export const AuditReach = z.enum(["all", "own-rooms", "own-deeds"]);
export type AuditReach = z.infer<typeof AuditReach>;

export const AuditPageView = z.object({
  reach: z
    .array(AuditReach)
    .describe("what of the log is told: all · who looked at your rooms · what you did yourself"),
  entries: z.array(AuditEntryView).describe("newest first"),
  next: Time.nullable().describe(
    "`to` of the page with older ones; null when there is none. A page may hold little, and yet have a next",
  ),
});
export type AuditPageView = z.infer<typeof AuditPageView>;

export const CheckpointView = z.object({
  count: z.int().describe("entries the log had"),
  head: Hash.describe("hash of the last of them"),
  key: z.string().describe("public key, Ed25519, SPKI as base64"),
  signature: z.string().describe("Ed25519 over the canonical JSON (RFC 8785) of everything else, base64"),
  site: z.string(),
  time: Time,
});
export type CheckpointView = z.infer<typeof CheckpointView>;

export const AuditHeadView = z.object({
  count: z.int().describe("entries; to who is not told all of the log as of the last checkpoint"),
  head: Hash.describe("hash of the last of them; zeros when there is none"),
  publicKey: z.string().describe("checkpoints are signed by: Ed25519, SPKI as base64"),
  checkpoint: CheckpointView.nullable().describe("the last"),
});
export type AuditHeadView = z.infer<typeof AuditHeadView>;
