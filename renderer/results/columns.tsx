// What the columns of a table hold: counts, range, a histogram and the most frequent values of each.
import type { ColumnStatistics } from '../../engine/host/contract.ts';
import { useFormat } from '../runs/format.ts';
import { useWords } from '../words/index.ts';
import { useAnswer } from './use-answer.ts';

export function ColumnsView({ path, contentKey, output }: { path: string; contentKey: string; output: string }) {
  const t = useWords();
  const { value, message, loading } = useAnswer('table.statistics', { path, key: contentKey, output });
  if (loading) return <div className="runs-empty">{t('columns.wait')}</div>;
  if (!value) return <div className="runs-empty">{message}</div>;
  return (
    <div className="results-columns">
      {value.map((column) => (
        <Column key={column.name} column={column} />
      ))}
    </div>
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

function Histogram({ histogram }: { histogram: NonNullable<ColumnStatistics['histogram']> }) {
  const t = useWords();
  const format = useFormat();
  const { from, to, counts, of } = histogram;
  const most = Math.max(1, ...counts);
  const width = (to - from) / Math.max(1, counts.length);
  return (
    <figure className="results-column-histogram">
      <div className="results-column-bars">
        {counts.map((count, i) => (
          <span
            key={i}
            className="results-column-bar"
            title={t('columns.bin', {
              from: format.number(from + i * width),
              to: format.number(from + (i + 1) * width),
              count,
            })}
          >
            <span style={{ height: count === 0 ? 0 : `max(2px, ${(100 * count) / most}%)` }} />
          </span>
        ))}
      </div>
      <figcaption>
        <span>{format.number(from)}</span>
        <span>{t(of === 'lengths' ? 'columns.lengths' : 'columns.values')}</span>
        <span>{format.number(to)}</span>
      </figcaption>
    </figure>
  );
}
