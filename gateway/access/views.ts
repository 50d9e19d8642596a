/** People and tokens as they are told, by HTTP and as JSON on the command line. */
import type { PersonView, TokenView } from "#protocol/access.ts";
import type { PersonView as KeptPerson } from "./people.ts";
import type { TokenView as KeptToken } from "./tokens.ts";

export const personView = ({ id, name, roles, rooms, wish, state, sessions }: KeptPerson): PersonView => ({
  id,
  name,
  roles: [...roles],
  rooms: [...rooms],
  asked: wish && { roles: wish.roles, rooms: wish.rooms, by: wish.by, at: new Date(wish.at).toISOString() },
  state: state === "closed" ? "local" : state,
  sessions,
});

export const tokenView = (token: KeptToken): TokenView => ({
  id: token.id,
  owner: token.owner,
  label: token.label,
  role: token.role,
  rooms: [...token.rooms],
  only: token.only && [...token.only],
  expires: new Date(token.expires).toISOString(),
  lastUsed: token.usedDay,
  revoked: token.revoked === null ? null : new Date(token.revoked).toISOString(),
});
