// One chart of uPlot: drawn from reduced curves, redrawn as they grow without being built anew, in the colours of the theme. Where
// the pointer is, all charts of the page show the same step.
import { useEffect, useLayoutEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { create } from 'zustand';
import type { Format } from '../runs/format.ts';
import { useLook } from './colors.ts';
import { extent, type Line, reduce } from './downsample.ts';

export interface ChartLine extends Line {
  /** A CSS variable. */
  readonly color: string;
  readonly dash: readonly number[];
  /** Drawn faintly, behind its smoothed self. */
  readonly faint: boolean;
  /** Its few points are marked. */
  readonly points: boolean;
}

/** Where the pointer (or the keyboard) is on the x axis of the charts; null: nowhere. */
export const usePointer = create<{ x: number | null }>()(() => ({ x: null }));

export function Chart(props: {
  lines: readonly ChartLine[];
  range: readonly [number, number];
  /** Called with the part that was dragged over. */
  zoom: (range: readonly [number, number] | null) => void;
  log: boolean;
  /** Same for charts that stand side by side; null: as the lines are. */
  yRange: readonly [number, number] | null;
  height: number;
  label: string;
  format: Format;
  /** How the x axis is written. */
  xText: (value: number) => string;
}) {
  const { lines, range, log, height, label } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const now = useRef(props);
  now.current = props;
  const look = useLook();
  // What the chart is built of: everything else is data.
  const shape = JSON.stringify([
    lines.map(({ color, dash, faint, points }) => [color, dash, faint, points]),
    log,
    look.theme,
  ]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const built = new uPlot(
      optionsOf(now, look, Math.max(80, element.clientWidth)),
      dataOf(now.current, element.clientWidth),
      element,
    );
    plot.current = built;
    const resize = new ResizeObserver(() => {
      const width = Math.max(80, element.clientWidth);
      if (width === built.width && now.current.height === built.height) return;
      built.setSize({ width, height: now.current.height });
      built.setData(dataOf(now.current, width), true);
    });
    resize.observe(element);
    return () => {
      resize.disconnect();
      built.destroy();
      plot.current = null;
    };
    // `look` and the lines' look are part of `shape`.
  }, [shape]);

  useEffect(() => {
    const built = plot.current;
    if (!built) return;
    if (built.height !== height) built.setSize({ width: built.width, height });
    built.setData(dataOf(now.current, built.width), true);
    point(built, usePointer.getState().x);
  }, [lines, range[0], range[1], height]);

  // The pointer of another chart, or the keyboard.
  useEffect(() => usePointer.subscribe(({ x }) => plot.current && point(plot.current, x)), []);

  return <div ref={box} className="curves-plot" role="img" aria-label={label} style={{ height }} />;
}

/** Puts the chart's pointer at a place of the x axis. */
function point(chart: uPlot, x: number | null): void {
  const left = x === null ? -10 : chart.valToPos(x, 'x');
  if (Math.abs(left - (chart.cursor.left ?? -10)) > 0.5) chart.setCursor({ left, top: chart.cursor.top ?? -10 }, false);
}

type Props = Parameters<typeof Chart>[0];

function dataOf({ lines, range, log }: Props, width: number): uPlot.AlignedData {
  const { x, lines: values } = reduce(lines, range[0], range[1], width - 60);
  // A logarithmic axis has no place for what is not positive.
  if (log) for (const each of values) each.forEach((value, i) => value !== null && value <= 0 && (each[i] = null));
  return [x, ...values];
}

function optionsOf(now: { current: Props }, look: ReturnType<typeof useLook>, width: number): uPlot.Options {
  const { lines, log, height } = now.current;
  const axis: uPlot.Axis = {
    stroke: look.color('--ink-3'),
    font: look.font,
    grid: { stroke: look.color('--line'), width: 1 },
    ticks: { show: false },
    gap: 6,
  };
  return {
    width,
    height,
    padding: [8, 22, 0, 0],
    legend: { show: false },
    scales: {
      x: { time: false, range: () => [now.current.range[0], now.current.range[1]] },
      y: {
        distr: log ? 3 : 1,
        range: (_, least, greatest) => yRangeOf(now.current, least, greatest),
      },
    },
    axes: [
      {
        ...axis,
        size: 26,
        space: 70,
        incrs: increments,
        values: (_, splits) => splits.map((value) => now.current.xText(value)),
      },
      {
        ...axis,
        size: 56,
        space: 28,
        values: (_, splits) => splits.map((value) => yText(value, now.current.format)),
      },
    ],
    series: [
      {},
      ...lines.map(
        ({ color, dash, faint, points }): uPlot.Series => ({
          stroke: look.color(color, faint ? 0.28 : 1),
          width: faint ? 1 : 1.6,
          dash: [...dash],
          spanGaps: true,
          points: { show: points ? few : lonely, size: 5, fill: look.color('--surface') },
        }),
      ),
    ],
    cursor: {
      y: false,
      points: { size: 6 },
      drag: { x: true, y: false, setScale: false },
    },
    hooks: {
      setCursor: [
        (chart) => {
          const { left, event } = chart.cursor;
          if (!event) return; // moved by another chart
          const x = left === undefined || left < 0 ? null : chart.posToVal(left, 'x');
          if (usePointer.getState().x !== x) usePointer.setState({ x });
        },
      ],
      setSelect: [
        (chart) => {
          const { left, width } = chart.select;
          if (width > 4) now.current.zoom([chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x')]);
          if (width > 0) chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** Short enough for the room beside the chart. */
function yText(value: number | null, format: Format): string {
  if (value === null) return ''; // uPlot's way to leave a mark of a logarithmic axis out
  return Math.abs(value) < 1e5 ? format.number(value) : format.compact(value);
}

/** Between two marks of the x axis: steps and seconds are whole. */
const increments = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));

/** Marks are for points that stand alone: side by side they would hide the line. */
function few(chart: uPlot, series: number, first: number, last: number): boolean {
  return atMost(chart.width / 14, chart, series, first, last);
}

/** A line of a single point has nothing else to be seen by. */
function lonely(chart: uPlot, series: number, first: number, last: number): boolean {
  return atMost(3, chart, series, first, last);
}

function atMost(most: number, chart: uPlot, series: number, first: number, last: number): boolean {
  let count = 0;
  for (let i = first; i <= last && count <= most; i++) if (chart.data[series]?.[i] != null) count++;
  return count <= most;
}

/** A little air above and below; a flat line lies in the middle. */
function yRangeOf(
  { yRange, log, lines, range }: Props,
  least: number | null,
  greatest: number | null,
): [number, number] {
  const found =
    yRange ??
    extent(lines, range[0], range[1], log) ??
    (least === null || greatest === null ? null : [least, greatest]);
  if (!found) return log ? [0.1, 10] : [0, 1];
  const [low, high] = found;
  if (log) return low === high ? [low / 2, high * 2] : [low / 1.15, high * 1.15];
  const air = high === low ? Math.max(Math.abs(high) * 0.1, 1e-9) : (high - low) * 0.06;
  return [low >= 0 && low - air < 0 ? 0 : low - air, high + air];
}
