/** How the demo's simulated devices get what they are known by, where the settings want that: as real ones do. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BY_GATEWAY } from "./audit/entry.ts";
import type { Config } from "./config.ts";
import type { DeviceBook } from "./enrolment/device-book.ts";
import { offerOf } from "./enrolment/views.ts";

/** Flags of `npm run device`; none where no device needs a credential. Writes claim codes for those that have none. */
export function demoCredentials({ data, site }: Config, book: DeviceBook | undefined): string[] {
  if (!book) return [];
  const without = site.devices.filter(({ id }) => book.of(id).credential === "none");
  const claims = without.map(({ id }) => offerOf(book, id, BY_GATEWAY));
  const flags = ["--credentials", join(data, "credentials")];
  if (claims.length === 0) return flags;
  const path = join(data, "demo-claims.json");
  writeFileSync(path, JSON.stringify(claims), { mode: 0o600 });
  return [...flags, "--claims", path];
}
