import { expect, it } from "vitest";
import type { AuditEntry } from "../audit/entry.ts";
import { handClock } from "../clock.ts";
import { readConfig } from "../config.ts";
import type { Log } from "../log.ts";
import { MOST_A_MINUTE } from "./denial-tally.ts";
import { type ConnectedParts, openDeviceDoor } from "./device-door.ts";

const T = Date.UTC(2026, 10, 1);

it("a stranger at every device's name leaves a few entries, and one with the number of the others a minute later", async () => {
  const clock = handClock(T);
  const config = readConfig({});
  const names = config.site.devices.map(({ id }) => id);
  const entries: AuditEntry[] = [];
  const lines: unknown[] = [];
  const log = {
    denied: (...line: unknown[]) => lines.push(line),
    deniedBesides: (...line: unknown[]) => lines.push(line),
  } as unknown as Log;
  const noted: string[] = [];
  const parts = {
    fleet: { note: (device: string) => noted.push(device) },
    enter: async (entry: AuditEntry) => void entries.push(entry),
  } as unknown as ConnectedParts;
  const door = openDeviceDoor({ config, clock, log });
  door.connect(parts);

  const flood = () => {
    for (const denial of ["wrong-secret", "no-credential", "wrong-claim"] as const)
      for (const device of names) door.broker.onDenied!(denial, device);
  };
  const all = 3 * names.length;
  const sum = (at: number, count: number) => ({
    at,
    actor: "gateway",
    role: "gateway",
    action: "device-refused",
    object: "device",
    scope: "",
    reason: "no-credential+wrong-claim",
    count,
  });
  flood();
  expect(entries.map(({ scope, reason }) => `${scope} ${reason}`).slice(0, names.length)).toEqual(
    names.map((device) => `device=${device} wrong-secret`),
  );
  expect([entries.length, lines.length, noted.length]).toEqual([MOST_A_MINUTE, MOST_A_MINUTE, all]);

  for (let s = 1; s <= 60; s++) {
    clock.advanceTo(T + s * 1000);
    await new Promise(setImmediate);
  }
  expect(entries.slice(MOST_A_MINUTE)).toEqual([sum(T + 60_000, all - MOST_A_MINUTE)]);
  expect(lines.at(-1)).toEqual([["no-credential", "wrong-claim"], all - MOST_A_MINUTE]);

  entries.length = 0;
  flood();
  await door[Symbol.asyncDispose]();
  expect([entries.length, entries.at(-1)]).toEqual([
    MOST_A_MINUTE + 1,
    expect.objectContaining({ scope: "", count: all - MOST_A_MINUTE }),
  ]);
});
