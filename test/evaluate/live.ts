/** A house through its devices and the gateway's pure steps, second by second: leases go down as readings come up. */
import type { Fault } from "#firmware/faults/fault.ts";
import { generate, type SenseRoom } from "#firmware/generate.ts";
import { registryOf } from "#gateway/ingest/registry.ts";
import type { StoredReading } from "#gateway/ingest/stored-reading.ts";
import { initialLane, type LaneInput, type LaneStep, laneDue, laneRules, stepLane } from "#gateway/lane-state.ts";
import type { Boot, Id, Millis } from "#protocol/quantities.ts";
import type { Readings } from "#protocol/readings.ts";
import type { Site } from "#protocol/site.ts";

export interface Life {
  /** As the gateway knows it. */
  readonly site: Site;
  readonly seed: string;
  readonly sense: SenseRoom;
  readonly from: Millis;
  readonly until: Millis;
  readonly faults: readonly Fault[];
}

/** Calls `hear` with every step of the lane. */
export function live({ site, seed, sense, from, until, faults }: Life, hear: (step: LaneStep) => void): void {
  const rules = laneRules(site);
  const inputOf = createReader(site);
  const leases = new Map<Id, Millis>();
  let state = initialLane(rules);

  function take(input: LaneInput): void {
    const step = stepLane(state, input, rules);
    state = step.state;
    for (const fact of step.pairFacts) if (fact.kind === "lease") leases.set(fact.device, fact.until);
    hear(step);
  }
  /** What falls due by itself is decided when it does. */
  function pass(at: Millis): void {
    for (let due = laneDue(state); due <= at; ) {
      take({ kind: "tick", at: due });
      const next = laneDue(state);
      if (next <= due) return;
      due = next;
    }
  }

  take({ kind: "start", at: from });
  const leaseUntil = (device: Id) => leases.get(device) ?? null;
  for (const publication of generate({ site, seed, sense, from, until, faults, leaseUntil })) {
    pass(publication.at);
    const input = inputOf(publication);
    if (input) take(input);
  }
  pass(until);
}

/** What ingest would hand on of a message: nothing of one that came before. */
function createReader(site: Site) {
  const registry = registryOf(site);
  const heard = new Map<Id, { boot: Boot; seqs: Set<number> }>();
  let id = 0;

  function isNew(device: Id, boot: Boot, seq: number): boolean {
    if (heard.get(device)?.boot !== boot) heard.set(device, { boot, seqs: new Set() });
    const { seqs } = heard.get(device)!;
    if (seqs.has(seq)) return false;
    seqs.add(seq);
    return true;
  }

  return ({ at, topic, payload }: { at: Millis; topic: string; payload: string }): LaneInput | undefined => {
    const { device, channel, room } = registry.placeOf(topic)!;
    if (channel === "birth") return undefined;
    const reading = JSON.parse(payload) as Readings[typeof channel];
    if (channel === "status") {
      const { boot, status } = reading as Readings["status"];
      return { kind: "status", at, device, boot, status };
    }
    if (channel === "bands") return { kind: "bands", at, device, reading: reading as Readings["bands"] };
    const { boot, seq, t } = reading;
    if (!isNew(device, boot, seq)) return undefined;
    const stored = { id: ++id, device, room, channel, boot, seq, t, receivedAt: at, reading } as StoredReading;
    return { kind: "reading", reading: stored };
  };
}
