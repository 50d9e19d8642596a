/** A house whose rooms are told together in another way, by what one person narrows alone: the days before are not told anew. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { HistoryView, ReportView } from "#protocol/api.ts";
import { dayNumber, startOfDayNumber } from "#protocol/calendar.ts";
import { asking } from "./asking.ts";
import { temporaryFolder } from "./folder.ts";
import { ask, runGateway } from "./running-gateway.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ZONE = "Europe/Copenhagen";
const SITE = `
site: house
name: House
timeZone: ${ZONE}
rooms:
  - { id: S, name: S, kind: shared-office, assigned: 2 }
  - { id: L, name: L, kind: shared-office, assigned: 3 }
  - { id: X, name: X, kind: shared-office, assigned: 2 }
  - { id: Y, name: Y, kind: shared-office, assigned: 3 }
  - { id: M, name: M, kind: shared-office, assigned: 4 }
zones:
  - { id: z1, name: Z1, rooms: [S, L] }
  - { id: z2, name: Z2, rooms: [X, Y] }
`;
/** Conversations of yesterday. */
const talk = { S: 7, L: 9, X: 6, Y: 6, M: 8 };

it("whoever takes a zone away can subtract nothing", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "site.yaml"), SITE);
  await using gateway = await runGateway({ data: join(folder.path, "data"), site: join(folder.path, "site.yaml") });
  const yesterday = startOfDayNumber(dayNumber(Date.now(), ZONE) - 1, ZONE);
  const episodes = Object.entries(talk).flatMap(([room, count]) =>
    Array.from({ length: count }, (_, i) => {
      const start = yesterday + 8 * HOUR + i * 20 * MINUTE;
      return { room, start, end: start + 10 * MINUTE, hint: "dialogue" as const };
    }),
  );
  await gateway.pipeline.journal.record({ episodes });
  const day = new Date(yesterday + 12 * HOUR).toISOString().slice(0, 10);
  const told = async <T>(path: string): Promise<T> =>
    (await ask(gateway.url, `/api/v1/${path}`, "facilities")).json() as Promise<T>;
  const report = async () => {
    const { rooms, groups, sharedOffices } = await told<ReportView>(`report?from=${day}&to=${day}`);
    return {
      rooms: Object.fromEntries(rooms.map((room) => [room.id, room.suppressed ?? room.conversations])),
      groups: Object.fromEntries(groups.map((group) => [group.id, group.conversations])),
      all: sharedOffices.conversations,
    };
  };
  expect(await report()).toEqual({
    rooms: { S: "in-group", L: "in-group", X: "in-group", Y: "in-group", M: 8 },
    groups: { z1: 16, z2: 12 },
    all: 36,
  });

  const narrowed = await fetch(`${gateway.url}/api/v1/changes`, {
    method: "POST",
    headers: { ...asking(gateway.url, "", "facilities"), "content-type": "application/json" },
    body: JSON.stringify({ wanted: { "zones.z1.rooms": null }, reason: "", until: null }),
  });
  expect(narrowed.status).toBe(200);
  await expect.poll(() => gateway.config.site.zones.map(({ id }) => id)).toEqual(["z2"]);
  // L is told singly from now on, and S with the other zone.
  expect(await report()).toEqual({
    rooms: { S: "regrouped", L: "regrouped", X: "regrouped", Y: "regrouped", M: 8 },
    groups: {},
    all: 8,
  });
  const { daily, suppressed } = await told<HistoryView>(`history/L?from=${day}&to=${day}`);
  expect([suppressed, daily?.id, daily?.days]).toEqual([null, "L", []]);
});
