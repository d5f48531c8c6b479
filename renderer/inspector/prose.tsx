// Texts of the kinds: paragraphs, and `code` between backticks.
import type { Kind } from '../../engine/nodes/kind.ts';
import { useLanguage, useWords } from '../words/index.ts';
import { kindDoc, kindOpening } from '../words/kinds.ts';
import { Worded } from '../words/worded.tsx';
import { useSections } from './section.tsx';

export function Prose({ text }: { text: string }) {
  return paragraphs(text).map((paragraph) => (
    <p key={paragraph}>
      <Worded text={paragraph} />
    </p>
  ));
}

/** The first sentence; the rest when it is asked for. */
export function Documentation({ kind }: { kind: Kind }) {
  const t = useWords();
  const language = useLanguage((state) => state.language);
  const open = useSections((state) => state.documentation === true);
  const first = kindOpening(kind, language);
  const text = kindDoc(kind, language);
  const whole = paragraphs(text);
  const more = whole.length > 1 || whole[0] !== first;
  return (
    <div className="inspector-documentation">
      {open ? <Prose text={text} /> : <Prose text={first} />}
      {more && (
        <button
          type="button"
          className="inspector-link"
          aria-expanded={open}
          onClick={() => useSections.setState({ documentation: !open })}
        >
          {t(open ? 'inspector.less' : 'inspector.morewords')}
        </button>
      )}
    </div>
  );
}

function paragraphs(text: string): string[] {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.trim().replace(/\s*\n\s*/g, ' '))
    .filter((paragraph) => paragraph !== '');
}
