/** Who asks the gateways of a journey: a token for each role, known by the gateway's address. */
import { join } from "node:path";
import type { Access } from "#gateway/access/access.ts";
import { openAccess } from "#gateway/access/access.ts";
import { Role } from "#protocol/roles.ts";
import type { Site } from "#protocol/site.ts";

/** As in the demo's `demo-tokens.json`. */
export type Tokens = Readonly<Record<Role, string>>;

const held = new Map<string, Tokens>();

/** For roles that have rooms of their own they are all rooms of the site. */
export function makeTokens({ addToken }: Pick<Access, "addToken">, { rooms }: Site): Tokens {
  const ids = rooms.map(({ id }) => id);
  const made = Role.options.map((role) => [role, addToken({ role, label: "journey", days: 1, rooms: ids }).secret]);
  return Object.fromEntries(made) as Tokens;
}

/** For a gateway that is not started yet, by its data folder. */
export async function makeTokensIn(data: string, site: Site): Promise<Tokens> {
  await using access = openAccess({ file: join(data, "access.db") });
  return makeTokens(access, site);
}

export const holdTokens = (url: string, tokens: Tokens): void => void held.set(url, tokens);

/** Who is told the most at an address. */
function roleFor(path: string): Role {
  if (path.startsWith("/metrics")) return "it-admin";
  return /^\/api\/v1\/(history|report|pairs\/)/.test(path) ? "dpo" : "team-lead";
}

/** For a request to one of a journey's gateways; of any other nothing. */
export function asking(url: string, path: string, role = roleFor(path)): Record<string, string> {
  const tokens = held.get(url);
  return tokens ? { authorization: `Bearer ${tokens[role]}` } : {};
}
