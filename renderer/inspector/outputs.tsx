// What a node gives, as far as that is known before it runs.
import { decoderWeights } from '../../engine/nodes/decoder.ts';
import type { Node } from '../../engine/graph/graph.ts';
import type { Architecture, PortType, Specs, TableSpec } from '../../engine/nodes/values.ts';
import { useDocument } from '../document/document.ts';
import { kinds } from '../kinds.ts';
import { useWords } from '../words/index.ts';
import { mostColumns, specOf } from './columns.ts';
import { Dot } from './inputs.tsx';

export function Outputs({ node }: { node: Node }) {
  const host = useDocument((state) => state.host);
  const checked = useDocument((state) => state.checked);
  return Object.entries(node.kind.outputs).map(([name, type]) => (
    <div key={name} className="inspector-output">
      <div className="inspector-output-head">
        <Dot type={type} />
        <span className="inspector-name">{name}</span>
        <span className="inspector-quiet">{type}</span>
      </div>
      <Spec type={type} spec={specOf({ host, checked }, node.path, name)} />
    </div>
  ));
}

function Spec({ type, spec }: { type: PortType; spec: Specs[PortType] | null }) {
  const t = useWords();
  if (!spec) return <p className="inspector-quiet">{t('inspector.unknown')}</p>;
  switch (type) {
    case 'table':
      return <Table spec={spec as TableSpec} />;
    case 'tokenizer': {
      const { size } = spec as Specs['tokenizer'];
      return (
        <p className="inspector-fact">
          {size === null ? t('inspector.unknown') : t('inspector.entries', { count: size })}
        </p>
      );
    }
    case 'hidden':
    case 'model':
      return <Model architecture={(spec as Specs['hidden']).architecture} />;
    case 'report':
      return <p className="inspector-fact">{(spec as Specs['report']).fields.join(', ')}</p>;
    case 'file':
      return (
        <p className="inspector-fact">
          <code>{(spec as Specs['file']).path}</code>
        </p>
      );
    default:
      return <p className="inspector-fact">{(spec as Specs['ffn']).kind}</p>;
  }
}

function Table({ spec: { columns, rows, rowsEstimate } }: { spec: TableSpec }) {
  const t = useWords();
  const more = Object.keys(columns ?? {}).length - mostColumns;
  const known = rows ?? (rowsEstimate === undefined ? null : Math.round(rowsEstimate));
  return (
    <>
      {known !== null && (
        <p className="inspector-fact">
          {rows === null && '≈ '}
          {t('inspector.rows', { count: known })}
        </p>
      )}
      {columns === null ? (
        <p className="inspector-quiet">{t('inspector.columns.unknown')}</p>
      ) : (
        <ul className="inspector-columns" aria-label={t('inspector.columns')}>
          {Object.entries(columns)
            .slice(0, mostColumns)
            .map(([column, type]) => (
              <li key={column}>
                <code>{column}</code>
                <span className="inspector-quiet">{type}</span>
              </li>
            ))}
          {more > 0 && <li className="inspector-quiet">{t('inspector.columns.more', { count: more })}</li>}
        </ul>
      )}
    </>
  );
}

function Model({ architecture }: { architecture: Architecture }) {
  const t = useWords();
  const { vocab, dim, blocks, context } = architecture;
  const layers = blocks.reduce((sum, { repeat }) => sum + repeat, 0);
  const parameters = decoderWeights(kinds, architecture)
    .filter(({ trained }) => trained)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return (
    <dl className="inspector-facts">
      <Fact name={t('inspector.parameters')} value={t('inspector.number', { count: parameters })} />
      <Fact name={t('inspector.layers')} value={t('inspector.number', { count: layers })} />
      <Fact name={t('inspector.width')} value={t('inspector.number', { count: dim })} />
      <Fact name={t('inspector.vocabulary')} value={t('inspector.number', { count: vocab })} />
      {context !== undefined && (
        <Fact name={t('inspector.context')} value={t('inspector.number', { count: context })} />
      )}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
