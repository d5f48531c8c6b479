// The top bar's part about running: Run with its menu, and while a run goes on how far it is and Stop.
import {
  ChevronDown,
  LoaderCircle,
  Play,
  RotateCcw,
  SkipForward,
  SlidersHorizontal,
  Square,
  Target,
} from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { useDocument } from '../document/document.ts';
import { shownKeys } from '../app/command.ts';
import { useWords } from '../words/index.ts';
import { resumeState, startRun, stopRun } from './actions.ts';
import { attempt } from '../app/notices.tsx';
import { useFormat } from './format.ts';
import { ParamsDialog } from './params.tsx';
import { useRuns } from './state.ts';
import { TroubleNotice } from './trouble.tsx';
import { TrustDialog } from './trust.tsx';
import './runs.css';

export function RunControls() {
  const running = useRuns((state) => state.run?.status === 'running');
  const [params, setParams] = useState(false);
  return (
    <>
      {running ? <Running /> : <Start openParams={() => setParams(true)} />}
      {params && <ParamsDialog close={() => setParams(false)} />}
      <TrustDialog />
      <TroubleNotice />
    </>
  );
}

function Start({ openParams }: { openParams: () => void }) {
  const t = useWords();
  const starting = useRuns((state) => state.starting);
  const toRun = useRuns((state) => state.plan?.steps.filter(({ status }) => status === 'run').length ?? null);
  const selection = useDocument((state) => state.selection);
  const params = useDocument((state) => state.good?.graph.params.length ?? 0);
  // Read so that the menu follows.
  useRuns((state) => state.watched);
  useRuns((state) => state.keys);
  const [node] = selection.length === 1 ? selection : [];
  const resume = resumeState();
  return (
    <div className="runs-start">
      <button
        type="button"
        className="button primary runs-run"
        disabled={starting}
        title={toRun === 0 ? t('runs.run.nothing') : `${t('runs.run')} (${shownKeys('Mod+Enter')})`}
        onClick={() => attempt(startRun())}
      >
        {starting ? <LoaderCircle size={14} className="runs-spin" aria-hidden /> : <Play size={14} aria-hidden />}
        {starting ? t('runs.starting') : t('runs.run')}
      </button>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger className="button primary runs-more" aria-label={t('runs.more')} disabled={starting}>
          <ChevronDown size={14} aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
            <DropdownMenu.Item className="menu-item" onSelect={() => attempt(startRun())}>
              <Play size={14} aria-hidden />
              {t('runs.run.all')}
              <span className="keys">{shownKeys('Mod+Enter')}</span>
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className="menu-item"
              disabled={node === undefined}
              onSelect={() => attempt(startRun({ to: node ?? null }))}
            >
              <Target size={14} aria-hidden />
              {node === undefined ? t('runs.run.to.selected') : t('runs.run.to', { node })}
              <span className="keys">{shownKeys('Mod+Shift+Enter')}</span>
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className="menu-item"
              disabled={resume === null || resume.changed}
              onSelect={() => attempt(startRun({ resume: true }))}
            >
              <SkipForward size={14} aria-hidden />
              {resume ? t('runs.resume.at', { node: resume.node, step: resume.step }) : t('runs.resume')}
            </DropdownMenu.Item>
            <DropdownMenu.Item className="menu-item" onSelect={() => attempt(startRun({ fresh: true }))}>
              <RotateCcw size={14} aria-hidden />
              {t('runs.run.fresh')}
            </DropdownMenu.Item>
            <div className="menu-line" />
            <DropdownMenu.Item className="menu-item" disabled={params === 0} onSelect={openParams}>
              <SlidersHorizontal size={14} aria-hidden />
              {t('runs.params')}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </div>
  );
}

function Running() {
  const t = useWords();
  const format = useFormat();
  const overall = useRuns((state) => state.overall);
  const stopping = useRuns((state) => state.stopping);
  const node = useRuns((state) => state.run?.steps.find(({ status }) => status === 'running')?.node ?? null);
  const here = useRuns((state) => (node === null ? null : (state.nodes[node]?.left ?? null)));
  const fraction = overall?.fraction ?? 0;
  const left = overall?.left ?? null;
  const parts = [
    node,
    overall && t('runs.steps.of', { done: overall.done, total: overall.total }),
    // Of steps that never ran nobody knows how long they take; of the one that runs it shows soon.
    left !== null
      ? t('runs.left', { time: format.left(left) })
      : here !== null
        ? t('runs.left.here', { time: format.left(here) })
        : null,
  ].filter((part) => part !== null);
  return (
    <div className="runs-running">
      <div
        className="runs-overall"
        role="progressbar"
        aria-label={t('runs.overall')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * fraction)}
        aria-valuetext={parts.join(', ')}
      >
        <div className="runs-overall-words">
          <span className="runs-percent">{format.percent(Math.floor(100 * fraction) / 100)}</span>
          <span>{parts.join(' · ')}</span>
        </div>
        <div className="runs-bar">
          <div className="runs-bar-full" style={{ transform: `scaleX(${fraction})` }} />
        </div>
      </div>
      <button
        type="button"
        className={`button runs-stop ${stopping === 'no' ? '' : 'danger'}`}
        title={t(stopping === 'no' ? 'runs.stop.hint' : 'runs.stop.hard.hint')}
        disabled={stopping === 'hard'}
        onClick={() => attempt(stopRun())}
      >
        {stopping === 'no' ? (
          <Square size={12} fill="currentColor" aria-hidden />
        ) : (
          <LoaderCircle size={14} className="runs-spin" aria-hidden />
        )}
        {t(stopping === 'no' ? 'runs.stop' : stopping === 'asked' ? 'runs.stop.now' : 'runs.stopping')}
      </button>
      {stopping === 'asked' && (
        <span className="runs-stopping" role="status">
          {t('runs.stop.saving')}
        </span>
      )}
    </div>
  );
}
