// Headings: an own-line `# comment` between statements opens a section, which holds the statements up to the next one.
import type { Span } from '../../grammar/diagnostic.ts';
import type { Comment } from '../../grammar/tree.ts';
import type { Checked } from '../graph/graph.ts';

/** Blocks of own-line comments outside of statements, each opening a section; documentation and mere decoration are left out. */
export function headings({ document, text }: Pick<Checked, 'document' | 'text'>): [Comment, ...Comment[]][] {
  const { comments, statements } = document;
  const blocks: [Comment, ...Comment[]][] = [];
  let last: Comment | null = null;
  let at = 0;
  for (const comment of comments) {
    while (at < statements.length && (statements[at] as { span: Span }).span.end < comment.span.start) at++;
    const inside = at < statements.length && (statements[at] as { span: Span }).span.start < comment.span.start;
    if (!comment.ownLine || comment.documentation || inside || titleOf(comment).title === '') continue;
    const between: string = last ? text.slice(last.span.end, comment.span.start) : '';
    const follows = last !== null && /^[ \t]*(\r\n|\n|\r)[ \t]*$/.test(between);
    if (follows) blocks[blocks.length - 1]?.push(comment);
    else blocks.push([comment]);
    last = comment;
  }
  return blocks;
}

/** What a heading says, with its place: `# --- data ---` is called "data". */
export function titleOf({ text, span }: Comment): { title: string; span: Span } {
  const [, before = '', title = ''] = /^(#[#=\-*~\s]*)(.*?)[#=\-*~\s]*$/u.exec(text) ?? [];
  const start = span.start + before.length;
  return { title, span: { start, end: start + title.length } };
}
