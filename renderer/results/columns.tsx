// What the columns of a table hold: counts, range, a histogram and the most frequent values of each.
import { useState } from 'react';
import type { ColumnStatistics } from '../../engine/host/contract.ts';
import { useFormat } from '../runs/format.ts';
import { type Key, useWords } from '../words/index.ts';
import { SomeColumns } from './some-columns.tsx';
import { useAnswer } from './use-answer.ts';

export function ColumnsView(props: { path: string; contentKey: string; output: string; total: number }) {
  const { path, contentKey, output, total } = props;
  const t = useWords();
  const [from, setFrom] = useState(0);
  const { value, message, loading } = useAnswer('table.statistics', { path, key: contentKey, output, from });
  return (
    <>
      <SomeColumns from={from} total={total} go={setFrom} />
      {value ? (
        <div className="results-columns">
          {value.map((column) => (
            <Column key={column.name} column={column} />
          ))}
        </div>
      ) : (
        <div className="runs-empty">{loading ? t('columns.wait') : message}</div>
      )}
    </>
  );
}

function Column({ column }: { column: ColumnStatistics }) {
  const t = useWords();
  const format = useFormat();
  const { name, type, rows, missing, distinct, min, max, mean, histogram, top } = column;
  const text = (value: string | number) => (typeof value === 'number' ? format.number(value) : value);
  const facts = [
    [
      t('columns.missing'),
      missing === 0 ? '0' : `${format.count(missing)} (${format.percent(missing / Math.max(1, rows))})`,
    ],
    [t('columns.distinct'), `~${format.count(distinct)}`],
    ...(min === null ? [] : [[t(typeof min === 'string' ? 'columns.first' : 'columns.min'), text(min)]]),
    ...(max === null ? [] : [[t(typeof max === 'string' ? 'columns.last' : 'columns.max'), text(max)]]),
    ...(mean === null ? [] : [[t('columns.mean'), format.number(mean)]]),
  ];
  const most = Math.max(1, ...top.map((each) => each.rows));
  return (
    <div className="results-column" role="group" aria-label={name}>
      <header>
        <strong>{name}</strong> <span className="results-table-type">{type}</span>
      </header>
      <dl className="results-column-facts">
        {facts.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd title={value}>{value}</dd>
          </div>
        ))}
      </dl>
      {histogram && <Histogram histogram={histogram} />}
      {top.length > 0 && (
        <table className="results-column-top">
          <caption>{t('columns.top')}</caption>
          <tbody>
            {top.slice(0, 6).map((each) => (
              <tr key={each.value}>
                <td title={each.value}>{each.value === '' ? t('table.blank') : each.value}</td>
                <td className="results-column-top-bar" aria-hidden>
                  <span style={{ width: `${(100 * each.rows) / most}%` }} />
                </td>
                <td className="number">{format.count(each.rows)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}

type HistogramOf = NonNullable<ColumnStatistics['histogram']>;

const measured: Record<HistogramOf['of'], Key> = {
  values: 'columns.values',
  times: 'columns.times',
  lengths: 'columns.lengths',
  elements: 'columns.elements',
  bytes: 'columns.bytes',
};

function Histogram({ histogram }: { histogram: HistogramOf }) {
  const t = useWords();
  const format = useFormat();
  const { from, to, counts, of } = histogram;
  const most = Math.max(1, ...counts);
  const width = (to - from) / Math.max(1, counts.length);
  const text = (value: number) => (of === 'times' ? moment(value, to - from) : format.number(value));
  return (
    <figure className="results-column-histogram">
      <div className="results-column-bars">
        {counts.map((count, i) => (
          <span
            key={i}
            className="results-column-bar"
            title={t('columns.bin', { from: text(from + i * width), to: text(from + (i + 1) * width), count })}
          >
            <span style={{ height: count === 0 ? 0 : `max(2px, ${(100 * count) / most}%)` }} />
          </span>
        ))}
      </div>
      <figcaption>
        <span>{text(from)}</span>
        <span>{t(measured[of])}</span>
        <span>{text(to)}</span>
      </figcaption>
    </figure>
  );
}

/** A time in UTC, as exactly as the range it lies in asks for. */
function moment(milliseconds: number, range: number): string {
  const iso = new Date(milliseconds).toISOString().replace('T', ' ');
  return range > 3 * 86_400_000 ? iso.slice(0, -14) : iso.slice(0, -5);
}
