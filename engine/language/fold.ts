// What can be folded: statements and comment blocks of several lines, and sections.
import type { Span } from '../../grammar/diagnostic.ts';
import type { Checked } from '../graph/graph.ts';
import { symbols } from './symbols.ts';

export interface Fold extends Span {
  readonly type: 'section' | 'statement' | 'comment';
}

/** Folds in the order of the text, each from the end of its first line. */
export function folds(checked: Checked): Fold[] {
  const { document, text } = checked;
  const found: Fold[] = [];
  const add = (type: Fold['type'], { start, end }: Span) => {
    const first = lineEnd(text, start);
    if (first < end) found.push({ type, start: first, end });
  };
  for (const { type, span } of symbols(checked)) if (type === 'section') add('section', span);
  for (const { span } of document.statements) add('statement', span);
  let block: { start: number; end: number } | null = null;
  for (const { ownLine, span } of document.comments) {
    const joined = block && /^[ \t]*(?:\r\n|\n|\r)[ \t]*$/.test(text.slice(block.end, span.start));
    if (block && joined && ownLine) block.end = span.end;
    else {
      if (block) add('comment', block);
      block = ownLine ? { ...span } : null;
    }
  }
  if (block) add('comment', block);
  return found.sort((a, b) => a.start - b.start || b.end - a.end);
}

function lineEnd(text: string, offset: number): number {
  let at = offset;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}
