// Rows of a table as far as they are in sight: pages are fetched while scrolling, a million rows cost no more than fifty. A row opens
// beside the table, where its long texts can be read.
import { X } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Cell as CellValue, ImageCell } from '../../engine/host/contract.ts';
import type { ColumnType } from '../../engine/nodes/values.ts';
import { ask, HostError } from '../host.ts';
import { useFormat } from '../runs/format.ts';
import { useWords } from '../words/index.ts';
import { mostColumns, SomeColumns } from './some-columns.tsx';
import { cellText, windowOf } from './window.ts';

export type RowSource = { readonly path: string; readonly key: string } & (
  | { readonly of: 'rows'; readonly output: string }
  | { readonly of: 'removed'; readonly reason: string | null }
);

interface FetchedRow {
  readonly index: number;
  readonly cells: readonly CellValue[];
  readonly reason: string | null;
}

const rowHeight = 26;
const pageSize = 100;

/** Pages that have been asked for, by number; null while under way. */
function usePages(source: RowSource, from: number) {
  const pages = useRef(new Map<string, readonly FetchedRow[] | null>());
  const [, redraw] = useState(0);
  const [message, setMessage] = useState<string | null>(null);
  const fetch = (page: number) => {
    const name = `${from} ${page}`;
    if (pages.current.has(name)) return;
    pages.current.set(name, null);
    readPage(source, page, from).then(
      (rows) => {
        pages.current.set(name, rows);
        redraw((count) => count + 1);
      },
      (error: unknown) => {
        pages.current.delete(name);
        setMessage(error instanceof HostError ? error.message : String(error));
      },
    );
  };
  const row = (i: number) => pages.current.get(`${from} ${Math.floor(i / pageSize)}`)?.[i % pageSize] ?? null;
  return { row, fetch, message };
}

async function readPage(source: RowSource, page: number, from: number): Promise<readonly FetchedRow[]> {
  const { path, key } = source;
  const part = { path, key, offset: page * pageSize, limit: pageSize, from };
  if (source.of === 'rows') {
    const { rows } = await ask('table.rows', { ...part, output: source.output });
    return rows.map((row) => ({ ...row, reason: null }));
  }
  const answer = await ask('table.removed', { ...part, reason: source.reason });
  return answer ? answer.rows.map((row, i) => ({ ...row, reason: answer.reasons[i] ?? null })) : [];
}

export function RowGrid(props: { source: RowSource; total: number; columns: { [name: string]: ColumnType } }) {
  const { source, total, columns } = props;
  const t = useWords();
  const format = useFormat();
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 400 });
  const [active, setActive] = useState<number | null>(null);
  const [opened, setOpened] = useState(false);
  const [from, setFrom] = useState(0);
  const { row, fetch, message } = usePages(source, from);
  const all = Object.keys(columns);
  const names = all.slice(from, from + mostColumns);
  const { first, last, height, offset } = windowOf(total, view.top, view.height, rowHeight);

  useEffect(() => {
    for (let page = Math.floor(first / pageSize); page * pageSize < last; page++) fetch(page);
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const resize = new ResizeObserver(() => setView({ top: element.scrollTop, height: element.clientHeight }));
    resize.observe(element);
    return () => resize.disconnect();
  }, []);

  const go = (index: number) => {
    const next = Math.max(0, Math.min(total - 1, index));
    setActive(next);
    const element = scroller.current;
    if (!element) return;
    const room = element.clientHeight - rowHeight;
    const shown = Math.floor(room / rowHeight);
    if (next < first + 1 || next > first + shown - 1) {
      element.scrollTop = (next / Math.max(1, total)) * height - room / 2;
    }
  };
  const keys = (event: React.KeyboardEvent) => {
    const page = Math.max(1, Math.floor(view.height / rowHeight) - 2);
    const at = active ?? first;
    const by: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: total - 1,
    };
    const to = by[event.key];
    if (to !== undefined) {
      event.preventDefault();
      go(active === null && (event.key === 'ArrowDown' || event.key === 'ArrowUp') ? first : to);
    } else if (event.key === 'Enter' && active !== null) setOpened(true);
    else if (event.key === 'Escape' && opened) {
      event.stopPropagation();
      setOpened(false);
    }
  };

  if (total === 0) return <div className="runs-empty">{t('table.empty')}</div>;
  const reasons = source.of === 'removed';
  // As wide as the largest number needs.
  const edge = Math.max(64, 28 + 8 * format.count(total).length);
  const template = `${edge}px ${reasons ? 'minmax(180px, 1.2fr) ' : ''}${names.map((name) => `minmax(${minimum(columns[name])}, ${share(columns[name])}fr)`).join(' ')}`;
  const width =
    edge + (reasons ? 180 : 0) + names.reduce((sum, name) => sum + Number.parseInt(minimum(columns[name]), 10), 0);
  const openRow = opened && active !== null ? row(active) : null;
  return (
    <div className="results-table">
      <div className="results-table-main">
        <SomeColumns from={from} total={all.length} go={setFrom} />
        <div
          ref={scroller}
          className="results-table-scroll"
          role="grid"
          aria-label={t('table.grid')}
          aria-rowcount={total}
          aria-colcount={names.length + 1}
          aria-activedescendant={active === null ? undefined : `row-${active}`}
          tabIndex={0}
          onScroll={(event) =>
            setView({ top: event.currentTarget.scrollTop, height: event.currentTarget.clientHeight })
          }
          onKeyDown={keys}
        >
          <div className="results-table-head" role="row" style={{ gridTemplateColumns: template, minWidth: width }}>
            <span role="columnheader" className="results-table-index">
              #
            </span>
            {reasons && <span role="columnheader">{t('table.reason')}</span>}
            {names.map((name) => (
              <span key={name} role="columnheader" className={isNumber(columns[name]) ? 'number' : undefined}>
                {name} <span className="results-table-type">{columns[name]}</span>
              </span>
            ))}
          </div>
          <div className="results-table-body" style={{ height, minWidth: width }}>
            <div style={{ transform: `translateY(${offset}px)` }}>
              {Array.from({ length: last - first }, (_, i) => first + i).map((i) => {
                const found = row(i);
                return (
                  <div
                    key={i}
                    id={`row-${i}`}
                    role="row"
                    aria-rowindex={i + 1}
                    aria-selected={i === active}
                    className={i === active ? 'results-table-row active' : 'results-table-row'}
                    style={{ gridTemplateColumns: template, height: rowHeight }}
                    onClick={() => {
                      setActive(i);
                      setOpened(true);
                    }}
                  >
                    <span role="rowheader" className="results-table-index">
                      {found ? format.count(found.index) : ''}
                    </span>
                    {reasons && (
                      <span role="gridcell" className="results-table-reason" title={found?.reason ?? ''}>
                        {found?.reason}
                      </span>
                    )}
                    {names.map((name, c) => (
                      <span key={name} role="gridcell" className={isNumber(columns[name]) ? 'number' : undefined}>
                        {found ? (
                          <Cell value={found.cells[c]} type={columns[name]} />
                        ) : (
                          <span className="results-table-wait" />
                        )}
                      </span>
                    ))}
                  </div>
                );
              })}
            </div>
          </div>
          {message !== null && <p className="runs-failure">{message}</p>}
        </div>
      </div>
      {openRow && (
        <aside className="results-table-open" aria-label={t('table.row', { row: openRow.index })}>
          <header>
            <strong>{t('table.row', { row: openRow.index })}</strong>
            <button
              type="button"
              className="button quiet icon"
              aria-label={t('app.close')}
              onClick={() => setOpened(false)}
            >
              <X size={14} aria-hidden />
            </button>
          </header>
          {openRow.reason !== null && <p className="results-table-open-reason">{openRow.reason}</p>}
          <dl>
            {names.map((name, c) => (
              <div key={name}>
                <dt>
                  {name} <span className="results-table-type">{columns[name]}</span>
                </dt>
                <dd>
                  <Cell value={openRow.cells[c]} type={columns[name]} />
                </dd>
              </div>
            ))}
          </dl>
        </aside>
      )}
    </div>
  );
}

function Cell({ value, type }: { value: CellValue | undefined; type: ColumnType | undefined }) {
  const t = useWords();
  const format = useFormat();
  if (value === null || value === undefined) return <span className="results-table-null">{t('table.null')}</span>;
  if (value === '') return <span className="results-table-null">{t('table.blank')}</span>;
  if (type === 'binary' && typeof value === 'object') {
    const { image, width, height, bytes } = value as unknown as ImageCell;
    const about = t('table.image', { width, height, bytes });
    return <img className="results-table-image" src={image} alt={about} title={about} />;
  }
  return typeof value === 'number' ? format.number(value) : cellText(value);
}

function isNumber(type: ColumnType | undefined): boolean {
  return type === 'integer' || type === 'number';
}

function minimum(type: ColumnType | undefined): string {
  return type === 'text' || type === 'list' || type === 'struct' ? '220px' : '96px';
}

function share(type: ColumnType | undefined): number {
  return type === 'text' || type === 'list' || type === 'struct' ? 4 : 1;
}
