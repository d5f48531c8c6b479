// Moves an inline node into a statement of its own, and back.
import type { TextEdit } from '../diagnostic.ts';
import { tick } from '../literal.ts';
import { CommentToken, NewLine, Pipe, tokenize } from '../tokens.ts';
import { type Expression, referencesTo, type Statement } from '../tree.ts';
import type { UnwrapEdit, WrapEdit } from './edit.ts';
import { locate } from './locate.ts';
import { requireFree } from './names.ts';
import * as s from './source.ts';
import { cutStatement } from './statements.ts';

export function wrap(source: s.Source, { node, name }: WrapEdit): TextEdit[] {
  const { statement, expression, holder } = locate(source, node);
  if (expression.type !== 'call' || !holder) {
    const message = `${tick(node)} is no inline node`;
    throw new s.Refusal('edit-shape', message, expression.span, 'only a call inside of another can become a statement');
  }
  requireFree(source, name, expression.span);
  const top = s.statementTop(source, statement);
  const { comments, text } = standAlone(source, expression);
  // `##` above the new statement would become its documentation
  const gap = comments.length > 0 ? [''] : [];
  const lines = [...comments, ...gap, `${name} = ${text}`, ''].join(source.ending);
  return [
    { start: top, end: top, text: lines },
    { ...expression.span, text: name },
  ];
}

/** The text of an expression from between brackets so that it reads the same without them: there a line may end only
 *  before `|>`. Comments at line ends that go are handed back. */
function standAlone(source: s.Source, expression: Expression): { comments: string[]; text: string } {
  const whole = s.slice(source, expression.span);
  const comments: string[] = [];
  let text = '';
  let depth = 0;
  let at = 0; // what is copied so far
  let end = 0; // of the last token
  let broken = false;
  let held: string[] = [];
  for (const token of tokenize(whole)) {
    if (token.tokenType === NewLine) broken = true;
    else if (token.tokenType === CommentToken) held.push(token.image.trimEnd());
    else {
      if (broken && depth === 0 && token.tokenType !== Pipe) {
        comments.push(...held);
        text += `${whole.slice(at, end)} `;
        at = token.startOffset;
      }
      if (/^[([{]$/.test(token.image)) depth++;
      if (/^[)\]}]$/.test(token.image)) depth--;
      end = token.startOffset + token.image.length;
      broken = false;
      held = [];
    }
  }
  return { comments, text: text + whole.slice(at) };
}

export function unwrap(source: s.Source, { name }: UnwrapEdit): TextEdit[] {
  const statement = s.findStatement(source, name);
  s.requireSound(source, statement);
  if (statement.value.type !== 'call') {
    throw new s.Refusal('edit-shape', `${tick(name)} is no call and cannot be written inline`, statement.span);
  }
  if (statement.type === 'node' && statement.skip) {
    const message = `${tick(name)} is skipped, which a node inside of another cannot be`;
    throw new s.Refusal('edit-shape', message, statement.skip);
  }
  const { user, span } = onlyUse(source, statement);
  s.requireSound(source, user);
  return [cutStatement(source, statement), { ...span, text: s.slice(source, statement.value.span) }];
}

function onlyUse(source: s.Source, statement: Statement) {
  const name = statement.name.text;
  const uses = referencesTo(source.document, name);
  const [use] = uses;
  if (!use || uses.length > 1) {
    const message = `${tick(name)} is used ${uses.length} times: only a node that is used once can be written inline`;
    throw new s.Refusal('edit-shape', message, statement.name.span);
  }
  if (use.reference.output) {
    const message = `an output of ${tick(name)} is used: only a node that is used as a whole can be written inline`;
    throw new s.Refusal('edit-shape', message, use.reference.span);
  }
  if (use.statement === statement) {
    throw new s.Refusal('edit-shape', `${tick(name)} uses itself`, use.reference.span);
  }
  return { user: use.statement, span: use.reference.span };
}
