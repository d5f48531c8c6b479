// What a run of the text as it is would do, and why: step by step and in sum, before anything runs.
import { CircleAlert, Play } from 'lucide-react';
import type { PlanResult, PlanStep } from '../../engine/host/contract.ts';
import { showTab } from '../app/view.ts';
import { select, useDocument } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { startRun } from './actions.ts';
import { attempt } from '../app/notices.tsx';
import { type Format, useFormat } from './format.ts';
import { useRuns } from './state.ts';
import { StatusSign } from './status.tsx';
import { reasons } from './why.ts';
import './runs.css';

export function PlanPanel() {
  const t = useWords();
  const plan = useRuns((state) => state.plan);
  const planning = useRuns((state) => state.planning);
  const message = useRuns((state) => state.planMessage);
  if (plan && plan.steps.length > 0) return <Plan plan={plan} old={planning === 'waiting'} />;
  if (planning === 'errors' || planning === 'failed') {
    return (
      <div className="runs-empty">
        <CircleAlert size={28} aria-hidden />
        <h2>{t(planning === 'errors' ? 'plan.errors' : 'plan.failed')}</h2>
        <p>{planning === 'errors' ? t('plan.errors.hint') : message}</p>
        {planning === 'errors' && (
          <button type="button" className="button" onClick={() => showTab('problems')}>
            {t('runs.show.problems')}
          </button>
        )}
      </div>
    );
  }
  return <div className="runs-empty">{plan ? t('plan.empty') : t('plan.wait')}</div>;
}

function Plan({ plan, old }: { plan: PlanResult; old: boolean }) {
  const t = useWords();
  const format = useFormat();
  const selection = useDocument((state) => state.selection);
  const running = useRuns((state) => state.run?.status === 'running');
  const toRun = plan.steps.filter(({ status }) => status === 'run');
  const { seconds, memory, disk } = plan.totals;
  const flops = toRun.reduce((sum, { cost }) => sum + (cost.flops ?? 0) * (cost.steps ?? 1), 0);
  const tooMuch = memory !== null && memory > plan.machine.memory;
  const parts = plan.definitions.filter(({ parameters }) => parameters !== null);
  return (
    <div className="plan" aria-busy={old}>
      <div className="plan-totals">
        <Total
          title={t('plan.to.run')}
          value={format.count(toRun.length)}
          note={t('plan.cached', { count: plan.steps.length - toRun.length })}
        />
        <Total
          title={t('plan.time')}
          value={toRun.length === 0 ? '–' : seconds === null ? '?' : format.duration(seconds)}
          note={seconds === null && toRun.length > 0 ? t('plan.time.unknown') : ''}
        />
        <Total
          title={t('plan.memory')}
          value={memory === null ? '–' : format.bytes(memory)}
          note={
            tooMuch
              ? t('plan.memory.over', { memory: format.bytes(plan.machine.memory) })
              : memory === null
                ? ''
                : t('plan.memory.note')
          }
          bad={tooMuch}
        />
        <Total
          title={t('plan.disk')}
          value={disk === null || disk === 0 ? '–' : format.bytes(disk)}
          note={disk === null || disk === 0 ? '' : t('plan.disk.note')}
        />
        <Total title={t('plan.work')} value={flops === 0 ? '–' : format.scaled(flops, 'FLOP')} note="" />
        <button
          type="button"
          className="button primary plan-run"
          disabled={running || toRun.length === 0}
          onClick={() => attempt(startRun())}
        >
          <Play size={14} aria-hidden />
          {toRun.length === 0 ? t('plan.nothing') : t('plan.run', { count: toRun.length })}
        </button>
      </div>
      <table className="runs-table plan-table">
        <thead>
          <tr>
            <th scope="col">{t('runs.column.step')}</th>
            <th scope="col">{t('plan.column.what')}</th>
            <th scope="col" className="number">
              {t('plan.column.rows')}
            </th>
            <th scope="col" className="number">
              {t('plan.column.parameters')}
            </th>
            <th scope="col" className="number">
              {t('plan.column.work')}
            </th>
            <th scope="col" className="number">
              {t('plan.column.memory')}
            </th>
            <th scope="col" className="number">
              {t('plan.column.disk')}
            </th>
            <th scope="col" className="number">
              {t('plan.column.time')}
            </th>
          </tr>
        </thead>
        <tbody>
          {plan.steps.map((step) => (
            <Step key={step.node} step={step} format={format} selected={selection.includes(step.node)} />
          ))}
        </tbody>
      </table>
      {parts.length > 0 && (
        <p className="runs-quiet plan-parts">
          {t('plan.parts')}{' '}
          {parts.map(({ node, parameters }) => `${node} ${format.compact(parameters ?? 0)}`).join(' · ')}
        </p>
      )}
    </div>
  );
}

function Total(props: { title: string; value: string; note: string; bad?: boolean }) {
  const { title, value, note, bad = false } = props;
  return (
    <div className={bad ? 'plan-total bad' : 'plan-total'}>
      <span className="plan-total-title">{title}</span>
      <span className="plan-total-value">{value}</span>
      <span className="plan-total-note">{note}</span>
    </div>
  );
}

function Step({ step, format, selected }: { step: PlanStep; format: Format; selected: boolean }) {
  const t = useWords();
  const state = useRuns((all) => all.nodes[step.node]?.state ?? (step.status === 'cached' ? 'cached' : 'stale'));
  const { cost, rows, status } = step;
  const shown = () => select([step.node], 'command');
  const known = rows.filter((each) => each.rows !== null);
  return (
    <tr
      className={`runs-row ${selected ? 'shown' : ''} ${status === 'cached' ? 'plan-cached' : ''}`}
      aria-selected={selected}
      onClick={shown}
    >
      <td>
        <button type="button" className="runs-link" onClick={shown}>
          {step.node}
        </button>{' '}
        <span className="runs-quiet">{step.kind}</span>
      </td>
      <td>
        <div className="plan-why">
          <StatusSign state={state} />
          {status === 'run' && <span className="runs-quiet">{reasons(step.why, t)}</span>}
        </div>
      </td>
      <td className="number">
        {known.map(({ output, rows: count, estimate }) => (
          <div key={output} title={t(estimate ? 'plan.rows.estimate' : 'plan.rows.exact')}>
            {known.length > 1 && <span className="runs-quiet">{output} </span>}
            {estimate ? '~' : ''}
            {format.count(count ?? 0)}
          </div>
        ))}
      </td>
      <td className="number">
        {cost.parameters !== undefined && format.compact(cost.parameters)}
        {cost.activeParameters !== undefined && cost.activeParameters !== cost.parameters && (
          <div className="runs-quiet">{t('plan.active', { count: format.compact(cost.activeParameters) })}</div>
        )}
      </td>
      <td className="number">
        {cost.flops !== undefined && format.scaled(cost.flops, 'FLOP')}
        {cost.steps !== undefined && <div className="runs-quiet">{t('plan.steps', { count: cost.steps })}</div>}
      </td>
      <td className="number">{cost.memory !== undefined && format.bytes(cost.memory)}</td>
      <td className="number">{cost.disk !== undefined && format.bytes(cost.disk)}</td>
      <td className="number">
        {step.seconds === null ? (status === 'run' ? '?' : '') : format.duration(step.seconds)}
      </td>
    </tr>
  );
}
