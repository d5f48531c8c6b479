// Everything that is wrong with the graph, in the order of the text; each with its fixes and the way to its place.
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import { type Diagnostic, lineColumn } from '../../grammar/index.ts';
import { apply, diagnosticsOf, select, useDocument } from '../document/document.ts';
import { nodeAt } from '../../engine/language/node-at.ts';
import { reveal } from '../text/view.ts';
import { useWords } from '../words/index.ts';
import { Worded } from '../words/worded.tsx';
import { changeView, useView } from './view.ts';

const icons = { error: CircleAlert, warning: TriangleAlert, info: Info };

export function Problems() {
  const t = useWords();
  const checked = useDocument((state) => state.checked);
  const list = useDocument(diagnosticsOf);
  const text = useDocument((state) => state.text);
  if (!checked) return <p className="empty">{t('app.problems.checking')}</p>;
  if (list.length === 0) {
    return (
      <p className="empty">
        <CircleCheck size={16} aria-hidden className="good" /> {t('app.problems.none')}
      </p>
    );
  }
  const go = ({ span }: Diagnostic) => {
    if (useView.getState().mode === 'canvas') changeView({ mode: 'both' });
    const node = nodeAt(checked, span.start);
    if (node !== null) select([node], 'command');
    reveal(span);
  };
  return (
    <ul className="problems">
      {list.map((diagnostic, i) => {
        const { severity, code, message, span, notes = [], fixes = [] } = diagnostic;
        const Icon = icons[severity];
        const { line, column } = lineColumn(text, span.start);
        return (
          <li key={`${code}-${span.start}-${i}`} className={`problem ${severity}`}>
            <button type="button" className="problem-text" onClick={() => go(diagnostic)}>
              <Icon size={15} aria-label={t(`app.severity.${severity}`)} />
              <span>
                <Worded text={message} />
                {notes.map((note) => (
                  <span key={note} className="problem-note">
                    <Worded text={note} />
                  </span>
                ))}
              </span>
              <span className="problem-place">
                {code} · {line}:{column}
              </span>
            </button>
            {fixes.map(({ title, edits }) => (
              <button
                key={title}
                type="button"
                className="button"
                onClick={() => apply(edits, { label: 'undo.fix', origin: 'command' })}
              >
                {title.replaceAll('`', '')}
              </button>
            ))}
          </li>
        );
      })}
    </ul>
  );
}
