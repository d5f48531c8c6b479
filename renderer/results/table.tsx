// A table: its rows, what was removed on the way to it and why, and what its columns hold.
import { Tabs } from 'radix-ui';
import { useState } from 'react';
import { useFormat } from '../runs/format.ts';
import { useWords } from '../words/index.ts';
import { ColumnsView } from './columns.tsx';
import { RemovedView, useRemoval } from './removed.tsx';
import { RowGrid } from './rows.tsx';
import type { ViewProps } from './views.tsx';

export function TableView({ path, contentKey, output, artifact }: ViewProps<'table'>) {
  const t = useWords();
  const format = useFormat();
  const [tab, setTab] = useState('rows');
  const removal = useRemoval(path, contentKey);
  const before = removal?.before ?? 0;
  const kept = before - (removal?.removed ?? 0);
  return (
    <Tabs.Root className="results-tabs" value={tab} onValueChange={setTab}>
      <div className="results-bar">
        <Tabs.List className="segments" aria-label={t('table.views')}>
          <Tabs.Trigger className="segment" value="rows">
            {t('table.rows', { count: artifact.rows })}
          </Tabs.Trigger>
          {removal && (
            <Tabs.Trigger className="segment" value="removed">
              {t('table.removed', { count: removal.removed })}
            </Tabs.Trigger>
          )}
          <Tabs.Trigger className="segment" value="columns">
            {t('table.columns', { count: Object.keys(artifact.columns).length })}
          </Tabs.Trigger>
        </Tabs.List>
        {before > 0 && (
          <div className="results-table-kept" title={t('table.kept.of', { kept, before })}>
            <span className="results-table-kept-bar" aria-hidden>
              <span style={{ width: `${(100 * kept) / before}%` }} />
            </span>
            {t('table.kept', { kept, before, share: format.percent(kept / before) })}
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
      {removal && (
        <Tabs.Content className="results-tab" value="removed">
          <RemovedView path={path} contentKey={contentKey} removal={removal} />
        </Tabs.Content>
      )}
      <Tabs.Content className="results-tab" value="columns">
        <ColumnsView path={path} contentKey={contentKey} output={output} total={Object.keys(artifact.columns).length} />
      </Tabs.Content>
    </Tabs.Root>
  );
}
