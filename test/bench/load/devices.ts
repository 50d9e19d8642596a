/**
 * Simulated devices of a site of any size, as a process: `devices.ts SITE-FILE BROKER-URL`, ended by SIGTERM. Each is the whole
 * firmware over a connection of its own. What they hear is lent from some job centres as the demo's, each lived anew: a world
 * of thousands of rooms would take minutes to be planned.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "#firmware/device/clock.ts";
import { mqttDial } from "#firmware/device/mqtt-link.ts";
import { type Fleet, startFleet } from "#firmware/fleet.ts";
import type { SenseRoom } from "#firmware/generate.ts";
import { senseWorld } from "#firmware/simulated-world.ts";
import type { RoomId } from "#protocol/quantities.ts";
import { parseSite } from "#protocol/site-file.ts";

const DEMO = fileURLToPath(import.meta.resolve("#protocol/demo-site.yaml"));
const HOUSES = 8;
const DRAIN_MS = 30_000;
/** They come one group after another, as power comes back in a house; a storm of all at once is another test's subject. */
const AT_ONCE = 100;
const PAUSE_MS = 500;

/** Every room of the site hears one of the houses' rooms; several hear the same one. */
function lentSounds(rooms: readonly RoomId[]): SenseRoom {
  const demo = parseSite(readFileSync(DEMO, "utf8"), DEMO);
  const houses = Array.from({ length: HOUSES }, (_, seed) =>
    senseWorld({ site: demo, scenario: "busy-day", seed, form: "levels", openNow: true }),
  );
  const sources = houses.flatMap((sense) => demo.rooms.map(({ id }) => latest((t) => sense(id, t))));
  const sourceOf = new Map(rooms.map((room, i) => [room, sources[i % sources.length]!]));
  return (room, t) => sourceOf.get(room)!(t);
}

/** Asked for the same second again it answers the same. */
function latest<T>(make: (t: number) => T): (t: number) => T {
  let known: { t: number; value: T } | undefined;
  return (t) => {
    if (known?.t !== t) known = { t, value: make(t) };
    return known.value;
  };
}

const [siteFile, broker] = process.argv.slice(2) as [string, string];
const site = parseSite(readFileSync(siteFile, "utf8"), siteFile);
const sense = lentSounds(site.rooms.map(({ id }) => id));
const fleets: Fleet[] = [];
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());
for (let from = 0; from < site.devices.length && !stop.signal.aborted; from += AT_ONCE) {
  fleets.push(
    startFleet({
      site,
      dialAs: () => mqttDial(broker),
      clock: systemClock,
      start: Date.now(),
      faults: [],
      measures: () => true,
      sense,
      devices: site.devices.slice(from, from + AT_ONCE),
    }),
  );
  await sleep(PAUSE_MS, undefined, { signal: stop.signal }).catch(() => {});
}
if (!stop.signal.aborted) await once(stop.signal, "abort");
await Promise.all(fleets.map((fleet) => fleet.close(DRAIN_MS)));
const left = fleets.flatMap(({ devices }) => devices).reduce((sum, { kept }) => sum + kept.length, 0);
process.stdout.write(`${left} messages without a receipt\n`);
process.exit(left === 0 ? 0 : 1);
