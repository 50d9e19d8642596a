/**
 * A small chart drawn by hand as SVG: a frame with level lines, into which the figures are drawn. For a handful of values;
 * it costs no library, and its colours and letters are the page's own. Nothing in it has a style attribute.
 */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { number } from "../texts/format.ts";
import { text } from "../texts/texts.ts";

const HEIGHT = 280;
const MARGIN = { left: 44, right: 16, top: 34, bottom: 30 };

/** Where values lie, px. */
export interface Place {
  readonly x: (share: number) => number;
  readonly y: (value: number) => number;
  readonly bottom: number;
  readonly width: number;
}

interface Axis {
  /** What the y axis shows, with its unit. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
}

/** The width the page gives to an element, px; before it is known, that of a narrow screen. */
function useWidth() {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(320);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    watch.observe(place.current!);
    return () => watch.disconnect();
  }, []);
  return { place, width };
}

/** Lines are this far apart, dB; closer where the whole axis is short. */
const STEP_DB = 10;
const SHORT_AXIS_DB = 20;

/** The nearest tens around values, dB. */
export const tensAround = (values: readonly number[]): { min: number; max: number } => ({
  min: STEP_DB * Math.floor(Math.min(...values) / STEP_DB),
  max: STEP_DB * Math.ceil(Math.max(...values) / STEP_DB),
});

export function Frame({
  label,
  axis,
  marks,
  children,
}: {
  label: string;
  axis: Axis;
  /** Words below the x axis, where each is from 0 to 1. */
  marks: readonly { readonly at: number; readonly word: string }[];
  children: (place: Place) => ComponentChildren;
}) {
  const { locale } = text.value;
  const { place, width } = useWidth();
  const bottom = HEIGHT - MARGIN.bottom;
  const x = (share: number) => MARGIN.left + share * (width - MARGIN.left - MARGIN.right);
  const y = (value: number) => bottom - ((value - axis.min) / Math.max(axis.max - axis.min, 1)) * (bottom - MARGIN.top);
  const step = axis.max - axis.min <= SHORT_AXIS_DB ? STEP_DB / 2 : STEP_DB;
  const lines = Array.from({ length: Math.floor((axis.max - axis.min) / step) + 1 }, (_, i) => axis.min + i * step);
  return (
    <div ref={place} class="drawn">
      <svg role="img" aria-label={label} width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`}>
        <text x={4} y={16}>
          {axis.name}
        </text>
        {lines.map((value) => (
          <g key={value}>
            <line class="drawn-line" x1={MARGIN.left} x2={width - MARGIN.right} y1={y(value)} y2={y(value)} />
            <text x={MARGIN.left - 8} y={y(value) + 5} text-anchor="end">
              {number(value, locale)}
            </text>
          </g>
        ))}
        {marks.map(({ at, word }) => (
          <text key={word} x={x(at)} y={HEIGHT - 8} text-anchor="middle">
            {word}
          </text>
        ))}
        {children({ x, y, bottom, width })}
      </svg>
    </div>
  );
}
