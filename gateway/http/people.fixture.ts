/** Who asks, in tests: `Bearer team-lead K1,K2`, or with a cookie `session=team-lead K1`. Anything else is nobody's. */
import { permissions, Role } from "#protocol/roles.ts";
import type { Identify, Person } from "../access/person.ts";

/** As `only:live,history` the permissions a token was made for, as `of:dpo` whose it is. */
function personCalled(text: string, by: Person["by"]): Person | undefined {
  const [names = "", rooms = "", ...more] = text.split(" ");
  const said = (what: string) => more.find((word) => word.startsWith(what))?.slice(what.length);
  const owner = said("of:");
  const roles = names.split("+").map((name) => Role.safeParse(name).data);
  if (!roles.every((role) => role !== undefined)) return undefined;
  const only = said("only:")?.split(",");
  return {
    id: text,
    roles,
    rooms: rooms === "" ? [] : rooms.split(","),
    by,
    ...(owner && { owner }),
    ...(only && { only: permissions.filter((permission) => only.includes(permission)) }),
  };
}

export const identifyByName: Identify = ({ authorization, cookie }) => {
  if (authorization !== undefined) return personCalled(authorization.replace(/^Bearer /, ""), "token");
  return cookie === undefined ? undefined : personCalled(cookie.replace(/^session=/, ""), "session");
};

export const bearer = (name: string) => ({ authorization: `Bearer ${name}` });
