/** The demo site with devices that measure at any hour, for what is played by the clock on the wall. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const DEMO_SITE = fileURLToPath(import.meta.resolve("#protocol/demo-site.yaml"));

/** The text of a site file made from the demo's. Throws where it does not measure in opening hours. */
export function alwaysMeasuring(text: string = readFileSync(DEMO_SITE, "utf8")): string {
  const always = text.replace("measuring: opening-hours", "measuring: always");
  if (always === text) throw new Error("the demo site measures at any hour already");
  return always;
}

/** Writes it into a folder and answers its path. */
export function writeAlwaysMeasuring(folder: string): string {
  const file = join(folder, "always-measuring.yaml");
  writeFileSync(file, alwaysMeasuring());
  return file;
}
