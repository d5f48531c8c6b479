// Which curve is which run, and in what the runs' graphs differ.
import { useEffect, useState } from 'react';
import { useDocument } from '../document/document.ts';
import { ask, HostError } from '../host.ts';
import { useFormat } from '../runs/format.ts';
import { useRuns } from '../runs/state.ts';
import { lossOf } from '../runs/watched.ts';
import { useWords } from '../words/index.ts';
import { palette } from './colors.ts';
import { type Difference, differencesOf, type Nodes } from './compare.ts';

/** Plans of runs, which never change. */
const plans = new Map<string, Nodes>();

/** Null until the plans of all runs have been read. */
function useDifferences(runs: readonly string[], node: string): readonly Difference[] | null {
  const path = useDocument((state) => state.file?.path ?? null);
  const [found, setFound] = useState<readonly Difference[] | null>(null);
  const wanted = runs.join(' ');
  useEffect(() => {
    let over = false;
    const read = async () => {
      if (path === null) return;
      const all = await Promise.all(wanted.split(' ').map((run) => planOf(path, run)));
      if (!over) setFound(differencesOf(all, node));
    };
    read().catch((error: unknown) => {
      if (!(error instanceof HostError)) throw error; // the curves say themselves that the host is away
    });
    return () => {
      over = true;
    };
  }, [path, wanted, node]);
  return found;
}

async function planOf(path: string, run: string): Promise<Nodes> {
  const known = plans.get(run);
  if (known) return known;
  const { nodes } = await ask('run.read', { path, run });
  plans.set(run, nodes);
  return nodes;
}

export function RunLegend({ runs, node }: { runs: readonly string[]; node: string }) {
  const t = useWords();
  const format = useFormat();
  const list = useRuns((state) => state.list);
  const differences = useDifferences(runs, node);
  return (
    <div className="curves-legend">
      <table className="runs-table">
        <thead>
          <tr>
            <th scope="col">{t('runs.column.run')}</th>
            <th scope="col">{t('runs.column.started')}</th>
            <th scope="col" className="number">
              {t('runs.column.loss')}
            </th>
            {differences?.map(({ node: name, parameter }) => (
              <th key={`${name} ${parameter}`} scope="col">
                <span className="runs-quiet">{parameter === null ? '' : `${name}.`}</span>
                {parameter ?? name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {runs.map((run, i) => {
            const record = list.find((each) => each.run === run);
            const loss = record ? lossOf(record) : null;
            const own = palette[i % palette.length];
            return (
              <tr key={run}>
                <td className="curves-run">
                  <svg width="22" height="8" aria-hidden>
                    <line
                      x1="0"
                      x2="22"
                      y1="4"
                      y2="4"
                      stroke={`var(${own?.color})`}
                      strokeWidth="2.5"
                      strokeDasharray={own && own.dash.length > 0 ? own.dash.join(' ') : undefined}
                    />
                  </svg>
                  {run}
                </td>
                <td>{record ? format.time(record.started) : ''}</td>
                <td className="number">{loss === null ? '' : format.number(loss)}</td>
                {differences?.map(({ node: name, parameter, values }) => (
                  <td key={`${name} ${parameter}`}>
                    <code>{values[i] ?? '–'}</code>
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {differences?.length === 0 && <p className="runs-quiet curves-same">{t('curves.same')}</p>}
    </div>
  );
}
