/** The demo's people: an account and a token for each role, so that a newcomer can look at the house through anybody's eyes. */
import { randomInt } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { RoomId } from "#protocol/quantities.ts";
import { Role } from "#protocol/roles.ts";
import type { Site } from "#protocol/site.ts";
import type { Access } from "./access/access.ts";
import { MACHINE } from "./access/events.ts";
import { signInLink } from "./access/link-address.ts";

const TOKENS = "demo-tokens.json";
const PASSWORD = "demo-password";
const TOKEN_DAYS = 30;

export interface DemoPeople {
  /** Of all accounts, which are called as their roles are. */
  readonly password: string;
  /** Opens once, signs in; by role. */
  readonly links: readonly { readonly role: Role; readonly url: string }[];
  /** Of `demo-tokens.json`. */
  readonly tokensFile: string;
}

/** Makes what is missing of accounts, password and tokens; links are new each time. */
export async function demoPeople(access: Access, site: Site, data: string, gateway: string): Promise<DemoPeople> {
  const password = keptPassword(join(data, PASSWORD));
  for (const role of Role.options) await ensureAccount(access, role, roomsOf(site, role), password);
  const tokensFile = join(data, TOKENS);
  writeTokens(access, site, tokensFile);
  const links = Role.options.map((role) => ({
    role,
    url: signInLink(gateway, access.people.link(role, "sign-in", MACHINE)),
  }));
  return { password, links, tokensFile };
}

/** A team lead answers for the whole house; staff sit in its first shared office. */
function roomsOf({ rooms }: Site, role: Role): readonly RoomId[] {
  if (role === "team-lead") return rooms.map(({ id }) => id);
  const office = rooms.find(({ kind }) => kind === "shared-office") ?? rooms[0];
  return role === "room-staff" && office ? [office.id] : [];
}

async function ensureAccount(access: Access, role: Role, rooms: readonly RoomId[], password: string): Promise<void> {
  const nowhere = { address: "127.0.0.1", session: undefined, browser: undefined };
  const found = access.people.find(role);
  if (found?.password) return;
  const link = found
    ? access.people.link(role, "invite", MACHINE)
    : access.people.invite(role, { roles: [role], rooms }, MACHINE).link;
  const answer = await access.signIn.byLink(link, { password }, nowhere);
  // Nobody has come in: the password is chosen, and that is all.
  if (answer.kind === "signed-in") access.signOut(answer.session, false);
}

/** Sixteen letters and digits that are not taken for one another, in fours: 80 bit. */
const SIGNS = "abcdefghjkmnpqrstuvwxyz23456789";
function keptPassword(file: string): string {
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const four = () => Array.from({ length: 4 }, () => SIGNS[randomInt(SIGNS.length)]).join("");
  const password = Array.from({ length: 4 }, four).join("-");
  writeOwn(file, `${password}\n`);
  return password;
}

const Tokens = z.partialRecord(Role, z.string());

/** `{ "team-lead": "frt_…", … }`; those that are still good stay. */
function writeTokens(access: Access, site: Site, file: string): void {
  const kept = existsSync(file) ? (Tokens.safeParse(JSON.parse(readFileSync(file, "utf8"))).data ?? {}) : {};
  const isGood = (role: Role) =>
    kept[role] !== undefined &&
    access.identify({ cookie: undefined, authorization: `Bearer ${kept[role]}` })?.roles.includes(role);
  const tokens = Role.options.map((role) => {
    if (isGood(role)) return [role, kept[role]] as const;
    const wish = { role, label: `demo ${role}`, days: TOKEN_DAYS, rooms: roomsOf(site, role) };
    return [role, access.addToken(wish).secret] as const;
  });
  writeOwn(file, `${JSON.stringify(Object.fromEntries(tokens), null, 2)}\n`);
}

/** For the owner alone. */
const writeOwn = (file: string, text: string): void => writeFileSync(file, text, { mode: 0o600 });
