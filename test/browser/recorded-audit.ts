/** Some days of an audit log, as the API would tell it to a data-protection officer. */
import { createHash } from "node:crypto";
import type { AuditEntryView, AuditHeadView, AuditPageView } from "#protocol/audit.ts";
import { iso, site } from "./recorded-site.ts";

const MINUTE = 60_000;
const hashOf = (seq: number) => createHash("sha256").update(`entry ${seq}`).digest("hex");

/** Newest first, minutes ago. */
const deeds: readonly (Partial<AuditEntryView> & { readonly minutes: number })[] = [
  {
    minutes: 2,
    actor: "p-7f3a91",
    role: "team-lead",
    object: "history",
    scope: "room=K1&from=2026-11-01&to=2026-11-07",
    rooms: ["K1"],
  },
  { minutes: 3, object: "history", scope: "room=K1&from=2026-11-02&to=2026-11-08", rooms: ["K1"] },
  {
    minutes: 9,
    actor: "p-7f3a91",
    role: "team-lead",
    object: "rooms",
    scope: "rooms=K1%2CK2",
    rooms: ["K1", "K2"],
    count: 2,
  },
  {
    minutes: 31,
    actor: "p-19c2d0",
    role: "facilities+room-staff",
    object: "report",
    scope: "from=2026-10-01&to=2026-10-31",
    count: 13,
  },
  {
    minutes: 44,
    actor: "gateway",
    role: "gateway",
    action: "alert-opened",
    object: "overheard",
    scope: "rooms=S1%2CG1",
    rooms: ["S1", "G1"],
  },
  {
    minutes: 52,
    actor: "nobody",
    role: "none",
    action: "sign-in-refused",
    object: "p-7f3a91",
    scope: "why=wrong-password",
  },
  { minutes: 75, actor: "t-55e0aa", role: "dpo", action: "export", object: "audit", count: 412 },
  {
    minutes: 76,
    actor: "p-c410b7",
    role: "dpo",
    action: "read-log",
    object: "audit",
    scope: "from=2026-11-01T08%3A00%3A00Z",
  },
  {
    minutes: 3000,
    actor: "p-e0d211",
    role: "staff-rep",
    object: "pair history",
    scope: "fromRoom=K1&toRoom=G1",
    rooms: ["K1", "G1"],
    count: 2,
  },
  { minutes: 4500, actor: "local", role: null, object: "stream", count: null },
];
const OLDER = 113;

const entry = (n: number, now: number): AuditEntryView => {
  const { minutes, ...more } = deeds[n] ?? {
    minutes: 4500 + n,
    actor: "p-7f3a91",
    role: "team-lead",
    object: "alerts",
  };
  const seq = deeds.length + OLDER - n;
  return {
    seq,
    time: iso(now - minutes * MINUTE),
    actor: "p-7f3a91",
    role: "team-lead",
    action: "read",
    object: "rooms",
    scope: "",
    rooms: null,
    reason: null,
    count: 1,
    hash: hashOf(seq),
    ...more,
  };
};

const PAGE = 100;

/** Entries since `from`, ms, of a room, before `to`. */
export function auditPage(now: number, from: number, room: string | undefined, to: number): AuditPageView {
  const found = Array.from({ length: deeds.length + OLDER }, (_, n) => entry(n, now))
    .filter(({ time }) => Date.parse(time) >= from && Date.parse(time) < to)
    .filter(({ rooms, action }) => room === undefined || (rooms?.includes(room) ?? action === "read"));
  const entries = found.slice(0, PAGE);
  return { reach: ["all"], entries, next: found.length > PAGE ? entries.at(-1)!.time : null };
}

export const auditHead = (now: number): AuditHeadView => {
  const count = deeds.length + OLDER;
  const key = `MCowBQYDK2VwAyEA${"A".repeat(43)}=`;
  return {
    count,
    head: hashOf(count),
    publicKey: key,
    checkpoint: {
      count: count - 8,
      head: hashOf(count - 8),
      key,
      signature: "not looked at by the page",
      site: site.site,
      time: iso(now - 600 * MINUTE),
    },
  };
};
