// Graph edits that respect groups: a comment that opens a group is not the first node's own. It stays when that node is deleted
// while others remain, and a node that is put before the first comes below it.
import {
  applyEdits,
  type Diagnostic,
  type Document,
  edit,
  type GraphEdit,
  parse,
  type TextEdit,
} from '../../grammar/index.ts';
import { sections } from './groups.ts';

/** The text after edits that are made one after another, or why one of them cannot be made. */
export function edited(text: string, changes: readonly GraphEdit[]): { text: string } | { error: Diagnostic } {
  let after = text;
  for (const change of changes) {
    const made = edit(after, change);
    if ('error' in made) return made;
    after = applyEdits(after, keepHeadings(after, change, made.edits));
  }
  return { text: after };
}

function keepHeadings(text: string, change: GraphEdit, edits: readonly TextEdit[]): TextEdit[] {
  const { document } = parse(text);
  if (change.type === 'delete') {
    const group = sections({ text, document }).find(({ nodes }) => nodes.includes(change.name));
    if (!group || group.nodes.length < 2) return [...edits];
    return edits.map((each) => {
      const start = each.text === '' ? belowHeadings(text, document, each.start) : each.start;
      return start < each.end ? { ...each, start } : each;
    });
  }
  if (change.type !== 'add' && change.type !== 'wrap') return [...edits];
  return edits.map((each) => {
    if (each.start !== each.end || /^[\r\n]/.test(each.text)) return each;
    const start = belowHeadings(text, document, each.start);
    return { ...each, start, end: start };
  });
}

/** The start of the first line from `at` on that is no comment of a group. */
function belowHeadings(text: string, { comments }: Document, at: number): number {
  let line = at;
  for (const { span, ownLine, documentation } of comments) {
    if (span.start < line) continue;
    if (
      !ownLine ||
      documentation ||
      text.slice(line, span.start).trim() !== '' ||
      /[\r\n]/.test(text.slice(line, span.start))
    ) {
      return line;
    }
    const rest = text.slice(span.end);
    const end = /\r\n|\r|\n/.exec(rest);
    line = end ? span.end + end.index + end[0].length : text.length;
  }
  return line;
}
