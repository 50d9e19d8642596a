/** ECharts with only the parts the room page draws; loaded when a chart is first shown. */
import { LineChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { type ChartInput, chartOption, type Palette } from "./option.ts";

// Canvas rather than SVG: the SVG renderer writes style attributes, which a strict content policy forbids.
echarts.use([LineChart, GridComponent, MarkAreaComponent, TooltipComponent, CanvasRenderer]);

const names = {
  ink: "--ink-soft",
  faint: "--gray-500",
  line: "--edge",
  surface: "--surface",
  laeq: "--chart-laeq",
  lafmax: "--chart-lafmax",
  l90: "--chart-l90",
  speech: "--chart-speech",
  band: "--chart-band",
} as const satisfies Record<keyof Palette, string>;

/** Custom properties hold light-dark() pairs; only a computed colour has decided between them. */
function palette(within: HTMLElement): Palette {
  const probe = within.ownerDocument.createElement("span");
  probe.hidden = true;
  within.append(probe);
  const resolve = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, resolve(name)]));
  probe.remove();
  return colours as Record<keyof Palette, string>;
}

export interface Drawing {
  show(input: Omit<ChartInput, "palette" | "width">): void;
  close(): void;
}

/** Draws into `within`, again whenever its width changes. */
export function draw(within: HTMLElement): Drawing {
  const chart = echarts.init(within);
  let shown: Omit<ChartInput, "palette" | "width"> | undefined;
  const redraw = () => {
    if (shown) chart.setOption(chartOption({ ...shown, palette: palette(within), width: within.clientWidth }), true);
  };
  const resized = new ResizeObserver(() => {
    chart.resize();
    redraw();
  });
  resized.observe(within);
  return {
    show: (input) => {
      shown = input;
      redraw();
    },
    close: () => {
      resized.disconnect();
      chart.dispose();
    },
  };
}
