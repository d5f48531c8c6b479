// A chart with its title, its values at the pointer (or the newest ones) and its switch between linear and logarithmic.
import { useRef, useState } from 'react';
import { useFormat } from '../runs/format.ts';
import { filled, rowAt } from '../runs/series.ts';
import { useWords } from '../words/index.ts';
import { Chart, type ChartLine, usePointer } from './chart.tsx';
import type { ChartSpec } from './charts.ts';
import { palette } from './colors.ts';
import type { Shown } from './curve-store.ts';
import type { Look } from './curves.tsx';
import { extent } from './downsample.ts';
import { extend, newSmoothed, type Smoothed } from './smooth.ts';

interface Named extends ChartLine {
  readonly run: string;
  readonly name: string;
}

/** Colours of the numbers of one run, where there is no other run to tell from. */
const alone = [
  '--accent',
  '--stage-train',
  '--stage-data',
  '--port-schedule',
  '--port-tokenizer',
  '--stage-deliver',
  '--bad',
  '--port-attention',
];

export function ChartCard(props: {
  spec: ChartSpec;
  shown: readonly Shown[];
  /** All runs that stand side by side, whose y axes agree. */
  among: readonly Shown[];
  /** Runs in the order of their colours. */
  order: readonly string[];
  look: Look;
  range: readonly [number, number];
  zoom: (range: readonly [number, number] | null) => void;
}) {
  const { spec, shown, among, order, look, range, zoom } = props;
  const t = useWords();
  const format = useFormat();
  const [log, setLog] = useState(spec.log);
  const smoothed = useRef(new Map<string, Smoothed>());
  const title = spec.title === null ? spec.id : t(spec.title);
  const several = order.length > 1;
  const raw = linesOf(spec, shown, order, look, several);
  const smooth = look.smoothing > 0 ? raw.flatMap((line) => smoothLine(line, look.smoothing, smoothed.current)) : [];
  const lines: Named[] = [
    ...raw.map((line) => ({ ...line, faint: smooth.some((each) => each.run === line.run && each.name === line.name) })),
    ...smooth,
  ];
  const yRange =
    shown.length < among.length ? extent(linesOf(spec, among, order, look, several), range[0], range[1], log) : null;
  return (
    <section className="curves-card" aria-label={title}>
      <header className="curves-card-head">
        <h3>{title}</h3>
        <button
          type="button"
          className="curves-log"
          aria-pressed={log}
          title={t('curves.log.hint')}
          onClick={() => setLog(!log)}
        >
          {t('curves.log')}
        </button>
      </header>
      <Readout lines={smooth.length > 0 ? merged(raw, smooth) : raw} several={several} axis={look.axis} />
      <div className="curves-focus" tabIndex={0} onDoubleClick={() => zoom(null)}>
        <Chart
          lines={lines}
          range={range}
          zoom={zoom}
          log={log}
          yRange={yRange}
          height={170}
          label={t('curves.chart', { title })}
          format={format}
          xText={(value) => (look.axis === 'step' ? format.count(value) : format.duration(value))}
        />
      </div>
    </section>
  );
}

function linesOf(
  spec: ChartSpec,
  shown: readonly Shown[],
  order: readonly string[],
  look: Look,
  several: boolean,
): Named[] {
  return shown.flatMap(({ run, curves }) => {
    if (!curves) return [];
    const x = filled(look.axis === 'step' ? curves.step : curves.at);
    return spec.names.flatMap((name, i) => {
      const column = curves.columns.get(name);
      if (!column) return [];
      const own = palette[order.indexOf(run) % palette.length] ?? { color: '--accent', dash: [] };
      const sparse = name.startsWith('valid');
      return [
        {
          run,
          name,
          x,
          y: filled(column),
          color: several ? own.color : (alone[i % alone.length] ?? '--accent'),
          dash: several ? (i === 0 ? own.dash : [3, 3]) : i === 0 ? [] : i % 2 === 1 ? [6, 3] : [2, 2],
          faint: false,
          points: sparse,
        },
      ];
    });
  });
}

/** What is measured now and then is not noise: it stays as it is. */
function smoothLine(line: Named, weight: number, cache: Map<string, Smoothed>): Named[] {
  if (line.points) return [];
  const key = `${line.run} ${line.name}`;
  let known = cache.get(key);
  if (!known || known.weight !== weight || known.values.length > line.y.length) {
    known = newSmoothed(weight);
    cache.set(key, known);
  }
  return [{ ...line, y: extend(known, line.y), faint: false }];
}

/** The smoothed lines in the place of those they were made of. */
function merged(raw: readonly Named[], smooth: readonly Named[]): Named[] {
  return raw.map((line) => smooth.find((each) => each.run === line.run && each.name === line.name) ?? line);
}

function Readout({ lines, several, axis }: { lines: readonly Named[]; several: boolean; axis: Look['axis'] }) {
  const t = useWords();
  const format = useFormat();
  const pointer = usePointer((state) => state.x);
  const values = lines.map((line) => ({
    line,
    row: lastValue(line, pointer === null ? Number.POSITIVE_INFINITY : pointer),
  }));
  const [first] = values;
  const place = pointer === null || !first || first.row < 0 ? null : (first.line.x[first.row] as number);
  return (
    <ul className="curves-readout">
      {place !== null && (
        <li className="curves-place">
          {axis === 'step' ? t('curves.at.step', { step: place }) : format.duration(place)}
        </li>
      )}
      {values.map(({ line, row }) => (
        <li key={`${line.run} ${line.name}`}>
          <svg width="18" height="8" aria-hidden>
            <line
              x1="0"
              x2="18"
              y1="4"
              y2="4"
              stroke={`var(${line.color})`}
              strokeWidth="2"
              strokeDasharray={line.dash.length > 0 ? line.dash.join(' ') : undefined}
            />
          </svg>
          {labelOf(line, lines, several)} <strong>{row < 0 ? '–' : format.number(line.y[row] as number)}</strong>
        </li>
      ))}
    </ul>
  );
}

function labelOf(line: Named, lines: readonly Named[], several: boolean): string {
  const name = line.name.slice(line.name.indexOf('/') + 1).replaceAll('_', ' ');
  if (!several) return lines.length > 1 ? name : '';
  const names = new Set(lines.map((each) => each.name));
  const run = line.run.slice(-3);
  return names.size > 1 ? `${run} ${name}` : run;
}

/** Row of the last value at or before a place: validation has one at some steps only. */
function lastValue({ x, y }: Named, place: number): number {
  let row = rowAt(x, place);
  while (row >= 0 && !Number.isFinite(y[row])) row--;
  return row;
}
