// Puts the word `skip` before a statement and takes it away. The spaces before `=` give way and come back, so that it stays in
// its column where there is room.
import type { TextEdit } from '../diagnostic.ts';
import { WIDEST_NAME } from '../format.ts';
import { tick } from '../literal.ts';
import type { NodeStatement, Statement } from '../tree.ts';
import { textWidth } from '../width.ts';
import type { SkipEdit } from './edit.ts';
import * as s from './source.ts';

const WORD = 'skip ';

export function skip(source: s.Source, { node, skip: wanted }: SkipEdit): TextEdit[] {
  const [name = '', inner] = node.split('.');
  const statement = s.findStatement(source, name);
  if (inner !== undefined) {
    const message = `${tick(node)} is written inside of another node and cannot be skipped by itself`;
    throw new s.Refusal('edit-shape', message, statement.span, 'give it a statement of its own first');
  }
  if (statement.type === 'param') {
    throw new s.Refusal('edit-shape', `${tick(name)} is a param: only a node can be skipped`, statement.name.span);
  }
  s.requireSound(source, statement);
  if (wanted === (statement.skip !== null)) return [];
  return wanted ? putWord(source, statement) : takeWord(source, statement);
}

function putWord({ text }: s.Source, { span, name }: NodeStatement): TextEdit[] {
  const word = { start: span.start, end: span.start, text: WORD };
  const end = afterSpaces(text, name.span.end);
  const spare = Math.min(WORD.length, end - name.span.end - 1);
  return spare > 0 ? [word, { start: end - spare, end, text: '' }] : [word];
}

function takeWord(source: s.Source, statement: NodeStatement): TextEdit[] {
  const { text } = source;
  const { span, name } = statement;
  const end = afterSpaces(text, name.span.end);
  const column = columnBeside(source, statement);
  const now = textWidth(text.slice(name.span.start, end));
  const missing = Math.min(WORD.length, column - now);
  const word = { start: span.start, end: name.span.start, text: '' };
  return missing > 0 ? [word, { start: end, end, text: ' '.repeat(missing) }] : [word];
}

/** Where the nearest node that is not skipped, above or else below, has its `=`; 0 where there is none. Long names are not
 *  aligned with. */
function columnBeside(source: s.Source, statement: NodeStatement): number {
  const nodes = source.document.statements.filter(({ type }) => type === 'node');
  const at = nodes.indexOf(statement);
  const beside = [...nodes.slice(0, at).reverse(), ...nodes.slice(at + 1)].find((other) => {
    return !isSkipped(other) && textWidth(other.name.text) <= WIDEST_NAME;
  });
  return beside ? equalsColumn(source, beside) : 0;
}

const isSkipped = (statement: Statement) => statement.type === 'node' && statement.skip !== null;

/** Columns between a statement's beginning and its `=`; of a skipped one, as they would be without the word. */
export function equalsColumn(source: s.Source, statement: Statement): number {
  const { text } = source;
  if (statement.type === 'node' && statement.skip) return columnBeside(source, statement);
  return textWidth(text.slice(statement.span.start, text.indexOf('=', statement.name.span.end)));
}

/** Where the spaces from an offset on end; tabs, which have a width of their own, are none. */
function afterSpaces(text: string, start: number): number {
  let end = start;
  while (text[end] === ' ') end++;
  return end;
}
