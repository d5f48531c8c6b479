// A node that takes no step of its own: what is known of it without running anything, from the checked graph.
import type { Architecture, Part, PortType, Specs } from '../../engine/nodes/values.ts';
import { shown } from '../../engine/graph/words.ts';
import { useDocument } from '../document/document.ts';
import { useFormat } from '../runs/format.ts';
import { useRuns } from '../runs/state.ts';
import { StatusSign } from '../runs/status.tsx';
import { useWords } from '../words/index.ts';
import { PartsView } from './model.tsx';

export function DefinitionView({ node }: { node: string }) {
  const t = useWords();
  const format = useFormat();
  const found = useDocument((state) => state.good?.graph.byPath.get(node) ?? null);
  // The host has seen the files (a pretrained model's config.json), the page has not.
  const host = useDocument((state) => state.host?.outputs[node] ?? null);
  const parameters = useRuns((state) => state.plan?.definitions.find((each) => each.node === node)?.parameters ?? null);
  const outputs = host ?? found?.outputs ?? null;
  const architecture = architectureOf(outputs);
  const part = partOf(outputs) ?? (found ? { kind: found.kind.kind, params: found.params } : null);
  if (!found) return <div className="runs-empty">{t('results.unknown')}</div>;
  return (
    <section className="results" aria-label={t('results.of', { node })}>
      <header className="results-head">
        <strong className="results-node">{node}</strong>
        <span className="runs-quiet">{found.kind.kind}</span>
        <StatusSign state="definition" />
        {parameters !== null && <span>{t('definition.adds', { count: format.compact(parameters) })}</span>}
        <span className="results-made">{t('definition.hint')}</span>
      </header>
      <div className="results-tab">
        {architecture ? (
          <PartsView architecture={architecture} />
        ) : part ? (
          <dl className="results-definition">
            {Object.entries(part.params).map(([name, value]) => (
              <div key={name}>
                <dt>
                  <code>{name}</code>
                  <span className="runs-quiet">{found.kind.params[name]?.description}</span>
                </dt>
                <dd>
                  <code>{shown(value)}</code> {found.kind.params[name]?.unit}
                </dd>
              </div>
            ))}
          </dl>
        ) : (
          <div className="runs-empty">{t('definition.wait')}</div>
        )}
      </div>
    </section>
  );
}

type Outputs = { readonly [output: string]: Specs[PortType] } | null;

function architectureOf(outputs: Outputs): Architecture | null {
  for (const spec of Object.values(outputs ?? {})) if ('architecture' in spec) return spec.architecture;
  return null;
}

function partOf(outputs: Outputs): Part | null {
  for (const spec of Object.values(outputs ?? {})) if ('kind' in spec) return spec;
  return null;
}
