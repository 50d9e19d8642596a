import { LineChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { describe, expect, it } from "vitest";
import type { HistoryView } from "#protocol/api.ts";
import { en } from "../texts/en.ts";
import { chartOption, type Palette, pointsOf } from "./option.ts";

echarts.use([LineChart, GridComponent, MarkAreaComponent, TooltipComponent, SVGRenderer]);

const START = Date.parse("2026-11-20T09:00:00Z");
const MINUTE = 60_000;
const iso = (ms: number) => new Date(ms).toISOString();
const palette: Palette = {
  ink: "#000001",
  faint: "#000002",
  line: "#000003",
  surface: "#000004",
  laeq: "#0000a1",
  lafmax: "#0000a2",
  l90: "#0000a3",
  speech: "#0000a4",
  band: "#0000a5",
};

const history = (laeqDba: (number | null)[]): HistoryView => ({
  room: "K1",
  resolution: "1m",
  from: iso(START),
  to: iso(START + laeqDba.length * MINUTE),
  stepMs: MINUTE,
  t: laeqDba.map((_, i) => START + i * MINUTE),
  laeqDba,
  lafmaxDba: laeqDba.map((level) => level && level + 8),
  l90Dba: laeqDba.map((level) => level && level - 5),
  speechRatio: laeqDba.map((level) => level && 0.5),
  coverage: laeqDba.map((level) => (level === null ? 0 : 1)),
  conversations: [{ start: iso(START + MINUTE), end: null }],
  conversationsFrom: null,
  suppressed: null,
  daily: null,
  profile: null,
});

interface Series {
  readonly name: string;
  readonly data: unknown;
  readonly connectNulls: boolean;
  readonly markArea?: { readonly data: unknown };
}
const optionOf = (laeq: (number | null)[]) =>
  chartOption({ history: history(laeq), words: en, timeZone: "Europe/Copenhagen", palette, width: 800 });
const seriesOf = (laeq: (number | null)[]) => optionOf(laeq).series as Series[];

/** Separate strokes of the curve in one colour, in what ECharts really draws. */
function strokes(laeq: (number | null)[], colour: string): number {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: 800, height: 424 });
  chart.setOption(optionOf(laeq));
  const svg = chart.renderToSVGString();
  chart.dispose();
  const curve = [...svg.matchAll(/<path d="([^"]*)"[^>]*>/g)].find(([tag]) => tag.includes(`stroke="${colour}"`));
  return curve?.[1]?.match(/M/g)?.length ?? 0;
}

describe("gaps", () => {
  const gapped = [40, 41, 42, null, null, 45, 46];

  it("are null in the data of every series and joined by none", () => {
    const levels = seriesOf(gapped).filter(({ name }) => name !== en.room.series.coverage);
    for (const { data, connectNulls } of levels) {
      expect(connectNulls).toBe(false);
      expect((data as [number, number | null][]).map(([, value]) => value === null)).toEqual(
        gapped.map((level) => level === null),
      );
    }
  });

  it("are drawn as a break of the line", () => {
    expect(strokes([40, 41, 42, 43, 44, 45, 46], palette.laeq)).toBe(1);
    expect(strokes(gapped, palette.laeq)).toBe(2);
  });

  it("are made where points are missing from the time line altogether", () =>
    expect(pointsOf([0, 10, 50, 60], [1, 2, 3, 4], 10)).toEqual([
      [0, 1],
      [10, 2],
      [20, null],
      [50, 3],
      [60, 4],
    ]));
});

it("an open conversation reaches to the end of the period", () => {
  const [band] = seriesOf([40, 41, 42]).flatMap(({ markArea }) => (markArea ? [markArea.data] : []));
  expect(band).toEqual([[{ xAxis: START + MINUTE }, { xAxis: START + 3 * MINUTE }]]);
});

it("shares are shown in percent beside the levels", () => {
  const speech = seriesOf([40, null]).find(({ name }) => name === en.room.series.speech);
  expect(speech?.data).toEqual([
    [START, 50],
    [START + MINUTE, null],
  ]);
});
