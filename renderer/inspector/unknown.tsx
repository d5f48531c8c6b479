// A node whose kind does not exist here, or whose statement cannot be read: its text, and what it may have meant.
import { CircleHelp } from 'lucide-react';
import type { Checked } from '../../engine/graph/graph.ts';
import { closest, type Diagnostic, type Statement } from '../../grammar/index.ts';
import { apply } from '../document/document.ts';
import { kinds } from '../kinds.ts';
import { reveal } from '../text/view.ts';
import { useWords } from '../words/index.ts';
import { Code } from './code.tsx';
import { NameField } from './name.tsx';
import { Problems } from './problems.tsx';
import { Section } from './section.tsx';

interface Props {
  statement: Statement;
  checked: Checked;
  diagnostics: readonly Diagnostic[];
}

export function UnknownPanel({ statement, checked, diagnostics }: Props) {
  const t = useWords();
  const { value, span, name } = statement;
  const kind = value.type === 'call' ? value.kind : null;
  const known = kind !== null && kinds.get(kind.text) !== undefined;
  const near =
    kind && !known
      ? closest(
          kind.text,
          kinds.list.map((each) => each.kind),
        )
      : null;
  const inside = diagnostics.filter(
    (each) => each.span.start >= span.start && each.span.end <= span.end && each.code !== 'kind-unknown',
  );
  return (
    <>
      <header className="inspector-head">
        <div className="inspector-head-row">
          <NameField key={name.text} name={name.text} checked={checked} select />
        </div>
        <p className="inspector-kind">
          <CircleHelp size={13} aria-hidden />
          <code>{kind?.text ?? ''}</code>
        </p>
        <p className="inspector-documentation">
          {t(known || !kind ? 'inspector.unread' : 'inspector.kind.unknown', { kind: kind?.text ?? '' })}
        </p>
        {kind && near && (
          <button
            type="button"
            className="button inspector-fix"
            onClick={() =>
              apply([{ ...kind.span, text: near }], { origin: 'inspector', label: 'undo.fix', select: [name.text] })
            }
          >
            {t('inspector.kind.use', { kind: near })}
          </button>
        )}
        <Problems list={inside} />
      </header>
      <Section name="text" title={t('inspector.statement')}>
        <Code text={checked.text.slice(span.start, span.end)} />
        <button type="button" className="button" onClick={() => reveal(span)}>
          {t('inspector.show')}
        </button>
      </Section>
    </>
  );
}
