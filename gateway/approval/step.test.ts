import { describe, expect, it } from "vitest";
import { DENMARK } from "./law-profile.ts";
import { heldBack, inForce, type State } from "./state.ts";
import { step, type Wanted } from "./step.ts";
import {
  admin,
  agreed,
  both,
  DAY,
  dpo,
  facilities,
  HOUR,
  lead,
  otherDpo,
  REASON,
  rep,
  START,
  staff,
  story,
  told,
} from "./story.fixture.ts";

const longer = { "retention.raw": 30 };
const always = { "policy.measuring": "always" };
const ask = (wanted: Wanted, who = lead, days = 100) =>
  ({ kind: "ask", at: START, who, wanted, reason: REASON, until: START + days * DAY }) as const;
const approve = (who: typeof dpo, at = START, id = 1) => ({ kind: "approve", id, who, at }) as const;
const phases = ({ requests }: State) => requests.map(({ phase }) => phase.kind);

describe("a widening", () => {
  it("is asked for, approved by two, told for six weeks, in force, and over at its end", () => {
    const { put, until, state, events } = story();
    put(ask(always));
    put(approve(dpo));
    expect(phases(state())).toEqual(["requested"]);
    put(approve(rep, START + HOUR));
    until(42);
    expect([phases(state()), inForce(state())]).toEqual([["notice"], agreed]);
    until(43);
    expect([phases(state()), inForce(state())]).toEqual([["in-force"], { ...agreed, ...always }]);
    until(99);
    expect(phases(state())).toEqual(["in-force"]);
    until(100);
    expect([phases(state()), inForce(state())]).toEqual([["returned"], agreed]);
    expect(told(events)).toEqual(["requested", "approved", "approved", "notice", "in-force", "returned"]);
  });

  it("of what is done with readings is told for two weeks; of both, for the longer", () => {
    const { put, state } = story();
    put(ask(longer));
    put(ask({ ...longer, ...always }));
    for (const id of [1, 2]) for (const who of [dpo, rep]) put(approve(who, START, id));
    expect(state().requests.map(({ phase }) => phase)).toEqual([
      { kind: "notice", left: 14 * DAY },
      { kind: "notice", left: 42 * DAY },
    ]);
  });

  it("has a reason and an end, after its notice and within a year", () => {
    const { put } = story();
    const until = START + 100 * DAY;
    expect(told(put({ ...ask(always), reason: "  because  " }))).toEqual(["denied: reason-missing"]);
    expect(told(put({ ...ask(always), until: null }))).toEqual(["denied: ends-too-soon"]);
    expect(told(put({ ...ask(always), until: START + 42 * DAY }))).toEqual(["denied: ends-too-soon"]);
    expect(told(put({ ...ask(always), until: START + 366 * DAY }))).toEqual(["denied: lasts-too-long"]);
    expect(told(put({ ...ask(always), until }))).toEqual(["requested"]);
  });

  it("is asked for by those who may, of keys that there are", () => {
    const { put } = story();
    for (const who of [staff, dpo, rep]) expect(told(put(ask(always, who)))).toEqual(["denied: not-permitted"]);
    expect(told(put(ask({ "policy.listening": true })))).toEqual(["denied: unknown-setting"]);
    expect(told(put(ask({ "policy.measuring": "opening-hours" })))).toEqual(["denied: nothing-changes"]);
    for (const who of [lead, facilities, admin]) expect(told(put(ask(always, who)))).toEqual(["requested"]);
  });

  it("is approved by nobody twice, by nobody who asked, and by two of two roles", () => {
    const { put, state } = story();
    put(ask(always));
    expect(told(put(approve(facilities)))).toEqual(["denied: not-permitted"]);
    expect(told(put(approve(dpo)))).toEqual(["approved"]);
    expect(told(put(approve(dpo)))).toEqual(["denied: already-approved"]);
    expect(told(put(approve(otherDpo)))).toEqual(["denied: role-already-approved"]);
    expect(phases(state())).toEqual(["requested"]);
    const asker = { id: "facilities", roles: ["facilities", "dpo"] as const };
    put(ask(longer, asker));
    expect(told(put(approve(asker, START, 2)))).toEqual(["denied: own-request"]);
  });

  it("somebody with both roles counts once, for whichever the other does not have", () => {
    const { put, state } = story();
    put(ask(always));
    put(ask(always));
    put(approve(both));
    expect(told(put(approve(both)))).toEqual(["denied: already-approved"]);
    expect(told(put(approve(dpo)))).toEqual(["approved", "notice"]);
    put(approve(both, START, 2));
    expect(told(put(approve(rep, START, 2)))).toEqual(["approved", "notice"]);
    expect(phases(state())).toEqual(["notice", "notice"]);
  });

  it("roles that would watch over themselves may do nothing", () => {
    const { put } = story();
    put(ask(always));
    const mixed = { id: "mixed", roles: ["it-admin", "dpo"] as const };
    expect(told(put(approve(mixed)))).toEqual(["denied: roles-apart"]);
  });

  it("begins again when it is changed", () => {
    const { put, state } = story();
    put(ask(always));
    put(approve(dpo));
    put(approve(rep));
    const revised = { kind: "revise", id: 1, at: START + DAY, reason: REASON, until: START + 200 * DAY } as const;
    expect(told(put({ ...revised, who: facilities }))).toEqual(["denied: not-yours"]);
    expect(told(put({ ...revised, who: lead, wanted: { ...always, ...longer } }))).toEqual(["revised"]);
    const [request] = state().requests;
    expect([request!.approvals, request!.phase, request!.changes.map(({ path }) => path)]).toEqual([
      [],
      { kind: "requested", left: 30 * DAY },
      ["policy.measuring", "retention.raw"],
    ]);
  });

  it("is approved as it was shown, and not what it has become", () => {
    const { put, state } = story();
    put(ask({ ...always, ...longer }));
    const [shown] = state().requests;
    const approveShown = (who: typeof dpo, at: number) => put({ ...approve(who, at), shown: shown! });
    approveShown(rep, START);
    const until = START + 200 * DAY;
    put({ kind: "revise", id: 1, at: START + HOUR, who: lead, reason: REASON, until });
    expect(told(approveShown(dpo, START + HOUR))).toEqual(["denied: revised-since"]);
    const [revised] = state().requests;
    put({ ...ask({ "policy.measuring": "opening-hours", "retention.raw": 7 }, admin), at: START + 2 * HOUR });
    expect(told(put({ ...approve(dpo, START + 2 * HOUR), shown: revised! }))).toEqual(["denied: revised-since"]);
    expect(told(put(approve(dpo, START + 2 * HOUR)))).toEqual(["approved"]);
  });

  it("is refused by an approver until it is in force, and not approved any more", () => {
    const { put, state } = story();
    put(ask(always));
    put(approve(dpo));
    put(approve(rep));
    expect(told(put({ ...approve(rep), kind: "refuse" }))).toEqual(["refused"]);
    expect(told(put(approve(rep)))).toEqual(["denied: not-open"]);
    expect(phases(state())).toEqual(["refused"]);
  });

  it("is withdrawn by who asked, or by whoever may narrow, even in force", () => {
    const { put, until, state } = story();
    put(ask(always));
    expect(told(put({ ...approve(staff), kind: "withdraw" }))).toEqual(["denied: not-permitted"]);
    put(approve(dpo));
    put(approve(rep));
    until(50);
    expect(inForce(state())).toEqual({ ...agreed, ...always });
    expect(told(put({ ...approve(rep, START + 50 * DAY), kind: "withdraw" }))).toEqual(["withdrawn"]);
    expect(inForce(state())).toEqual(agreed);
  });

  it("is no more when it has not been approved within 30 days, or its end comes before its notice is over", () => {
    const { put, until, state } = story();
    put(ask(always));
    put(ask(always, lead, 44));
    put(approve(dpo, START + DAY, 2));
    put(approve(rep, START + DAY, 2));
    put({ kind: "tick", at: START + 20 * DAY });
    until(29.99);
    expect(phases(state())).toEqual(["requested", "notice"]);
    until(44);
    expect(phases(state())).toEqual(["expired", "expired"]);
  });
});

describe("time", () => {
  const approved = () => {
    const told = story();
    told.put(ask(always));
    told.put(approve(dpo));
    told.put(approve(rep));
    return told;
  };

  it("in which the gateway was away is no notice, and neither is a clock's leap", () => {
    const { put, until, state } = approved();
    until(10);
    put({ kind: "tick", at: START + 60 * DAY });
    expect(state().requests[0]!.phase).toEqual({ kind: "notice", left: 32 * DAY - HOUR });
  });

  it("that is put back makes nothing last longer", () => {
    const { put, until, state } = approved();
    until(42);
    expect(phases(state())).toEqual(["in-force"]);
    put({ kind: "tick", at: START - 365 * DAY });
    for (let hour = 1; hour < 58 * 24; hour++) put({ kind: "tick", at: START - 365 * DAY + hour * HOUR });
    expect(phases(state())).toEqual(["in-force"]);
    put({ kind: "tick", at: START - 365 * DAY + 58 * DAY });
    expect(phases(state())).toEqual(["returned"]);
  });

  it("is data: the state goes through JSON, as a restart sends it, and on as if nothing had been", () => {
    const { put, state } = approved();
    put({ kind: "tick", at: START + HOUR });
    const kept = JSON.parse(JSON.stringify(state())) as State;
    const input = { kind: "tick", at: START + 2 * HOUR } as const;
    expect(step(kept, input, DENMARK)).toEqual(step(state(), input, DENMARK));
  });
});

describe("narrowing", () => {
  it("is at once, by whoever may", () => {
    const { put, state } = story();
    const wanted = { "retention.raw": 7, "webhooks.duty.url": null };
    expect(told(put(ask(wanted, staff)))).toEqual(["denied: not-permitted"]);
    expect(told(put({ ...ask(wanted, rep), reason: "", until: null }))).toEqual(["narrowing"]);
    const { "webhooks.duty.url": _, ...left } = agreed;
    expect(inForce(state())).toEqual({ ...left, "retention.raw": 7 });
  });

  it("cuts what is in force and ends what is pending of the same key", () => {
    const { put, until, state } = story();
    put(ask(longer));
    put(approve(dpo));
    put(approve(rep));
    until(20);
    put({ ...ask({ "retention.raw": 60, ...always }), at: START + 20 * DAY });
    put({ ...ask({ "retention.raw": 50 }), at: START + 20 * DAY });
    expect(inForce(state())).toEqual({ ...agreed, ...longer });
    const done = put({ ...ask({ "retention.raw": 20 }), at: START + 21 * DAY });
    expect(told(done)).toEqual(["narrowing", "narrowed"]);
    expect(inForce(state())).toEqual({ ...agreed, "retention.raw": 20 });
    expect(state().requests.map(({ changes }) => changes.map(({ path, after }) => [path, after]))).toEqual([
      [["retention.raw", 20]],
      [["policy.measuring", "always"]],
      [],
    ]);
  });

  it("takes each of two that are in force no further than it was approved for", () => {
    const { put, until, state } = story();
    put(ask({ "retention.raw": 30 }));
    put(ask({ "retention.raw": 60 }));
    for (const id of [1, 2]) for (const who of [dpo, rep]) put(approve(who, START, id));
    until(20);
    put({ ...ask({ "retention.raw": 40 }), at: START + 20 * DAY });
    expect(inForce(state())["retention.raw"]).toBe(40);
    put({ kind: "withdraw", id: 2, who: rep, at: START + 20 * DAY });
    expect(inForce(state())["retention.raw"]).toBe(30);
  });

  it("with a widening beside it is done, while the widening waits", () => {
    const { put, state } = story();
    const done = put(ask({ ...always, "retention.raw": 7 }));
    expect(told(done)).toEqual(["narrowing", "requested"]);
    expect(inForce(state())).toEqual({ ...agreed, "retention.raw": 7 });
  });
});

describe("the file", () => {
  const start = (file: Record<string, string | number>, day = 1) =>
    ({ kind: "start", at: START + day * DAY, file }) as const;
  const wide = { ...agreed, ...always } as Record<string, string | number>;

  it("of the first start is agreed as it is", () => {
    const first = step(undefined, { kind: "start", at: START, file: agreed }, DENMARK);
    expect(first.events).toEqual([{ kind: "baseline", at: START, keys: 6 }]);
    expect([inForce(first.state), heldBack(first.state)]).toEqual([agreed, []]);
  });

  it("narrows at once, and what it widens waits for somebody to give it a reason", () => {
    const { put, until, state } = story();
    expect(told(put(start({ ...wide, "retention.raw": 7 })))).toEqual(["narrowing", "requested"]);
    expect(inForce(state())).toEqual({ ...agreed, "retention.raw": 7 });
    expect(heldBack(state())).toEqual([{ path: "policy.measuring", before: "opening-hours", after: "always" }]);
    expect(told(put(approve(dpo, START + DAY)))).toEqual(["denied: reason-missing"]);
    const taken = { kind: "revise", id: 1, who: admin, at: START + DAY, reason: REASON, until: START + 90 * DAY };
    expect(told(put({ ...taken, kind: "revise", wanted: longer }))).toEqual(["denied: of-the-file"]);
    expect(told(put({ ...taken, kind: "revise" }))).toEqual(["revised"]);
    put(approve(dpo, START + DAY));
    put(approve(rep, START + DAY));
    until(44);
    expect([inForce(state()), heldBack(state())]).toEqual([{ ...wide, "retention.raw": 7 }, []]);
    until(90);
    expect(inForce(state())).toEqual({ ...agreed, "retention.raw": 7 });
  });

  it("asks once for the same, also after it was refused", () => {
    const { put, state } = story();
    put(start(wide));
    expect(told(put(start(wide, 2)))).toEqual([]);
    put({ ...approve(dpo, START + 2 * DAY), kind: "refuse" });
    expect(told(put(start(wide, 3)))).toEqual([]);
    expect([phases(state()), heldBack(state()).length]).toEqual([["refused"], 1]);
  });

  it("that asks for something else begins its request again; that asks for nothing more, withdraws it", () => {
    const { put, state } = story();
    put(start(wide));
    expect(told(put(start({ ...wide, "retention.raw": 30 }, 2)))).toEqual(["revised"]);
    expect(told(put(start(wide, 3)))).toEqual(["revised"]);
    expect(state().requests[0]!.changes.length).toBe(1);
    expect(told(put(start(agreed as typeof wide, 4)))).toEqual(["withdrawn"]);
  });

  it("that goes back after it was approved narrows at once", () => {
    const { put, until, state } = story();
    put(start({ ...agreed, "retention.raw": 30 } as typeof wide));
    put({ kind: "revise", id: 1, who: admin, at: START + DAY, reason: REASON, until: START + 90 * DAY });
    put(approve(dpo, START + DAY));
    put(approve(rep, START + DAY));
    until(20);
    expect(inForce(state())["retention.raw"]).toBe(30);
    put(start({ ...agreed, "retention.raw": 20 } as typeof wide, 20));
    expect(inForce(state())["retention.raw"]).toBe(20);
    expect(told(put(start(agreed as typeof wide, 21)))).toEqual(["narrowing", "narrowed"]);
    expect(inForce(state())["retention.raw"]).toBe(14);
  });

  it("a device in another room leaves the one at once and waits for the other", () => {
    const { put, state } = story({ "devices.k1@K1.room": "K1" });
    put(start({ "devices.k1@K2.room": "K2" }));
    expect(inForce(state())).toEqual({});
    expect(heldBack(state())).toEqual([{ path: "devices.k1@K2.room", before: null, after: "K2" }]);
  });
});
