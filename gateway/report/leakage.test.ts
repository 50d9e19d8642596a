/** What the report says of pairs: from points of a week in the demo site, and from the databases that really keep them. */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OCTAVES_HZ, THIRDS_HZ } from "#protocol/acoustics/bands.ts";
import { type Hearing, PairHistoryView, ReportView } from "#protocol/api.ts";
import { parseSite } from "#protocol/site-file.ts";
import { startInfluxd } from "#test/services/influxd.ts";
import { handClock } from "../clock.ts";
import type { PairDay, PairMinute } from "../detect/leakage/facts.ts";
import { seesAll } from "../display/sight.ts";
import { startForwarder } from "../history/forwarder.ts";
import type { Point } from "../history/history.ts";
import { openHistory } from "../history/open.ts";
import { startRollups } from "../history/rollups.ts";
import { openJournal } from "../journal/open-journal.ts";
import { openHours, quietHours } from "./background.ts";
import { composeReport, type ReportInput } from "./compose.ts";
import { reportCsv } from "./csv.ts";
import { gatherReport, leakSpans } from "./gather.ts";
import { reportHtml } from "./html.ts";
import { pairHistory } from "./pair-history.ts";
import { findPair } from "./pairs.ts";

const site = parseSite(readFileSync(new URL("../../protocol/demo-site.yaml", import.meta.url), "utf8"), "demo");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday, 00:00 in Copenhagen. */
const MONDAY = Date.parse("2026-11-16T00:00:00+01:00");
const week = { from: MONDAY, until: MONDAY + 7 * DAY };

const octaveFields = (prefix: string, values: readonly number[]) =>
  Object.fromEntries(values.map((value, k) => [`${prefix}${OCTAVES_HZ[k]}`, value]));
const boundary = (from: string, to: string, dayNumber: number, fields: Record<string, number>): Point => ({
  measurement: "boundary",
  tags: { site: site.site, from, to },
  t: MONDAY + dayNumber * DAY,
  fields: { episodes: 5, ...fields },
});
const known = (level: number, sigma = 0.5) => ({
  ...octaveFields("ld", [level, level, level, level, level]),
  ...octaveFields("sigma", [sigma, sigma, sigma, sigma, sigma]),
});
const leak = (from: string, to: string, hearing: string, n: number): Point => ({
  measurement: "leak",
  tags: { site: site.site, from, to },
  t: MONDAY + 9 * HOUR + n * MINUTE,
  fields: { hearing, state: "private" },
});
const hour = (room: string, dayNumber: number, hourOfDay: number, level: number, n = 12): Point => ({
  measurement: "background_1h",
  tags: { site: site.site, room, device: room.toLowerCase() },
  t: MONDAY + dayNumber * DAY + hourOfDay * HOUR,
  fields: { mean: level, n, ...Object.fromEntries(THIRDS_HZ.map((hz) => [`background${hz}`, level])) },
});

/**
 * S3 → V1 leaks (LD 30) into a waiting room of 25 dB; S4 → S5 was never heard; K6 has one assigned person. The waiting room
 * is louder in most hours, quieter at night, and in one hour there were few spectra.
 */
const input: ReportInput = {
  site,
  period: week,
  episodes: [],
  alerts: [],
  measured: [],
  days: [
    boundary("S3", "V1", 0, known(29.5)),
    boundary("S3", "V1", 1, known(30.5)),
    boundary("S3", "V1", 2, known(30)),
    boundary("S4", "S5", 0, octaveFields("bound", [40, 42, 45, 45, 44])),
    boundary("S4", "S5", 1, octaveFields("bound", [41, 41, 46, 44, 44])),
    boundary("K6", "K5", 0, known(40)),
  ],
  leaks: [
    leak("S3", "V1", "intelligible", 0),
    leak("S3", "V1", "partly", 1),
    leak("S3", "V1", "unknown", 2),
    leak("S3", "V1", "partly", 3),
    { ...leak("S3", "V1", "", 0), measurement: "leak_1d", fields: { minutes: 6, partly: 4, unknown: 2 } },
    leak("K6", "K5", "clearly", 0),
  ],
  backgrounds: [
    ...Array.from({ length: 8 }, (_, h) => hour("V1", 0, 8 + h, 35)),
    ...Array.from({ length: 8 }, (_, h) => hour("V1", 1, 8 + h, h === 3 ? 25 : 30)),
    hour("V1", 1, 23, 10),
    hour("V1", 2, 9, 12, 2),
    ...Array.from({ length: 8 }, (_, h) => hour("S5", 0, 8 + h, 24)),
  ],
  comparison: {
    period: { from: MONDAY - 14 * DAY, until: MONDAY - 7 * DAY },
    days: [24, 24.5, 24.25].map((level, i) => boundary("S3", "V1", i - 14, known(level))),
  },
  software: "fortrolig test",
};

describe("the background that privacy is judged by", () => {
  it("is the open hour that is quieter than nine in ten, of hours with enough spectra", () => {
    const quiet = quietHours(input.backgrounds, openHours(site, week));
    // Of 16 hours the second quietest: one is 25 dB, seven are 30.
    expect([...quiet]).toEqual([
      ["V1", 30],
      ["S5", 24],
    ]);
  });
});

describe("a report of pairs", () => {
  const report = composeReport(input);
  const pairOf = (from: string, to: string) => report.pairs.find((pair) => pair.from === from && pair.to === to)!;

  it("is what the API says a report is, with every pair of the site in both directions", () => {
    expect(ReportView.parse(report)).toEqual(report);
    expect(report.pairs).toHaveLength(2 * site.boundaries.length);
  });

  it("says how much a boundary leaks, how sure that is, and what was heard", () => {
    expect(pairOf("S3", "V1")).toEqual({
      from: "S3",
      to: "V1",
      boundary: { kind: "wall", rw: 30 },
      targetRw: 52,
      ld: [30, 30, 30, 30, 30],
      // Three days that scatter no more than each is uncertain: 0.5/√3.
      ldSigma: [0.3, 0.3, 0.3, 0.3, 0.3],
      ldLimited: [false, false, false, false, false],
      spc: 60,
      // 1.96 · √(0.29² + 2·0.7² + 1²)
      spcInterval: [57.2, 62.8],
      spcLimited: false,
      spcClass: "below-minimal",
      episodes: 15,
      days: 3,
      minutes: { inaudible: 0, audible: 0, words: 0, partly: 6, intelligible: 1, clearly: 0, unknown: 3 },
      shares: null,
      suppressed: null,
      coverage: 0.7,
    });
  });

  it("a boundary through which nothing was heard is at least so good, with no interval", () => {
    expect(pairOf("S4", "S5")).toMatchObject({
      ld: [41, 42, 46, 45, 44],
      ldSigma: [null, null, null, null, null],
      ldLimited: [true, true, true, true, true],
      spc: 67.4,
      spcInterval: null,
      spcLimited: true,
      coverage: null,
    });
  });

  it("of a room with one assigned person the boundary is told and no minute of talk", () => {
    expect(pairOf("K6", "K5")).toMatchObject({ episodes: 5, ld: [40, 40, 40, 40, 40], coverage: null });
    expect(Object.values(pairOf("K6", "K5").minutes!)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(pairOf("K6", "K5"), "K5's background is not known").toMatchObject({ spc: null, spcClass: null });
  });

  it("compares with an earlier and with a later period, always from the earlier to the later", () => {
    const change = (view: ReportView) => view.comparison!.pairs.find(({ from, to }) => from === "S3" && to === "V1");
    expect(change(report)).toEqual({
      from: "S3",
      to: "V1",
      changeDb: 5.8,
      // ± 2.776 · √2 · 0.29, Student's t with 4 degrees of freedom.
      interval: [4.6, 6.9],
      verdict: "better",
    });
    const { comparison, days, period } = input;
    const turned = composeReport({ ...input, ...comparison!, comparison: { period, days } });
    expect(change(turned)).toEqual(change(report));
    expect(report.comparison).toMatchObject({ from: "2026-11-01T23:00:00.000Z", to: "2026-11-08T23:00:00.000Z" });
    const others = report.comparison!.pairs.filter(({ from }) => from !== "S3");
    expect(new Set(others.map(({ verdict }) => verdict))).toEqual(new Set(["inconclusive"]));
  });

  it("the page has the matrix, each pair in words, the target and the warning about PI, in both languages", () => {
    const english = reportHtml(report, "en");
    const cell = /<td class="leaks" title="below minimal">60<small>57–63<\/small><\/td>/;
    expect(english).toMatch(cell);
    expect(english).toContain('<td class="unknown" title="at least below minimal">≥ 67</td>');
    expect(english).toContain(
      "<strong>SPC 60 dB (57.2–62.8), below minimal:</strong> words of ordinary talk come through.",
    );
    expect(english).toContain("wall, R'w 30 dB as configured. BR18's guidance asks for R'w ≥ 52 dB: short by 22 dB.");
    expect(english).toContain("at PI 80 about half the words can be understood");
    expect(english).toContain("<td>+5.8</td>");
    expect(english).toContain("one assigned person");
    const danish = reportHtml(report, "da");
    expect(danish).toContain("<strong>SPC 60 dB (57,2–62,8), under mindste klasse:</strong>");
    expect(danish).toContain("væg, R'w 30 dB som angivet. BR18's vejledning foreslår R'w ≥ 52 dB: der mangler 22 dB.");
    expect(danish).toContain("ved PI 80 kan omtrent halvdelen af ordene forstås");
  });

  it("the same input is the same bytes", () => {
    const again = composeReport(structuredClone(input));
    expect(reportCsv(again)).toBe(reportCsv(report));
    for (const language of ["da", "en"] as const)
      expect(reportHtml(again, language)).toBe(reportHtml(report, language));
  });

  it("the table has a row per figure of a pair", () => {
    const lines = reportCsv(report).split("\r\n");
    expect(lines.filter((line) => /^pairs,S3,V1,.*(SPC|R'w|250 Hz|partly|coverage)/.test(line))).toEqual([
      `pairs,S3,V1,wall,,"R'w, as configured",dB,30`,
      `pairs,S3,V1,wall,,"R'w, BR18's guidance",dB,52`,
      "pairs,S3,V1,wall,,SPC,dB,60",
      `pairs,S3,V1,wall,,"SPC, 95 % from",dB,57.2`,
      `pairs,S3,V1,wall,,"SPC, 95 % to",dB,62.8`,
      "pairs,S3,V1,wall,,SPC class,,below-minimal",
      "pairs,S3,V1,wall,,LD 250 Hz,dB,30",
      `pairs,S3,V1,wall,,"LD 250 Hz, uncertainty",dB,0.3`,
      "pairs,S3,V1,wall,,talk heard: partly,min,6",
      "pairs,S3,V1,wall,,coverage,share,0.7",
    ]);
    expect(lines).toContain(`pairs,S4,S5,wall,,"SPC, at least",dB,67.4`);
    expect(lines.filter((line) => /^comparison,S3,V1,.*verdict/.test(line))).toEqual([
      "comparison,S3,V1,,,verdict,,better",
    ]);
    expect(lines.every((line) => line === "" || line.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).length === 8)).toBe(true);
  });
});

it("minutes of talk come from days, beside them from hours, beside these from minutes, each moment once", () => {
  const at = (time: string) => Date.parse(`2026-11-${time}:00Z`);
  const text = ({ measurement, from, until }: { measurement: string; from: number; until: number }) =>
    `${measurement} ${new Date(from).toISOString().slice(8, 16)}–${new Date(until).toISOString().slice(8, 16)}`;
  expect(leakSpans({ from: at("01T22:30"), until: at("05T10:20") }).map(text)).toEqual([
    "leak 01T22:30–01T23:00",
    "leak 01T23:00–02T00:00",
    "leak_1d 02T00:00–04T00:00",
    "leak_1h 04T00:00–05T09:00",
    "leak 05T09:00–05T10:20",
  ]);
});

/** From the journal through the forwarder and the rollups to the answers, in the databases themselves. */
const databases = {
  sqlite: async (folder: string) => ({ url: `sqlite:${join(folder, "history.db")}`, async [Symbol.asyncDispose]() {} }),
  "influxdb 1.x": async () => {
    const influxd = await startInfluxd();
    return {
      url: `influxdb://127.0.0.1:${influxd.port}/leakage`,
      [Symbol.asyncDispose]: () => influxd[Symbol.asyncDispose](),
    };
  },
};

describe.each(Object.entries(databases))("stored in %s", (_, arrange) => {
  it("what the journal knows of a pair is what the report and the pair's past say", async () => {
    const folder = await mkdtemp(join(tmpdir(), "fortrolig-leakage-"));
    try {
      await using database = await arrange(folder);
      await using history = await openHistory(database.url);
      await history.prepare();
      await using journal = await openJournal(folder, { silentRooms: ["K6"] });
      // A weekday ten days back: a database with retention of its own refuses what is older.
      const noon = Math.floor(Date.now() / DAY) * DAY - 10 * DAY + 12 * HOUR;
      const alwaysOpen = { ...site, openingHours: {} };
      const clock = handClock(noon + 2 * DAY);
      await using rollups = await startRollups({ journal, history, clock });
      const place = { place: { site: site.site, room: "V1", device: "v1" }, silent: false };
      await using forwarder = await startForwarder({
        journal,
        history,
        clock,
        site: site.site,
        whereIs: () => place,
        follower: rollups,
      });
      const minute = (from: string, n: number, hearing: Hearing): PairMinute => ({
        from,
        to: "V1",
        t: noon + n * MINUTE,
        situation: {
          from,
          to: "V1",
          state: "overheard",
          reason: null,
          reasonRoom: null,
          link: true,
          audibility: { snr: 2.5, sigma: 2.5, sii5: 0.45, probability: 1, hearing },
        },
        z: 9,
        pi: 66,
        spc: 55,
        ld: [30, 30, 30, 30, 30],
      });
      const pairDay: PairDay = {
        from: "S3",
        to: "V1",
        day: noon - 11 * HOUR,
        episodes: 4,
        ld: [30, 30, 30, 30, null],
        sigma: [0.5, 0.5, 0.5, 0.5, null],
        bound: [null, null, null, null, 36],
      };
      await journal.record({
        pairMinutes: [minute("S3", 0, "partly"), minute("S3", 1, "clearly"), minute("S3", 90, "partly")],
        pairDays: [pairDay],
      });
      const header = { boot: "0a1b2c3d", seq: 0, speechSeconds: 0, speech: null, laeq: 40, l10: 45, l50: 38, l90: 30 };
      await Promise.all(
        Array.from({ length: 12 }, (_, seq) => {
          const t = noon + seq * 5 * MINUTE;
          const payload = Buffer.from(JSON.stringify({ ...header, seq, t, background: Array(16).fill(26) }));
          return journal.append({ device: "v1", channel: "stats", boot: "0a1b2c3d", seq, t, receivedAt: t, payload });
        }),
      );
      await forwarder.drain();
      await rollups.settle();

      const period = { from: noon - 12 * HOUR, until: noon + 36 * HOUR };
      const report = await gatherReport({ site: alwaysOpen, journal, history }, period, null, seesAll);
      expect(report.pairs.find(({ from, to }) => from === "S3" && to === "V1")).toMatchObject({
        ld: [30, 30, 30, 30, 36],
        ldLimited: [false, false, false, false, true],
        spc: 57.1,
        spcLimited: true,
        episodes: 4,
        minutes: { partly: 2, clearly: 1, unknown: 0 },
        coverage: 1,
      });
      expect((await history.select({ measurement: "leak_1d", from: 0, to: clock.now() })).length).toBe(1);

      const past = await pairHistory({ site: alwaysOpen, history }, findPair(site, "s3", "v1")!, period, seesAll);
      expect(PairHistoryView.parse(past)).toEqual(past);
      expect(past).toMatchObject({
        from: "S3",
        targetRw: 52,
        minutes: {
          t: [noon, noon + MINUTE, noon + 90 * MINUTE],
          hearing: ["partly", "clearly", "partly"],
          snr: [2.5, 2.5, 2.5],
          sii5: [0.45, 0.45, 0.45],
        },
        byHearing: { partly: 2, clearly: 1 },
        // Three thirds of 26 dB are 30.8 dB; 16 of them A-weighted 37 dBA.
        noiseByHour: [{ l90: [30.8, 30.8, 30.8, 30.8, 30.8], dba: 37 }],
        days: [{ episodes: 4, ld: pairDay.ld, sigma: pairDay.sigma, bound: pairDay.bound }],
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
