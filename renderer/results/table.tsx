// A table: its rows, what was removed on the way to it and why, and what its columns hold.
import { Tabs } from 'radix-ui';
import { useState } from 'react';
import { useFormat } from '../runs/format.ts';
import { useWords } from '../words/index.ts';
import { ColumnsView } from './columns.tsx';
import { useRemoved } from './removed.ts';
import { RowGrid } from './rows.tsx';
import type { ViewProps } from './views.tsx';

export function TableView({ path, contentKey, output, artifact }: ViewProps<'table'>) {
  const t = useWords();
  const format = useFormat();
  const [tab, setTab] = useState('rows');
  const removed = useRemoved(path, contentKey);
  const before = removed?.before ?? null;
  return (
    <Tabs.Root className="results-tabs" value={tab} onValueChange={setTab}>
      <div className="results-bar">
        <Tabs.List className="segments" aria-label={t('table.views')}>
          <Tabs.Trigger className="segment" value="rows">
            {t('table.rows', { count: artifact.rows })}
          </Tabs.Trigger>
          {removed && (
            <Tabs.Trigger className="segment" value="removed">
              {t('table.removed', { count: removed.total })}
            </Tabs.Trigger>
          )}
          <Tabs.Trigger className="segment" value="columns">
            {t('table.columns', { count: Object.keys(artifact.columns).length })}
          </Tabs.Trigger>
        </Tabs.List>
        {removed && before !== null && before > 0 && (
          <div className="results-table-kept" title={t('table.kept.of', { kept: removed.kept, before })}>
            <span className="results-table-kept-bar" aria-hidden>
              <span style={{ width: `${(100 * removed.kept) / before}%` }} />
            </span>
            {t('table.kept', { kept: removed.kept, before, share: format.percent(removed.kept / before) })}
          </div>
        )}
      </div>
      <Tabs.Content className="results-tab" value="rows">
        <RowGrid
          source={{ path, key: contentKey, output, of: 'rows' }}
          total={artifact.rows}
          columns={artifact.columns}
        />
      </Tabs.Content>
      {removed && (
        <Tabs.Content className="results-tab" value="removed">
          {removed.total === 0 ? (
            <div className="runs-empty">{t('table.removed.none')}</div>
          ) : (
            <RowGrid
              source={{ path, key: contentKey, output, of: 'removed' }}
              total={removed.total}
              columns={Object.fromEntries(removed.columns.map(({ name, type }) => [name, type]))}
            />
          )}
        </Tabs.Content>
      )}
      <Tabs.Content className="results-tab" value="columns">
        <ColumnsView path={path} contentKey={contentKey} output={output} />
      </Tabs.Content>
    </Tabs.Root>
  );
}
