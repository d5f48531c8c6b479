// A model: its shapes and where its parameters are; a trained one can be talked to.
import { ChevronRight } from 'lucide-react';
import { Tabs } from 'radix-ui';
import { useMemo, useState } from 'react';
import type { Architecture } from '../../engine/nodes/values.ts';
import { shown } from '../../engine/graph/words.ts';
import { kinds } from '../kinds.ts';
import { useFormat } from '../runs/format.ts';
import { useWords } from '../words/index.ts';
import { type ModelPart, partsOf } from './parts.ts';
import { PromptBox } from './prompt.tsx';
import type { ViewProps } from './views.tsx';

export function ModelView({ path, contentKey, output, artifact }: ViewProps<'model'>) {
  const t = useWords();
  return (
    <Tabs.Root className="results-tabs" defaultValue={artifact.tokenizer ? 'prompt' : 'parts'}>
      <div className="results-bar">
        <Tabs.List className="segments" aria-label={t('model.views')}>
          {artifact.tokenizer && (
            <Tabs.Trigger className="segment" value="prompt">
              {t('model.talk')}
            </Tabs.Trigger>
          )}
          <Tabs.Trigger className="segment" value="parts">
            {t('model.parts')}
          </Tabs.Trigger>
        </Tabs.List>
        {!artifact.tokenizer && <span className="runs-quiet">{t('model.mute')}</span>}
      </div>
      {artifact.tokenizer && (
        <Tabs.Content className="results-tab" value="prompt">
          <PromptBox path={path} contentKey={contentKey} output={output} />
        </Tabs.Content>
      )}
      <Tabs.Content className="results-tab" value="parts">
        <PartsView architecture={artifact.architecture} />
      </Tabs.Content>
    </Tabs.Root>
  );
}

const tones = {
  embedding: 'var(--stage-data)',
  attention: 'var(--port-attention)',
  ffn: 'var(--accent)',
  norms: 'var(--ink-3)',
  head: 'var(--stage-train)',
};

/** Shapes and parameters by part. */
export function PartsView({ architecture }: { architecture: Architecture }) {
  const t = useWords();
  const format = useFormat();
  const { parts, layers, total, active } = useMemo(() => partsOf(kinds, architecture), [architecture]);
  const facts = [
    [t('model.parameters'), format.compact(total), format.count(total)],
    [
      t('model.active'),
      format.compact(active),
      t('model.active.share', { share: format.percent(active / Math.max(1, total)) }),
    ],
    [t('model.layers'), format.count(layers), ''],
    [t('model.dim'), format.count(architecture.dim), ''],
    [t('model.vocab'), format.count(architecture.vocab), ''],
    ...(architecture.context === undefined
      ? []
      : [[t('model.context'), format.count(architecture.context), t('model.tokens')]]),
    [t('model.weights'), format.bytes(4 * total), 'float32'],
  ];
  return (
    <div className="results-model">
      <dl className="results-report-tiles">
        {facts.map(([title, value, note]) => (
          <div key={title} className="results-report-tile">
            <dt>{title}</dt>
            <dd>{value}</dd>
            {note !== '' && <dd className="results-report-note">{note}</dd>}
          </div>
        ))}
      </dl>
      <div className="results-model-whole" aria-hidden>
        {parts.map((part, i) => (
          <span
            key={i}
            style={{ flexGrow: part.total, background: tones[part.role] }}
            title={`${t(`model.role.${part.role}`)} ${format.compact(part.total)}`}
          />
        ))}
      </div>
      <table className="runs-table results-model-table">
        <thead>
          <tr>
            <th scope="col">{t('model.part')}</th>
            <th scope="col">{t('model.where')}</th>
            <th scope="col" className="number">
              {t('model.each')}
            </th>
            <th scope="col" className="number">
              {t('model.total')}
            </th>
            <th scope="col">{t('model.share')}</th>
            <th scope="col" className="number">
              {t('model.active')}
            </th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part, i) => (
            <PartRows key={i} part={part} all={total} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PartRows({ part, all }: { part: ModelPart; all: number }) {
  const t = useWords();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const { role, layers, each, total, active, weights } = part;
  const shapes = shapesOf(weights);
  return (
    <>
      <tr className="runs-row" onClick={() => setOpen(!open)}>
        <td>
          <button
            type="button"
            className="runs-link results-model-open"
            aria-expanded={open}
            onClick={(event) => {
              event.stopPropagation();
              setOpen(!open);
            }}
          >
            <ChevronRight
              size={13}
              className={open ? 'results-model-chevron open' : 'results-model-chevron'}
              aria-hidden
            />
            <span className="results-port" style={{ background: tones[role] }} aria-hidden />
            {t(`model.role.${role}`)}
            {part.part && <span className="runs-quiet">{part.part.kind}</span>}
          </button>
        </td>
        <td>
          {layers === null
            ? ''
            : layers[0] === layers[1]
              ? t('model.layer', { layer: layers[0] })
              : t('model.layers.range', { first: layers[0], last: layers[1], count: layers[1] - layers[0] + 1 })}
        </td>
        <td className="number">{format.count(each)}</td>
        <td className="number">{format.count(total)}</td>
        <td>
          <span className="results-model-share">
            <span className="results-model-share-bar">
              <span style={{ width: `${(100 * total) / Math.max(1, all)}%`, background: tones[role] }} />
            </span>
            {format.percent(total / Math.max(1, all))}
          </span>
        </td>
        <td className="number">{format.count(active)}</td>
      </tr>
      {open && (
        <tr className="results-model-detail">
          <td colSpan={6}>
            {part.part && (
              <p className="results-model-params">
                {Object.entries(part.part.params).map(([name, value]) => (
                  <span key={name}>
                    {name}: <code>{shown(value)}</code>
                  </span>
                ))}
              </p>
            )}
            <table className="results-model-weights">
              <tbody>
                {shapes.map(({ name, shape, parameters, count }) => (
                  <tr key={name}>
                    <td>
                      <code>{name}</code>
                      {count > 1 && <span className="runs-quiet"> × {format.count(count)}</span>}
                    </td>
                    <td className="number">
                      <code>[{shape.map((extent) => format.count(extent)).join(', ')}]</code>
                    </td>
                    <td className="number">{format.count(parameters * count)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </td>
        </tr>
      )}
    </>
  );
}

/** Weights of the same shape in all experts as one line: "experts.*.gate_proj.weight × 64". */
function shapesOf(weights: ModelPart['weights']) {
  const lines = new Map<string, { name: string; shape: readonly number[]; parameters: number; count: number }>();
  for (const { name, shape, parameters } of weights) {
    const common = name.replace(/\.\d+\./g, '.*.');
    const known = lines.get(common);
    if (known) known.count++;
    else lines.set(common, { name: common, shape, parameters, count: 1 });
  }
  return [...lines.values()];
}
