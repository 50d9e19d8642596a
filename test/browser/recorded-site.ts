/** The job centre whose day is recorded. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Site } from "#protocol/site.ts";
import { parseSite } from "#protocol/site-file.ts";

const siteFile = join(import.meta.dirname, "../../protocol/demo-site.yaml");

export const site: Site = parseSite(readFileSync(siteFile, "utf8"), siteFile);
export const iso = (ms: number) => new Date(ms).toISOString();
