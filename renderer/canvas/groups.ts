// Groups from comments: an own-line `# comment` between statements opens a group, which holds all nodes up to the next one.
import type { Checked } from '../../engine/graph/graph.ts';
import { headings, titleOf } from '../../engine/language/index.ts';
import type { Comment, Document, Span, TextEdit } from '../../grammar/index.ts';

export interface Section {
  /** Stable while the text around it is edited: its place among the groups. */
  readonly id: string;
  /** The first line without marks and decoration. */
  readonly title: string;
  /** Further lines of the comment. */
  readonly note: string;
  /** Where the title stands in the text. */
  readonly span: Span;
  /** Names of its nodes. */
  readonly nodes: readonly string[];
}

/** The groups of a text that have nodes, in its order. */
export function sections({ document, text }: Pick<Checked, 'document' | 'text'>): Section[] {
  const heads = headings({ document, text });
  const found: Section[] = [];
  for (const [i, [first, ...rest]] of heads.entries()) {
    const end = heads[i + 1]?.[0].span.start ?? Number.POSITIVE_INFINITY;
    const nodes = document.statements
      .filter(({ type, value, span }) => {
        return type === 'node' && value.type === 'call' && span.start > first.span.start && span.start < end;
      })
      .map(({ name }) => name.text);
    if (nodes.length === 0) continue;
    const { title, span } = titleOf(first);
    const note = rest.map((line) => titleOf(line).title).join('\n');
    found.push({ id: `#${i}`, title, note, span, nodes: [...new Set(nodes)] });
  }
  return found;
}

/** Gives a group another title. */
export function retitle({ span }: Section, title: string): TextEdit[] {
  return [{ ...span, text: title.replace(/\s+/g, ' ').trim() }];
}

/**
 * Moves statements to the end of the text, under a comment of their own: there nothing follows that would fall into the group.
 * Documentation moves with its statement.
 */
export function gather(
  { document, text }: Pick<Checked, 'document' | 'text'>,
  names: readonly string[],
  title: string,
) {
  const wanted = new Set(names);
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const edits: TextEdit[] = [];
  const lines: string[] = [];
  for (const statement of document.statements) {
    if (statement.type !== 'node' || !wanted.has(statement.name.text)) continue;
    const { start, end } = linesOf(text, document, statement.span);
    lines.push(text.slice(start, end).replace(/[\r\n]+$/, ''));
    edits.push({ start, end, text: '' });
  }
  if (lines.length === 0) return [];
  const gone = edits.reduce((sum, { start, end }) => sum + end - start, 0);
  const last = edits[edits.length - 1] as TextEdit;
  const before = text.length - gone > 0 && !/[\r\n]$/.test(last.end === text.length ? text.slice(0, last.start) : text);
  const opening = `${before ? ending : ''}${ending}# ${title}${ending}`;
  return [...edits, { start: text.length, end: text.length, text: opening + lines.join(ending) + ending }];
}

/** A statement's whole lines with the `##` lines directly above. */
export function linesOf(text: string, { comments }: Document, span: Span): Span {
  let start = lineStart(text, span.start);
  for (let i = comments.length - 1; i >= 0; i--) {
    const comment = comments[i] as Comment;
    if (comment.span.start >= start) continue;
    const between = text.slice(comment.span.end, start);
    if (!comment.ownLine || !comment.documentation || !/^[ \t]*(\r\n|\n|\r)$/.test(between)) break;
    start = lineStart(text, comment.span.start);
  }
  const rest = /[\r\n]/.exec(text.slice(span.end));
  const end = rest ? span.end + rest.index + (text.startsWith('\r\n', span.end + rest.index) ? 2 : 1) : text.length;
  return { start, end };
}

function lineStart(text: string, offset: number): number {
  let at = offset;
  while (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') at--;
  return at;
}
