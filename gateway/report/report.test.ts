import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseSite } from "#protocol/site-file.ts";
import type { Alert } from "../alerts/alert.ts";
import type { Episode } from "../detect/facts.ts";
import { seesAll } from "../display/sight.ts";
import type { Point, Selection } from "../history/history.ts";
import { composeReport, type ReportInput } from "./compose.ts";
import { reportCsv } from "./csv.ts";
import { gatherReport } from "./gather.ts";
import { reportHtml } from "./html.ts";
import { PeriodError, parseCompared, parsePeriod } from "./period.ts";
import { resolutionFor, roomHistory } from "./room-history.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const at = (time: string) => Date.parse(`2026-11-${time}:00+01:00`);
const episode = (room: string, start: string, end: string | null): Episode => ({
  room,
  start: at(start),
  end: end === null ? null : at(end),
  hint: "dialogue",
});
const alert = (room: string, fired: string, resolved: string | null): Alert => ({
  id: `${room}${fired}`,
  rule: "conversation-in-shared-office",
  room,
  pair: null,
  state: resolved === null ? "firing" : "resolved",
  severity: "warning",
  startedAt: at(fired) - 60_000,
  firedAt: at(fired),
  acknowledgedAt: null,
  resolvedAt: resolved === null ? null : at(resolved),
  reason: resolved === null ? null : "conversation-ended",
});

/** One Monday, from 8 to 16 local time. */
const monday: ReportInput = {
  site,
  period: { from: at("16T00:00"), until: at("17T00:00") },
  episodes: [
    episode("K1", "16T08:50", "16T09:20"),
    episode("K1", "15T23:30", "16T00:10"),
    episode("S4", "16T09:00", "16T09:30"),
    episode("K2", "16T15:50", null),
    episode("K3", "17T09:00", "17T09:30"),
  ],
  alerts: [alert("K1", "16T08:51", "16T09:21"), alert("K2", "16T15:51", null), alert("K3", "17T09:01", "17T09:31")],
  measured: [
    { room: "K1", seconds: 7 * 3600 },
    { room: "K1", seconds: 3600 },
    { room: "S4", seconds: 4 * 3600 },
  ],
  days: [],
  leaks: [],
  backgrounds: [],
  comparison: null,
  software: "fortrolig test",
};

describe("report", () => {
  const report = composeReport(monday);

  it("counts conversations where they begin and minutes where they are, clipped to the period", () => {
    expect(report.rooms.filter((room) => ["K1", "K2", "K3", "K6", "S4"].includes(room.id))).toEqual([
      expect.objectContaining({ id: "K1", conversations: 1, minutes: 40, alerts: 1, coverage: 1 }),
      expect.objectContaining({ id: "K2", conversations: 1, minutes: 490, alerts: 1, coverage: 0 }),
      expect.objectContaining({ id: "K3", conversations: 0, minutes: 0, alerts: 0, coverage: 0 }),
      expect.objectContaining({ id: "K6", conversations: null, minutes: null, alerts: 0, coverage: null }),
      expect.objectContaining({ id: "S4", conversations: 1, minutes: 30, alerts: 0, coverage: 0.5 }),
    ]);
    expect(report.sharedOffices).toEqual({ conversations: 2, minutes: 530, longestMinutes: 490 });
  });

  it("splits a conversation over the local hours it spans", () => {
    expect(report.byKindAndHour.filter((cell) => cell.kind === "shared-office" && cell.hour < 15)).toEqual([
      { kind: "shared-office", hour: 0, conversations: 0, minutes: 10, share: null },
      { kind: "shared-office", hour: 8, conversations: 1, minutes: 10, share: null },
      { kind: "shared-office", hour: 9, conversations: 0, minutes: 20, share: null },
    ]);
    const all = report.byKindAndHour.reduce((sum, cell) => sum + (cell.minutes ?? 0), 0);
    expect(all).toBeCloseTo(
      report.rooms.reduce((sum, room) => sum + Number(room.minutes ?? 0), 0),
      6,
    );
  });

  it("an alert that still fires lasts until the period's end", () => {
    expect(report.alerts).toEqual([
      { rule: "conversation-in-shared-office", fired: 2, minutes: 519, medianMinutes: 259.5, longestMinutes: 489 },
    ]);
  });

  it("little coverage is not conclusive", () => {
    expect(report.coverage).toEqual({ overall: 0.125, conclusive: false });
  });

  it("the same input is the same bytes, as CSV and as a page in both languages", () => {
    for (const render of [
      reportCsv,
      (r: typeof report) => reportHtml(r, "da"),
      (r: typeof report) => reportHtml(r, "en"),
    ])
      expect(render(composeReport(structuredClone(monday)))).toBe(render(report));
    expect(reportHtml(report, "da")).toContain("16. november 2026");
    expect(reportHtml(report, "en")).toContain("16 November 2026");
    expect(
      reportCsv(report)
        .split("\r\n")
        .filter((line) => line.startsWith("rooms,K1,")),
    ).toEqual([
      "rooms,K1,,shared-office,,conversations,count,1",
      "rooms,K1,,shared-office,,in conversation,min,40",
      "rooms,K1,,shared-office,,alerts,count,1",
      "rooms,K1,,shared-office,,coverage,share,1",
    ]);
  });

  it("names from the site file cannot become markup", () => {
    const evil = { ...monday, site: { ...site, name: { da: '<script>"', en: "<b>" } } };
    expect(reportHtml(composeReport(evil), "da")).not.toContain("<script>");
  });
});

describe("gathering", () => {
  it("coverage comes from whole hours, and from minutes beside them and in the last hour", async () => {
    const asked: string[] = [];
    const ask = async ({ measurement, from, to }: Selection) => {
      asked.push(
        `${measurement} ${new Date(from).toISOString().slice(11, 16)}–${new Date(to).toISOString().slice(11, 16)}`,
      );
      return [];
    };
    const history = { select: ask, sums: ask };
    const journal = { episodes: async () => [], alerts: async () => [], note: async () => undefined };
    const levels = () => asked.splice(0).filter((span) => span.startsWith("level"));
    await gatherReport({ site, journal, history }, { from: at("16T08:20"), until: at("16T13:40") }, null, seesAll);
    expect(levels()).toEqual(["level_1m 07:20–08:00", "level_1h 08:00–11:00", "level_1m 11:00–12:40"]);
    await gatherReport({ site, journal, history }, { from: at("16T08:20"), until: at("16T08:40") }, null, seesAll);
    expect(levels()).toEqual(["level_1m 07:20–07:40"]);
  });
});

describe("period", () => {
  const zone = "Europe/Copenhagen";
  const now = Date.parse("2026-11-22T12:00:00Z");

  it("a date is a local day, and the last one counts", () => {
    expect(parsePeriod({ from: "2026-10-25", to: "2026-10-25" }, zone, now)).toEqual({
      from: Date.parse("2026-10-24T22:00:00Z"),
      until: Date.parse("2026-10-25T23:00:00Z"),
    });
  });

  it("without bounds it is the last four weeks, and the future is cut off", () => {
    expect(parsePeriod({}, zone, now)).toEqual({ from: now - 28 * 86_400_000, until: now });
    expect(parsePeriod({ from: "2026-11-22T10:00:00Z", to: "2027-01-01" }, zone, now).until).toBe(now);
  });

  it("another period is compared with when it is given whole and lies apart", () => {
    const period = parsePeriod({ from: "2026-11-01", to: "2026-11-14" }, zone, now);
    expect(parseCompared({}, period, zone, now)).toBeNull();
    expect(parseCompared({ compareFrom: "2026-11-15", compareTo: "2026-11-15" }, period, zone, now)).toEqual({
      from: Date.parse("2026-11-14T23:00:00Z"),
      until: Date.parse("2026-11-15T23:00:00Z"),
    });
    const wrong = [{ compareFrom: "2026-10-01" }, { compareTo: "2026-10-01" }];
    for (const given of wrong) expect(() => parseCompared(given, period, zone, now)).toThrow(/go together/);
    const overlapping = { compareFrom: "2026-11-14", compareTo: "2026-11-20" };
    expect(() => parseCompared(overlapping, period, zone, now)).toThrow(/overlap/);
  });

  it.each([
    [{ from: "yesterday" }, /neither a date .* nor a time/],
    [{ from: "2026-13-40" }, /neither a date/],
    [{ from: "2026-11-20", to: "2026-11-01" }, /before to/],
    [{ from: "2015-01-01" }, /longer than five years/],
  ])("%j is refused in words", (given, words) => {
    expect(() => parsePeriod(given, zone, now)).toThrow(words);
    expect(() => parsePeriod(given, zone, now)).toThrow(PeriodError);
  });
});

describe("room history", () => {
  const level = (t: number, laeq: number): Point => ({
    measurement: "level",
    tags: { site: "jobcentre", room: "K1", device: "k1" },
    fields: { laeq, lafmax: laeq + 8, l90: laeq - 10, speechRatio: 0.5, noiseLimited: false, clipped: false },
    t,
  });

  it("what was not measured is null, never bridged", async () => {
    const from = at("16T09:00");
    const points = [level(from, 50), level(from + 30_000, 60)];
    const view = await roomHistory(
      {
        site,
        history: { select: async () => points },
        journal: {
          episodes: async () => [episode("K1", "16T08:50", null), episode("S4", "16T08:50", null)],
          note: async () => undefined,
        },
      },
      site.rooms[0]!,
      { from, until: from + 40_000 },
      "raw",
      seesAll,
    );
    expect(view).toEqual({
      room: "K1",
      resolution: "raw",
      from: "2026-11-16T08:00:00.000Z",
      to: "2026-11-16T08:00:40.000Z",
      stepMs: 10_000,
      t: [0, 10_000, 20_000, 30_000].map((offset) => from + offset),
      laeqDba: [50, null, null, 60],
      lafmaxDba: [58, null, null, 68],
      l90Dba: [40, null, null, 50],
      speechRatio: [0.5, null, null, 0.5],
      coverage: [1, 0, 0, 1],
      conversations: [{ start: "2026-11-16T07:50:00.000Z", end: null }],
      conversationsFrom: null,
      suppressed: null,
      daily: null,
      profile: null,
    });
  });

  it("what is not kept any more is not told as none: a history says from when, a report is not made", async () => {
    const purged = { behaviour: { before: at("16T09:00") } };
    const journal = { episodes: async () => [], alerts: async () => [], note: async () => JSON.stringify(purged) };
    const history = { select: async () => [], sums: async () => [] };
    const from = async (time: string) => {
      const period = { from: at(time), until: at("16T12:00") };
      return (await roomHistory({ site, history, journal }, site.rooms[0]!, period, "1h", seesAll)).conversationsFrom;
    };
    expect([await from("16T08:00"), await from("16T09:00")]).toEqual(["2026-11-16T08:00:00.000Z", null]);
    const report = (start: string) =>
      gatherReport({ site, journal, history }, { from: at(start), until: at("16T12:00") }, null, seesAll);
    await expect(report("16T08:00")).rejects.toThrow(
      new PeriodError("conversations and alerts of before 2026-11-16T08:00:00.000Z are not kept any more"),
    );
    expect((await report("16T09:00")).sharedOffices.conversations).toBe(0);
  });

  it("the resolution follows the period", () => {
    const hour = 3_600_000;
    expect([1, 5, 24, 24 * 7, 24 * 400].map((h) => resolutionFor({ from: 0, until: h * hour }))).toEqual([
      "raw",
      "raw",
      "1m",
      "1h",
      "1h",
    ]);
  });
});
