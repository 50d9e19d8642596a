/**
 * A room's history as an ECharts option: levels above, speech and coverage below, conversations as bands over both.
 * What was not measured is a gap: null is never joined over, nor is a step without a point.
 */
import type { EChartsCoreOption } from "echarts/core";
import type { HistoryView } from "#protocol/api.ts";
import type { Texts } from "../texts/da.ts";
import { clock, clockWithSeconds, day, number, percent } from "../texts/format.ts";
import { areDays, ticks } from "./ticks.ts";

/** Colours of the present theme, resolved to what a canvas understands. */
export interface Palette {
  readonly ink: string;
  readonly faint: string;
  readonly line: string;
  readonly surface: string;
  readonly laeq: string;
  readonly lafmax: string;
  readonly l90: string;
  readonly speech: string;
  readonly band: string;
}

export interface ChartInput {
  readonly history: HistoryView;
  readonly words: Texts;
  readonly timeZone: string;
  readonly palette: Palette;
  /** Width of the chart, px. */
  readonly width: number;
}

export type Point = readonly [ms: number, value: number | null];

/** A column as points. Where the time jumps by more than a step, a null breaks the line. */
export function pointsOf(t: readonly number[], values: readonly (number | null)[], stepMs: number): Point[] {
  return t.flatMap((ms, i): Point[] => {
    const point: Point = [ms, values[i] ?? null];
    const before = t[i - 1];
    return before !== undefined && ms - before > 1.5 * stepMs ? [[before + stepMs, null], point] : [point];
  });
}

/** A single measured point between two gaps has no line; it is drawn as a dot. */
const isAlone = (points: readonly Point[], i: number) =>
  points[i]![1] !== null && (points[i - 1]?.[1] ?? null) === null && (points[i + 1]?.[1] ?? null) === null;

const LABEL_PX = 90;

function line(name: string, points: readonly Point[], colour: string, rest: object) {
  return {
    name,
    type: "line",
    data: points,
    connectNulls: false,
    showSymbol: true,
    symbol: "circle",
    symbolSize: (_value: unknown, { dataIndex }: { dataIndex: number }) => (isAlone(points, dataIndex) ? 4 : 0),
    itemStyle: { color: colour },
    emphasis: { disabled: true },
    ...rest,
  };
}

function bands({ history, palette }: ChartInput) {
  return {
    silent: true,
    itemStyle: { color: palette.band },
    data: history.conversations.map(({ start, end }) => [
      { xAxis: Date.parse(start) },
      { xAxis: Date.parse(end ?? history.to) },
    ]),
  };
}

function series(input: ChartInput) {
  const { history, words, palette } = input;
  const { t, stepMs } = history;
  const names = words.room.series;
  const shares = (values: readonly (number | null)[]) =>
    pointsOf(
      t,
      values.map((value) => (value === null ? null : 100 * value)),
      stepMs,
    );
  const markArea = bands(input);
  return [
    line(names.lafmax, pointsOf(t, history.lafmaxDba, stepMs), palette.lafmax, {
      lineStyle: { width: 1.5, type: "dotted" },
    }),
    line(names.laeq, pointsOf(t, history.laeqDba, stepMs), palette.laeq, { lineStyle: { width: 2 }, markArea }),
    line(names.l90, pointsOf(t, history.l90Dba, stepMs), palette.l90, { lineStyle: { width: 1.5, type: "dashed" } }),
    line(names.coverage, shares(history.coverage), palette.faint, {
      xAxisIndex: 1,
      yAxisIndex: 1,
      step: "end",
      lineStyle: { width: 0 },
      areaStyle: { color: palette.faint, opacity: 0.18 },
    }),
    line(names.speech, shares(history.speechRatio), palette.speech, {
      xAxisIndex: 1,
      yAxisIndex: 1,
      step: "end",
      lineStyle: { width: 1.5 },
      areaStyle: { color: palette.speech, opacity: 0.25 },
      markArea,
    }),
  ];
}

interface Hovered {
  readonly seriesName: string;
  readonly value: Point;
}

/** What the pointer is over, in lines of text: no markup, so that a strict content policy holds. */
function tooltip({ history, words, timeZone }: ChartInput) {
  const unit = (name: string, value: number) =>
    name === words.room.series.speech || name === words.room.series.coverage
      ? percent(value / 100, words.locale)
      : `${number(value, words.locale, 1)} dB(A)`;
  return (hovered: readonly Hovered[]): string => {
    const ms = hovered[0]?.value[0];
    if (ms === undefined) return "";
    const time = (history.resolution === "raw" ? clockWithSeconds : clock)(ms, words.locale, timeZone);
    const lines = hovered.map(
      ({ seriesName, value: [, value] }) =>
        `${seriesName}: ${value === null ? words.room.noMeasurement : unit(seriesName, value)}`,
    );
    return [`${day(ms, words.locale, timeZone)} ${time}`, ...lines].join("\n");
  };
}

const floor10 = ({ min }: { min: number }) => 10 * Math.floor(min / 10);
const ceil10 = ({ max }: { max: number }) => 10 * Math.ceil(max / 10);

export function chartOption(input: ChartInput): EChartsCoreOption {
  const { history, words, timeZone, palette, width } = input;
  const [min, max] = [Date.parse(history.from), Date.parse(history.to)];
  const marks = ticks(min, max, timeZone, Math.max(2, Math.floor(width / LABEL_PX)));
  const label = (ms: number) => (areDays(marks) ? day : clock)(ms, words.locale, timeZone);
  const quiet = { axisLine: { lineStyle: { color: palette.line } }, axisTick: { customValues: marks } };
  const time = { type: "time", min, max, splitLine: { show: false }, ...quiet } as const;
  const value = {
    type: "value",
    axisLabel: { color: palette.ink },
    splitLine: { lineStyle: { color: palette.line } },
    nameLocation: "end",
    nameTextStyle: { color: palette.ink, align: "left", padding: [0, 0, 0, -34] },
  } as const;
  const left = 42;
  return {
    animation: false,
    textStyle: { fontFamily: "IBM Plex Sans, system-ui, sans-serif" },
    grid: [
      { left, right: 16, top: 36, height: 210 },
      { left, right: 16, top: 300, height: 84 },
    ],
    axisPointer: { link: [{ xAxisIndex: "all" }] },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      backgroundColor: palette.surface,
      borderColor: palette.line,
      textStyle: { color: palette.ink, fontSize: 13 },
      formatter: tooltip(input),
    },
    xAxis: [
      { ...time, gridIndex: 0, axisLabel: { show: false } },
      {
        ...time,
        gridIndex: 1,
        axisLabel: { color: palette.ink, customValues: marks, formatter: label, hideOverlap: true },
      },
    ],
    yAxis: [
      { ...value, gridIndex: 0, name: words.room.levels, interval: 10, min: floor10, max: ceil10 },
      { ...value, gridIndex: 1, name: words.room.speech, min: 0, max: 100, interval: 50 },
    ],
    series: series(input),
  };
}
