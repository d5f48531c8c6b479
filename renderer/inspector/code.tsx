// A piece of a graph's text in its colours, to be copied.
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { highlight } from '../../engine/language/index.ts';
import { useWords } from '../words/index.ts';

export function Code({ text }: { text: string }) {
  const t = useWords();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className="inspector-code">
      <pre>
        <Painted text={narrow(text)} />
      </pre>
      <button
        type="button"
        className="button quiet icon inspector-copy"
        aria-label={t(copied ? 'inspector.copied' : 'inspector.copy')}
        title={t('inspector.copy')}
        onClick={() => void copy()}
      >
        {copied ? <Check size={14} /> : <Copy size={14} />}
      </button>
    </div>
  );
}

/** A statement whose further lines stand two columns in, however far they were aligned: for a narrow place. */
export function narrow(text: string): string {
  const [first = '', ...lines] = text.split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const common = Math.min(...indents);
  return common > 2
    ? [first, ...lines.map((line) => (line.trim() === '' ? line : `  ${line.slice(common)}`))].join('\n')
    : text;
}

/** Text with each piece in its colour. */
export function Painted({ text }: { text: string }) {
  const parts = [];
  let done = 0;
  for (const { start, end, type } of highlight(text)) {
    if (start > done) parts.push(<span key={done}>{text.slice(done, start)}</span>);
    parts.push(
      <span key={start} className={`text-${type}`}>
        {text.slice(start, end)}
      </span>,
    );
    done = end;
  }
  return [...parts, <span key="rest">{text.slice(done)}</span>];
}
