/** The whole HTTP side of the demo site over a real journal and history, without devices; for tests. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { Registry } from "prom-client";
import { informationBudget } from "#protocol/budget.ts";
import { openAccess } from "../access/access.ts";
import { openChanges } from "../changes.ts";
import { type HandClock, handClock } from "../clock.ts";
import { readConfig } from "../config.ts";
import { createLiveViews, type LiveViews } from "../deliver/live-views.ts";
import { openDeviceBook } from "../enrolment/device-book.ts";
import type { History } from "../history/history.ts";
import { openSqliteHistory } from "../history/sqlite.ts";
import { deviceView, unknownDevice } from "../ingest/device.ts";
import type { Journal } from "../journal/journal.ts";
import { openJournal } from "../journal/open-journal.ts";
import type { HttpParts } from "./parts.ts";
import { identifyByName } from "./people.fixture.ts";
import { buildHttp } from "./server.ts";

export interface House extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly live: LiveViews;
  readonly journal: Journal;
  readonly history: History;
  readonly clock: HandClock;
  /** What the HTTP side has logged, a line each. */
  readonly logged: string[];
}

export const NOON = Date.parse("2026-11-23T12:00:00Z");

/** `change` puts other parts in the place of those it is given. */
export async function openHouse(
  change: Partial<HttpParts> | ((parts: HttpParts & { clock: HandClock }) => Partial<HttpParts>) = {},
): Promise<House> {
  const folder = mkdtempSync(join(tmpdir(), "fortrolig-house-"));
  const config = readConfig({});
  const { site } = config;
  const clock = handClock(NOON);
  const journal = await openJournal(folder);
  const { changes } = await openChanges({ journal, clock, config });
  const enrolments = openDeviceBook(folder, { now: clock.now });
  const history = openSqliteHistory(join(folder, "history.db"));
  await history.prepare();
  const devices = site.devices.map(({ id, room }) => deviceView(unknownDevice(id, room, NOON), NOON));
  const live = createLiveViews({ site, startedAt: NOON, devices: () => devices });
  const logged: string[] = [];
  const log = pino({ level: "debug" }, { write: (line) => void logged.push(line) });
  const access = openAccess({ file: ":memory:", clock, rooms: site.rooms.map(({ id }) => id) });
  const parts = {
    site,
    live,
    journal,
    history,
    clock,
    budget: informationBudget(),
    metrics: new Registry(),
    status: () => ({
      history: { state: "flowing", reason: null, behind: 0, oldest: null },
      journal: { state: "ok", reason: null },
    }),
    load: () => "ease",
    checks: () => ({}),
    audit: { publicKey: "", latest: () => null },
    enrolments,
    broker: "mqtt://127.0.0.1:1883",
    dashboard: undefined,
    identify: identifyByName,
    accounts: { access, provider: undefined, local: true },
    changes,
  } satisfies HttpParts;
  const changed = typeof change === "function" ? change(parts) : change;
  const app = await buildHttp({ ...parts, ...changed }, log);
  return {
    app,
    live,
    journal,
    history,
    clock,
    logged,
    async [Symbol.asyncDispose]() {
      // Clients of a test keep connections that they may use again.
      app.server.closeAllConnections();
      await app.close();
      await access[Symbol.asyncDispose]();
      await changes[Symbol.asyncDispose]();
      await history[Symbol.asyncDispose]();
      enrolments[Symbol.dispose]();
      await journal[Symbol.asyncDispose]();
    },
  };
}
