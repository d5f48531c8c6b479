// The rows a step took out of its table, with the reasons beside them: how many rows each one took, and a click shows those alone.
import { useState } from 'react';
import type { Removal } from '../../engine/host/contract.ts';
import { useFormat } from '../runs/format.ts';
import { useWords } from '../words/index.ts';
import { RowGrid } from './rows.tsx';
import { useAnswer } from './use-answer.ts';

/** What a step removed; null for steps that make other rows of their input, and until it is known. */
export function useRemoval(path: string, key: string): Removal | null {
  return useAnswer('table.removal', { path, key }).value;
}

export function RemovedView({ path, contentKey, removal }: { path: string; contentKey: string; removal: Removal }) {
  const t = useWords();
  const [picked, setPicked] = useState<string | null>(null);
  if (removal.removed === 0) return <div className="runs-empty">{t('table.removed.none')}</div>;
  const rows = removal.reasons.find(({ reason }) => reason === picked)?.rows ?? removal.removed;
  return (
    <div className="results-removed">
      <Reasons removal={removal} picked={picked} pick={setPicked} />
      <RowGrid
        key={picked}
        source={{ path, key: contentKey, of: 'removed', reason: picked }}
        total={rows}
        columns={removal.columns}
      />
    </div>
  );
}

function Reasons(props: { removal: Removal; picked: string | null; pick: (reason: string | null) => void }) {
  const { removal, picked, pick } = props;
  const t = useWords();
  const format = useFormat();
  const { reasons, removed, apart } = removal;
  const listed = reasons.reduce((sum, { rows }) => sum + rows, 0);
  const most = Math.max(...reasons.map(({ rows }) => rows), 1);
  return (
    <ul className="results-reasons" aria-label={t('table.reasons')}>
      {reasons.map(({ reason, shown, rows }) => (
        <li key={reason}>
          <button
            type="button"
            className="results-reason"
            aria-pressed={apart && reasons.length > 1 ? reason === picked : undefined}
            disabled={!apart || reasons.length < 2}
            title={shown}
            onClick={() => pick(reason === picked ? null : reason)}
          >
            <span className="results-reason-text">{shown}</span>
            <span className="results-reason-count">
              {format.count(rows)} <span className="runs-quiet">{format.percent(rows / removed)}</span>
            </span>
            <span className="results-reason-bar" aria-hidden>
              <span style={{ width: `${(100 * rows) / most}%` }} />
            </span>
          </button>
        </li>
      ))}
      {listed < removed && <li className="runs-quiet">{t('table.reasons.more', { count: removed - listed })}</li>}
    </ul>
  );
}
