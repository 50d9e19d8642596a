/** A browser in which somebody is signed in, by way of a one-time link. */
import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import type { Access } from "#gateway/access/access.ts";
import type { Role } from "#protocol/roles.ts";
import type { Site } from "#protocol/site.ts";

/** For `openPage`: before the page goes to its address. Where the role has rooms of its own they are all of the site's. */
export const signedIn =
  (access: Access, url: string, role: Role, { rooms }: Pick<Site, "rooms">) =>
  async (page: Page): Promise<void> => {
    const all = rooms.map(({ id }) => id);
    const name = `${role}-${randomUUID().slice(0, 8)}`;
    const { link } = access.people.invite(name, { roles: [role], rooms: all }, "machine");
    const from = { address: "127.0.0.1", session: undefined, browser: undefined };
    const answer = await access.signIn.byLink(link, { password: randomUUID() }, from);
    if (answer.kind !== "signed-in") throw new Error(`${role} does not get in`);
    await page
      .context()
      .addCookies([{ name: access.cookies.session, value: answer.session, url, httpOnly: true, sameSite: "Strict" }]);
  };
