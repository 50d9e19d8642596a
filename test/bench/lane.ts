/**
 * Readings per second through the pure part of the lane (detect and alerts), on one core, without journal or disk.
 * `node test/bench/lane.ts [devices] [minutes]`; devices stand two to a room, half of the rooms are shared offices.
 */

import type { StoredReading } from "#gateway/ingest/stored-reading.ts";
import { initialLane, laneRules, stepLane } from "#gateway/lane-state.ts";
import { Site } from "#protocol/site.ts";

const devices = Number(process.argv[2] ?? 5000);
const minutes = Number(process.argv[3] ?? 20);
const start = Date.UTC(2026, 2, 2, 8);
const site = Site.parse({
  site: "bench",
  name: "Bench",
  timeZone: "UTC",
  rooms: Array.from({ length: Math.ceil(devices / 2) }, (_, i) => ({
    id: `R${i}`,
    name: `R${i}`,
    kind: i % 2 === 0 ? "shared-office" : "conversation-room",
    assigned: i % 2 === 0 ? 3 : 0,
  })),
  devices: Array.from({ length: devices }, (_, i) => ({ id: `d${i}`, room: `R${i >> 1}` })),
});
const roomOf = new Map(site.devices.map(({ id, room }) => [id, site.rooms.find((one) => one.id === room)!]));

/** What a device says: a level each 10 s, a state each 30 s, a conversation of five minutes each ten. */
function reading(id: number, device: number, second: number): StoredReading {
  const t = start + second * 1000 + (device % 997);
  const base = {
    id,
    device: `d${device}`,
    room: roomOf.get(`d${device}`)!,
    boot: "00000001",
    seq: id,
    t,
    receivedAt: t + 20,
  };
  const header = { boot: "00000001", seq: id, t };
  if (second % 30 !== 0) {
    const level = { laeq: 50, lafmax: 60, l90: 40, speechRatio: 0.5, noiseLimited: false, clipped: false };
    return { ...base, channel: "level", reading: { ...header, ...level } };
  }
  const phase = Math.floor((second + device) / 300) % 2;
  const since = Math.max(start, t - ((second + device) % 300) * 1000);
  const conversation = phase === 0 ? "on" : "off";
  return {
    ...base,
    channel: "state",
    reading: { ...header, occupied: true, confidence: 0.9, conversation, hint: "dialogue", since },
  };
}

function measure(name: string, seconds: readonly number[]): void {
  const rules = laneRules(site);
  let state = initialLane(rules);
  let id = 0;
  let facts = 0;
  let decided = 0;
  let spent = 0;
  for (const second of seconds) {
    const batch = Array.from({ length: devices }, (_, device) => reading(++id, device, second));
    const before = performance.now();
    for (const one of batch) {
      const next = stepLane(state, { kind: "reading", reading: one }, rules);
      state = next.state;
      facts += next.facts.length;
      decided += next.decided.length;
    }
    spent += performance.now() - before;
  }
  const before = performance.now();
  const bytes = JSON.stringify(state).length;
  const snapshot = performance.now() - before;
  console.log(
    `${name}: ${Math.round(id / (spent / 1000)).toLocaleString("en")} readings/s ` +
      `(${id.toLocaleString("en")} readings, ${facts} facts, ${decided} transitions; state ${Math.round(bytes / 1000)} kB in ${snapshot.toFixed(1)} ms)`,
  );
}

const until = minutes * 60;
measure(
  "levels and states",
  Array.from({ length: until / 10 }, (_, i) => i * 10),
);
measure(
  "states only",
  Array.from({ length: until / 30 }, (_, i) => i * 30),
);
