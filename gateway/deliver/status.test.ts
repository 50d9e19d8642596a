import { describe, expect, it } from "vitest";
import type { StatusView } from "#protocol/api.ts";
import { handClock } from "../clock.ts";
import type { ForwarderStatus } from "../history/forwarder.ts";
import { statusView } from "./status-view.ts";
import { LOOK_EVERY_MS, startStatusWatch } from "./status-watch.ts";

const NINE = Date.parse("2026-11-23T09:00:00Z");
const flowing: ForwarderStatus = {
  state: "flowing",
  reason: null,
  trouble: null,
  behind: 0,
  oldest: null,
  written: 0,
  refused: 0,
};
const away: ForwarderStatus = {
  ...flowing,
  state: "waiting",
  reason: "503 user fortrolig at db.internal: overloaded",
  trouble: "busy",
  behind: 1240,
  oldest: NINE,
};

describe("the gateway's status", () => {
  it("says how much is kept since when, and why, but not in the words of the database", () =>
    expect(statusView(away, { kind: "ok" })).toEqual({
      history: { state: "waiting", reason: "busy", behind: 1240, oldest: "2026-11-23T09:00:00.000Z" },
      journal: { state: "ok", reason: null },
    }));

  it.each([
    ["database or disk is full", "full"],
    ["ENOSPC: no space left on device, write", "full"],
    ["attempt to write a readonly database", "read-only"],
    ["EROFS: read-only file system", "read-only"],
    ["disk I/O error", "other"],
  ])("a journal that fails with %j: %s", (reason, meant) =>
    expect(statusView(flowing, { kind: "failing", reason }).journal).toEqual({ state: "failing", reason: meant }),
  );

  it("is told when it changes: at once when somebody says so, within two seconds otherwise; what flows is no news", async () => {
    const clock = handClock(NINE);
    let now = statusView(flowing, { kind: "ok" });
    const told: StatusView[] = [];
    await using watch = startStatusWatch(
      clock,
      () => now,
      (status) => told.push(status),
    );
    const after = async (ms: number) => {
      clock.advanceTo(clock.now() + ms);
      await new Promise(setImmediate);
    };
    now = statusView({ ...flowing, behind: 300, oldest: NINE }, { kind: "ok" });
    await after(LOOK_EVERY_MS);
    expect(told).toEqual([]);

    const waiting = statusView(away, { kind: "ok" });
    now = waiting;
    watch.look();
    const more = statusView({ ...away, behind: 1300 }, { kind: "ok" });
    now = more;
    await after(LOOK_EVERY_MS);
    const full = statusView({ ...away, behind: 1300 }, { kind: "failing", reason: "disk is full" });
    now = full;
    await after(LOOK_EVERY_MS);
    const well = statusView(flowing, { kind: "ok" });
    now = well;
    await after(LOOK_EVERY_MS);
    expect(told).toEqual([waiting, more, full, well]);
  });
});
