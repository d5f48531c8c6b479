// The list of runs of the folder, whoever started them, and beside it the one that is shown.
import { FolderClock } from 'lucide-react';
import type { RunRecord } from '../../engine/run/record.ts';
import { useDocument } from '../document/document.ts';
import { showTab } from '../app/view.ts';
import { useWords } from '../words/index.ts';
import { openRun } from './actions.ts';
import { attempt } from '../app/notices.tsx';
import { Details } from './details.tsx';
import { useFormat } from './format.ts';
import { useRuns } from './state.ts';
import { StatusSign } from './status.tsx';
import { durationOf, lossOf } from './watched.ts';
import './runs.css';

export function RunsPanel() {
  const t = useWords();
  const list = useRuns((state) => state.list);
  const shown = useRuns((state) => state.run?.run ?? null);
  const compared = useRuns((state) => state.compared);
  const file = useDocument((state) => state.file?.name ?? '');
  if (list.length === 0) {
    return (
      <div className="runs-empty">
        <FolderClock size={28} aria-hidden />
        <h2>{t('runs.none')}</h2>
        <p>{t('runs.none.hint')}</p>
      </div>
    );
  }
  const several = list.some((record) => record.file !== file);
  const chosen = compared.filter((id) => id !== shown).length;
  return (
    <div className="runs-panel">
      <div className="runs-list">
        <div className="runs-list-head">
          <span>{t('runs.count', { count: list.length })}</span>
          {chosen > 0 && (
            <span className="runs-list-buttons">
              <button type="button" className="button" onClick={() => showTab('curves')}>
                {t('runs.compare', { count: chosen + 1 })}
              </button>
              <button type="button" className="button quiet" onClick={() => useRuns.setState({ compared: [] })}>
                {t('runs.compare.clear')}
              </button>
            </span>
          )}
        </div>
        <div className="runs-scroll">
          <table className="runs-table">
            <thead>
              <tr>
                <th scope="col">
                  <span className="visually-hidden">{t('runs.compare.column')}</span>
                </th>
                <th scope="col">{t('runs.column.state')}</th>
                <th scope="col">{t('runs.column.started')}</th>
                {several && <th scope="col">{t('runs.column.file')}</th>}
                <th scope="col" className="number">
                  {t('runs.column.duration')}
                </th>
                <th scope="col" className="number">
                  {t('runs.column.loss')}
                </th>
                <th scope="col">{t('runs.column.run')}</th>
              </tr>
            </thead>
            <tbody>
              {list.map((record) => (
                <Row key={record.run} record={record} shown={record.run === shown} several={several} />
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <Details />
    </div>
  );
}

function Row({ record, shown, several }: { record: RunRecord; shown: boolean; several: boolean }) {
  const t = useWords();
  const format = useFormat();
  const live = useRuns((state) => (state.run?.run === record.run ? state.run : record));
  const checked = useRuns((state) => state.compared.includes(record.run));
  const { run } = record;
  const loss = lossOf(live);
  const toggle = () => {
    const { compared } = useRuns.getState();
    useRuns.setState({ compared: checked ? compared.filter((id) => id !== run) : [...compared, run] });
  };
  return (
    <tr className={shown ? 'runs-row shown' : 'runs-row'} aria-selected={shown} onClick={() => attempt(openRun(run))}>
      <td onClick={(event) => event.stopPropagation()}>
        <input
          type="checkbox"
          aria-label={t('runs.compare.with', { run })}
          title={t('runs.compare.with', { run })}
          checked={checked || shown}
          disabled={shown}
          onChange={toggle}
        />
      </td>
      <td>
        <StatusSign state={live.status} />
      </td>
      <td>{format.time(record.started)}</td>
      {several && <td>{record.file}</td>}
      <td className="number">{format.duration(durationOf(live, Date.now()))}</td>
      <td className="number">{loss === null ? '' : format.number(loss)}</td>
      <td>
        <button type="button" className="runs-link" aria-current={shown} onClick={() => attempt(openRun(run))}>
          {run}
        </button>
      </td>
    </tr>
  );
}
