// Curves of a training: live while it runs, those of several runs laid over each other or side by side.
import { ChartLine as ChartIcon, Columns2, Layers, ZoomOut } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useDocument } from '../document/document.ts';
import { useFormat } from '../runs/format.ts';
import { useRuns } from '../runs/state.ts';
import { useWords } from '../words/index.ts';
import { usePointer } from './chart.tsx';
import { ChartCard } from './chart-card.tsx';
import { chartsOf } from './charts.ts';
import { useCurves } from './curve-store.ts';
import { ExpertLoad } from './experts.tsx';
import { RunLegend } from './run-legend.tsx';
import { Samples, samplesOf } from './samples.tsx';
import { firstSource } from './sources.ts';
import './curves.css';

/** How the curves are looked at. */
export interface Look {
  readonly smoothing: number;
  readonly axis: 'step' | 'time';
  readonly beside: boolean;
}

export function CurvesPanel() {
  const t = useWords();
  const format = useFormat();
  const shown = useRuns((state) => state.run);
  const watched = useRuns((state) => state.watched);
  const list = useRuns((state) => state.list);
  const compared = useRuns((state) => state.compared);
  const file = useDocument((state) => state.file?.name ?? '');
  const selection = useDocument((state) => state.selection);
  const [picked, setPicked] = useState<string | null>(null);
  const [look, setLook] = useState<Look>({ smoothing: 0, axis: 'step', beside: false });
  const [zoom, setZoom] = useState<readonly [number, number] | null>(null);
  const selected = selection.length === 1 ? (selection[0] ?? null) : null;
  const plan = useRuns((state) => state.plan);
  const trains = (node: string) =>
    plan?.steps.some((step) => step.node === node && step.cost.steps !== undefined) ?? false;
  const { sources, source } = firstSource(shown, list, file, selected ?? picked, trains);
  const runs = source ? [source.run, ...compared.filter((run) => run !== source.run)] : [];
  const all = useCurves(runs, source?.node ?? null);
  const ready = all.filter((each) => each.curves && each.curves.step.length > 0);
  const names = ready.flatMap(({ curves }) => [...(curves?.columns.keys() ?? [])]);
  const known = names.join(' ');
  const charts = useMemo(() => chartsOf(known === '' ? [] : known.split(' ')), [known]);
  if (!source) {
    return (
      <div className="runs-empty">
        <ChartIcon size={28} aria-hidden />
        <h2>{t('curves.none')}</h2>
        <p>{t('curves.none.hint')}</p>
      </div>
    );
  }
  const ends = ready.map(({ curves }) => {
    const x = look.axis === 'step' ? curves?.step : curves?.at;
    return x && x.length > 0 ? [x.values[0] as number, x.values[x.length - 1] as number] : [0, 1];
  });
  const least = Math.min(...ends.map(([first]) => first as number));
  const greatest = Math.max(...ends.map(([, last]) => last as number));
  const whole: readonly [number, number] =
    ready.length === 0 ? [0, 1] : [least, greatest > least ? greatest : least + 1];
  const range = zoom ?? whole;
  const several = runs.length > 1;
  const samples = watched?.record.run === source.run ? samplesOf(watched.events, source.node) : [];
  const message = all.find((each) => each.message !== null)?.message;
  return (
    <div className="curves" onKeyDown={(event) => movePointer(event, range, () => setZoom(null))}>
      <div className="curves-bar">
        {sources.length > 1 && (
          <label className="curves-control">
            {t('curves.node')}
            <select className="field" value={source.node} onChange={(event) => setPicked(event.target.value)}>
              {sources.map(({ node }) => (
                <option key={node}>{node}</option>
              ))}
            </select>
          </label>
        )}
        <label className="curves-control">
          {t('curves.smoothing')}
          <input
            type="range"
            min={0}
            max={0.99}
            step={0.01}
            value={look.smoothing}
            onChange={(event) => setLook({ ...look, smoothing: Number(event.target.value) })}
          />
          <output>{look.smoothing === 0 ? t('curves.off') : format.number(look.smoothing)}</output>
        </label>
        <div className="segments" role="group" aria-label={t('curves.axis')}>
          {(['step', 'time'] as const).map((axis) => (
            <button
              key={axis}
              type="button"
              className="segment"
              data-state={look.axis === axis ? 'on' : 'off'}
              aria-pressed={look.axis === axis}
              onClick={() => {
                setZoom(null);
                usePointer.setState({ x: null });
                setLook({ ...look, axis });
              }}
            >
              {t(`curves.axis.${axis}`)}
            </button>
          ))}
        </div>
        {several && (
          <div className="segments" role="group" aria-label={t('curves.several')}>
            <button
              type="button"
              className="segment"
              data-state={look.beside ? 'off' : 'on'}
              aria-pressed={!look.beside}
              onClick={() => setLook({ ...look, beside: false })}
            >
              <Layers size={14} aria-hidden />
              {t('curves.over')}
            </button>
            <button
              type="button"
              className="segment"
              data-state={look.beside ? 'on' : 'off'}
              aria-pressed={look.beside}
              onClick={() => setLook({ ...look, beside: true })}
            >
              <Columns2 size={14} aria-hidden />
              {t('curves.beside')}
            </button>
          </div>
        )}
        {!several && <span className="runs-quiet curves-hint">{t('curves.run', { run: source.run })}</span>}
        {zoom ? (
          <button type="button" className="button quiet" onClick={() => setZoom(null)}>
            <ZoomOut size={14} aria-hidden />
            {t('curves.reset')}
          </button>
        ) : (
          <span className="runs-quiet curves-hint">{t('curves.zoom.hint')}</span>
        )}
      </div>
      {several && <RunLegend runs={runs} node={source.node} />}
      {message && <p className="runs-failure">{message}</p>}
      {ready.length === 0 && !message && <div className="runs-empty">{t('curves.waiting')}</div>}
      {look.beside && several ? (
        <div className="curves-columns" style={{ gridTemplateColumns: `repeat(${ready.length}, minmax(260px, 1fr))` }}>
          {ready.map((each) => (
            <div key={each.run} className="curves-column">
              <h3 className="runs-title">{each.run}</h3>
              {charts.map((chart) => (
                <ChartCard
                  key={chart.id}
                  spec={chart}
                  shown={[each]}
                  among={ready}
                  order={runs}
                  look={look}
                  range={range}
                  zoom={setZoom}
                />
              ))}
            </div>
          ))}
        </div>
      ) : (
        <div className="curves-grid">
          {charts.map((chart) => (
            <ChartCard
              key={chart.id}
              spec={chart}
              shown={ready}
              among={ready}
              order={runs}
              look={look}
              range={range}
              zoom={setZoom}
            />
          ))}
        </div>
      )}
      {ready.map(
        ({ run, curves, version }) =>
          curves &&
          curves.experts.size > 0 && (
            <ExpertLoad key={run} run={several ? run : null} experts={curves.experts} version={version} />
          ),
      )}
      {samples.length > 0 && <Samples samples={samples} />}
    </div>
  );
}

/** Arrows move the pointer of all charts, Escape goes back to the whole. */
function movePointer(event: React.KeyboardEvent, range: readonly [number, number], reset: () => void): void {
  const { target } = event;
  if (target instanceof HTMLElement && /^(INPUT|SELECT|BUTTON|CANVAS)$/.test(target.tagName) && event.key !== 'Escape')
    return;
  const [from, to] = range;
  const x = usePointer.getState().x;
  const step = ((to - from) / 100) * (event.shiftKey ? 10 : 1);
  const go = (place: number) => {
    event.preventDefault();
    usePointer.setState({ x: Math.min(to, Math.max(from, place)) });
  };
  if (event.key === 'ArrowRight') go(x === null ? from : x + step);
  else if (event.key === 'ArrowLeft') go(x === null ? to : x - step);
  else if (event.key === 'Home') go(from);
  else if (event.key === 'End') go(to);
  else if (event.key === 'Escape') {
    usePointer.setState({ x: null });
    reset();
  }
}
