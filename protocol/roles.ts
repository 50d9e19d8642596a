/**
 * Who may do what: the matrix of PRIVACY §3 as one table, for HTTP, the stream and the dashboard alike. What is not in it
 * nobody may do.
 */
import { z } from "zod";

export const Role = z.enum(["room-staff", "team-lead", "facilities", "dpo", "staff-rep", "it-admin"]);
export type Role = z.infer<typeof Role>;

/**
 * How far a permission reaches. `own-rooms`: the rooms the person is responsible for or works in · `grouped`: only together with
 * others, as PRIVACY §2 has it · `own-deeds`: what the person did · `summary`: one figure for the house.
 */
export type Reach = "all" | "own-rooms" | "grouped" | "own-deeds" | "summary";

type Row = Partial<Record<Role | "public", Reach>>;

const staff = { "room-staff": "all", "team-lead": "all", facilities: "all", dpo: "all", "staff-rep": "all" } as const;
const signedIn = { ...staff, "it-admin": "all" } as const;
const everybody = { ...signedIn, public: "all" } as const;

const MATRIX = {
  /** Transparency page, rules, state of the devices, whether the gateway is well. */
  transparency: everybody,
  /** Live state of rooms, and their alerts. */
  live: { "room-staff": "own-rooms", "team-lead": "own-rooms" },
  "free-rooms": staff,
  /** The event stream: of what the other rows allow, each change. */
  stream: signedIn,
  /** How much boundaries keep in, and how ready rooms are for confidential talk. */
  leakage: { ...staff, public: "summary" },
  /** Who talked when: rooms, pairs, past alerts, reports. */
  history: { "room-staff": "own-rooms", "team-lead": "grouped", facilities: "grouped", dpo: "all", "staff-rep": "all" },
  "exemption-request": { "room-staff": "own-rooms" },
  "exemption-approve-first": { "team-lead": "own-rooms" },
  "exemption-approve-second": { dpo: "all" },
  exemptions: {
    "room-staff": "own-rooms",
    "team-lead": "own-rooms",
    dpo: "all",
    "staff-rep": "all",
    public: "summary",
  },
  /** To ask that a room be measured less. */
  mute: signedIn,
  "narrow-setting": { "team-lead": "all", facilities: "all", dpo: "all", "staff-rep": "all", "it-admin": "all" },
  "request-widening": { "team-lead": "all", facilities: "all", "it-admin": "all" },
  "approve-widening": { dpo: "all", "staff-rep": "all" },
  /** Changes of settings, made and pending. */
  changes: everybody,
  /** Which room a device stands in. */
  "place-device": { facilities: "all" },
  /** Enrolment, revocation, firmware. */
  "manage-devices": { "it-admin": "all" },
  enrolments: { facilities: "all", "staff-rep": "all", "it-admin": "all" },
  audit: {
    "room-staff": "own-rooms",
    "team-lead": "own-deeds",
    facilities: "own-deeds",
    dpo: "all",
    "staff-rep": "all",
    "it-admin": "own-deeds",
  },
  /** Count and newest hash of the audit log. */
  "audit-head": everybody,
  "manage-people": { "it-admin": "all" },
  "approve-people": { dpo: "all" },
  people: { dpo: "all", "staff-rep": "all", "it-admin": "all" },
  /** The operators' numbers at `/metrics`: counts, no rooms and nothing of talk. */
  operations: { "it-admin": "all" },
} as const satisfies Record<string, Row>;

export type Permission = keyof typeof MATRIX;
export const permissions = Object.keys(MATRIX) as readonly Permission[];

/** Nobody in particular: what is shown without sign-in. */
export const PUBLIC: readonly Role[] = [];

/** How far a permission reaches for somebody with these roles; empty where it is refused. */
export function reachOf(roles: readonly Role[], permission: Permission): ReadonlySet<Reach> {
  const row: Row = MATRIX[permission];
  return new Set(["public" as const, ...roles].flatMap((role) => row[role] ?? []));
}

/** Roles that one person must not hold together (PRIVACY §3): each would watch over itself. */
const APART: readonly (readonly [Role, Role])[] = [
  ["team-lead", "it-admin"],
  ["team-lead", "dpo"],
  ["team-lead", "staff-rep"],
  ["it-admin", "dpo"],
  ["it-admin", "staff-rep"],
];

/** The first two of the roles that must not be one person's; undefined where they may. */
export const forbiddenTogether = (roles: readonly Role[]): readonly [Role, Role] | undefined =>
  APART.find(([one, other]) => roles.includes(one) && roles.includes(other));
