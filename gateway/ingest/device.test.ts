import { describe, expect, it } from "vitest";
import type { DeviceView } from "#protocol/api.ts";
import { type DeviceEvent, deviceView, stepDevice, unknownDevice } from "./device.ts";
import { createFleet } from "./fleet.ts";
import { BOOT, reading, site, T } from "./sample.fixture.ts";

const OTHER = "ffffffff";
const after = (...events: DeviceEvent[]) => events.reduce(stepDevice, unknownDevice("k1-1", "K1", T));
const view = (at: number, ...events: DeviceEvent[]) => deviceView(after(...events), at);
const status = (is: "online" | "offline", boot = BOOT, at = T): DeviceEvent => ({
  kind: "status",
  at,
  reading: reading("status", { status: is, boot }),
});
const level = (seq: number, arrival: number, over = {}): DeviceEvent => {
  const t = T + seq * 10_000;
  return { kind: "stored", channel: "level", at: arrival, reading: reading("level", { seq, t, ...over }) };
};
const health = (seq: number, over = {}): DeviceEvent => ({
  kind: "stored",
  channel: "health",
  at: T + seq,
  reading: reading("health", { seq, t: T + seq - 60_000, ...over }),
});

describe("a device", () => {
  it("that has said nothing is unknown, and silent after 90 s", () => {
    expect(view(T + 90_000)).toEqual({
      id: "k1-1",
      room: "K1",
      connection: "unknown",
      credential: "not-needed",
      mode: "unknown",
      lastSeen: null,
      firmware: null,
      microphone: null,
      calibration: null,
      uptimeHours: null,
      outbox: null,
      dropped: null,
      micFloorDba: null,
      rssiDbm: null,
      clockSkewMs: null,
      received: 0,
      duplicates: 0,
      refused: 0,
      faults: [],
    });
    expect(view(T + 90_001).faults).toEqual(["silent"]);
    expect(view(T + 90_001, { kind: "duplicate", at: T + 1 })).toMatchObject({ faults: [], duplicates: 1 });
  });

  it("is what its birth and health say", () => {
    const born: DeviceEvent = { kind: "birth", at: T, reading: reading("birth") };
    expect(view(T, born, health(1, { outbox: 4, uptime: 9 }))).toMatchObject({
      mode: "measuring",
      firmware: "1.0.0",
      microphone: "ics-43434",
      calibration: { id: "cal-1", date: "2026-01-05" },
      outbox: 4,
      uptimeHours: 9,
      micFloorDba: 29.5,
      rssiDbm: -60,
      received: 1,
    });
    expect(view(T, health(1, { asleep: true })).mode).toBe("asleep");
    expect(view(T, health(1, { asleep: true, muted: true }))).toMatchObject({ mode: "muted", faults: ["muted"] });
  });

  it("goes offline by its own will, not by that of an earlier boot", () => {
    expect(view(T, status("online"), status("offline")).connection).toBe("offline");
    const back = after(status("online", OTHER), status("online", BOOT));
    expect(stepDevice(back, status("offline", OTHER))).toBe(back);
    expect(deviceView(back, T).connection).toBe("online");
  });

  it("offline is said once, not as silence as well", () => {
    expect(view(T + 10 ** 6, status("online"), status("offline")).faults).toEqual(["offline"]);
  });

  it("has the faults that its readings show, until they show them no more", () => {
    const bad = level(0, T + 10_040, { clipped: true, noiseLimited: true });
    expect(view(T, bad).faults).toEqual(["clipped", "noise-limited"]);
    expect(view(T, bad, level(1, T + 20_040)).faults).toEqual([]);
    expect(view(T, health(1, { tamper: true, dropped: 3 })).faults).toEqual(["tamper", "dropping"]);
    expect(view(T, health(1, { dropped: 3 }), health(2, { dropped: 3 })).faults).toEqual([]);
    expect(view(T, health(1, { dropped: 3 }), health(2, { dropped: 4 })).faults).toEqual(["dropping"]);
  });

  it("has a clock as good as its quickest message says; what drains late says nothing of it", () => {
    const delays = [40, 6000, 90, 7000];
    const live = delays.map((delay, seq) => level(seq + 10, T + (seq + 11) * 10_000 + delay));
    const late = level(3, T + 10 ** 7);
    expect(view(T + 140_000, ...live, late).clockSkewMs).toBe(40);
    expect(view(T + 140_000, ...live).faults).toEqual([]);
    const ahead = Array.from({ length: 16 }, (_, seq) => level(seq, T + (seq + 1) * 10_000 - 6000));
    expect(view(T + 155_000, ...ahead)).toMatchObject({ clockSkewMs: -6000, faults: ["clock"] });
    const mended = Array.from({ length: 16 }, (_, i) => level(i + 20, T + (i + 21) * 10_000 + 50));
    expect(view(T + 360_000, ...ahead, ...mended)).toMatchObject({ clockSkewMs: 50, faults: [] });
  });

  it("whose messages are refused for their time has a clock fault, though nothing of them is stored", () => {
    const refused: DeviceEvent = { kind: "refused", at: T, reason: "clock-ahead" };
    expect(view(T + 1000, refused)).toMatchObject({ refused: 1, received: 0, faults: ["clock"], lastSeen: null });
  });
});

describe("the fleet book", () => {
  it("tells what changes and stays quiet about what only counts", () => {
    const told: string[] = [];
    const fleet = createFleet(site, T, (v: DeviceView) => told.push(`${v.id} ${v.connection} ${v.mode} ${v.faults}`));
    fleet.note("k1-1", status("online"));
    fleet.note("k1-1", level(0, T + 10_040));
    fleet.note("k1-1", level(1, T + 20_040));
    fleet.sweep(T + 60_000);
    fleet.note("k1-1", health(30_000));
    fleet.sweep(T + 95_000);
    fleet.sweep(T + 120_001);
    expect(fleet.note("nobody", status("online"))).toBe(false);
    expect(told).toEqual([
      "k1-1 online unknown ",
      "k1-1 online measuring ",
      "p1-1 unknown unknown silent",
      "k1-1 online measuring silent",
    ]);
    expect(fleet.views(T).map((v) => [v.id, v.received])).toEqual([
      ["k1-1", 3],
      ["p1-1", 0],
    ]);
  });

  it("tells of what a device hears too badly with its health alone, so that no word says when there was a sound", () => {
    const told: string[] = [];
    const fleet = createFleet(site, T, (v: DeviceView) => told.push(`${v.id} ${v.faults}`));
    fleet.note("k1-1", status("online"));
    fleet.note("k1-1", level(0, T + 10_040, { noiseLimited: true }));
    fleet.sweep(T + 12_000);
    fleet.note("k1-1", level(1, T + 20_040));
    fleet.note("k1-1", level(2, T + 30_040, { clipped: true }));
    fleet.sweep(T + 32_000);
    expect(told).toEqual(["k1-1 "]);
    fleet.note("k1-1", health(60_000));
    expect(told).toEqual(["k1-1 ", "k1-1 clipped"]);
  });
});
