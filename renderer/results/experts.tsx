// How evenly the tokens are spread over the experts: a heat map, either of one layer over the training (steps by experts) or of all
// layers at one step. 1 is an expert's fair share.
import { useLayoutEffect, useRef, useState } from 'react';
import { useFormat } from '../runs/format.ts';
import { type Experts, filled } from '../runs/series.ts';
import { useWords } from '../words/index.ts';
import { type Look, useLook } from './colors.ts';
import { heatOf, type Heat } from './heat.ts';

export function ExpertLoad(props: { run: string | null; experts: ReadonlyMap<string, Experts>; version: number }) {
  const { run, experts } = props;
  const t = useWords();
  const format = useFormat();
  const layers = [...experts.keys()].sort((a, b) => Number(a) - Number(b));
  const [mode, setMode] = useState<'layer' | 'step'>('layer');
  const [layer, setLayer] = useState(layers[0] ?? '');
  const [row, setRow] = useState<number | null>(null);
  const shownLayer = experts.has(layer) ? layer : (layers[0] ?? '');
  const steps = experts.get(shownLayer)?.step;
  const rows = steps?.length ?? 0;
  const at = Math.min(row ?? rows - 1, rows - 1);
  const heat = heatOf(experts, mode === 'layer' ? { layer: shownLayer } : { row: at, layers }, 600);
  const step = steps && rows > 0 ? (filled(steps)[at] as number) : 0;
  return (
    <section className="curves-card curves-experts" aria-label={t('experts.title')}>
      <header className="curves-card-head">
        <h3>
          {t('experts.title')} {run !== null && <span className="runs-quiet">{run}</span>}
        </h3>
        <div className="segments" role="group" aria-label={t('experts.view')}>
          {(['layer', 'step'] as const).map((each) => (
            <button
              key={each}
              type="button"
              className="segment"
              data-state={mode === each ? 'on' : 'off'}
              aria-pressed={mode === each}
              onClick={() => setMode(each)}
            >
              {t(`experts.by.${each}`)}
            </button>
          ))}
        </div>
        {mode === 'layer' ? (
          <label className="curves-control">
            {t('experts.layer')}
            <select className="field" value={shownLayer} onChange={(event) => setLayer(event.target.value)}>
              {layers.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </label>
        ) : (
          <label className="curves-control">
            {t('experts.step')}
            <input
              type="range"
              min={0}
              max={Math.max(0, rows - 1)}
              value={at}
              onChange={(event) => setRow(Number(event.target.value))}
            />
            <output>{format.count(step)}</output>
          </label>
        )}
        <Scale />
      </header>
      <HeatMap heat={heat} version={props.version} mode={mode} />
    </section>
  );
}

function HeatMap({ heat, version, mode }: { heat: Heat; version: number; mode: 'layer' | 'step' }) {
  const t = useWords();
  const format = useFormat();
  const look = useLook();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [cell, setCell] = useState<{ column: number; row: number } | null>(null);
  const { columns, rows, values, places } = heat;

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context) draw(context, heat, look);
    // A live training changes the values, not the object they were read from.
  }, [heat, version, look]);

  const point = (event: React.PointerEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    setCell({ column: clamp(column, columns), row: clamp(row, rows) });
  };
  const move = (event: React.KeyboardEvent) => {
    const by: Record<string, [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const step = by[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const from = cell ?? { column: columns - 1, row: 0 };
    setCell({ column: clamp(from.column + step[0], columns), row: clamp(from.row + step[1], rows) });
  };
  const value = cell ? values[cell.row * columns + cell.column] : undefined;
  const words =
    cell && value !== undefined && Number.isFinite(value)
      ? t(mode === 'layer' ? 'experts.cell.layer' : 'experts.cell.step', {
          step: places[cell.column] ?? 0,
          layer: places[cell.row] ?? 0,
          expert: mode === 'layer' ? cell.row : cell.column,
          share: format.number(value),
        })
      : t('experts.hint');
  return (
    <div className="experts">
      <div className="experts-map">
        <span className="experts-y">{t(mode === 'layer' ? 'experts.axis.expert' : 'experts.axis.layer')}</span>
        <div className="experts-field">
          <canvas
            ref={canvas}
            className="experts-canvas"
            width={Math.max(1, columns)}
            height={Math.max(1, rows)}
            style={{ height: Math.min(260, Math.max(60, rows * 14)) }}
            tabIndex={0}
            role="img"
            aria-label={words}
            onPointerMove={point}
            onPointerLeave={() => setCell(null)}
            onKeyDown={move}
          />
          {cell && (
            <div
              className="experts-cell"
              style={{
                left: `${(100 * cell.column) / columns}%`,
                top: `${(100 * cell.row) / rows}%`,
                width: `${100 / columns}%`,
                height: `${100 / rows}%`,
              }}
            />
          )}
        </div>
      </div>
      <div className="experts-x">
        <span>{mode === 'layer' ? format.count(places[0] ?? 0) : '0'}</span>
        <span>{t(mode === 'layer' ? 'experts.axis.step' : 'experts.axis.expert')}</span>
        <span>{mode === 'layer' ? format.count(places[places.length - 1] ?? 0) : format.count(columns - 1)}</span>
      </div>
      <p className="experts-words" role="status">
        {words}
      </p>
    </div>
  );
}

function clamp(value: number, count: number): number {
  return Math.max(0, Math.min(count - 1, value));
}

/** Less than a fair share towards one colour, more towards the other; twice the share and above is full. */
function colorOf(value: number, look: Look): readonly [number, number, number] {
  const middle = look.rgb('--sunken');
  const end = look.rgb(value < 1 ? '--stage-deliver' : '--stage-train');
  const part = Math.min(1, Math.abs(value - 1)) ** 0.8;
  return [0, 1, 2].map((i) => (middle[i] as number) + ((end[i] as number) - (middle[i] as number)) * part) as [
    number,
    number,
    number,
  ];
}

function draw(context: CanvasRenderingContext2D, { columns, rows, values }: Heat, look: Look): void {
  if (columns === 0 || rows === 0) return;
  const image = context.createImageData(columns, rows);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isFinite(value)) continue;
    const [red, green, blue] = colorOf(value, look);
    image.data.set([red, green, blue, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

function Scale() {
  const t = useWords();
  return (
    <div className="experts-scale" role="img" aria-label={t('experts.scale')} title={t('experts.scale')}>
      <span>0</span>
      <span className="experts-scale-bar" />
      <span className="experts-scale-one">1</span>
      <span>≥ 2</span>
    </div>
  );
}
