// Several nodes: what they are, and the parameters they share, changed in all of them as one step.
import type { Checked, Node } from '../../engine/graph/graph.ts';
import type { Diagnostic } from '../../grammar/index.ts';
import { select } from '../document/document.ts';
import { useWords } from '../words/index.ts';
import { fieldsOf } from './fields.ts';
import { modelOf } from './model.ts';
import { HelpToggle } from './node.tsx';
import { FieldRow } from './row.tsx';
import { Section } from './section.tsx';

interface Props {
  nodes: readonly Node[];
  checked: Checked;
  diagnostics: readonly Diagnostic[];
}

export function SeveralPanel({ nodes, checked, diagnostics }: Props) {
  const t = useWords();
  const kinds = new Set(nodes.map(({ kind }) => kind));
  const [kind] = kinds;
  const fields = kind && kinds.size === 1 ? [...fieldsOf(kind).common, ...fieldsOf(kind).advanced] : [];
  const paths = nodes.map(({ path }) => path);
  return (
    <>
      <header className="inspector-head">
        <h2 className="inspector-title">{t('inspector.several', { count: nodes.length })}</h2>
        <ul className="inspector-nodes">
          {nodes.map((node) => (
            <li key={node.path}>
              <button type="button" className="inspector-chip" onClick={() => select([node.path], 'inspector')}>
                <span
                  className="inspector-stage"
                  style={{ background: `var(--stage-${node.kind.stage})` }}
                  aria-hidden
                />
                <span className="inspector-chip-text">{node.path}</span>
              </button>
            </li>
          ))}
        </ul>
      </header>
      {fields.length > 0 ? (
        <Section name="parameters" title={t('inspector.shared', { kind: kind?.kind ?? '' })} aside={<HelpToggle />}>
          {fields.map((field) => (
            <FieldRow key={field.name} field={modelOf(field, checked, paths, diagnostics)} checked={checked} />
          ))}
        </Section>
      ) : (
        <p className="inspector-quiet inspector-block">{t('inspector.shared.none')}</p>
      )}
    </>
  );
}
