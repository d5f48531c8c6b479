// Adds and deletes statements.
import { firstAtOrAfter } from '../comments.ts';
import type { TextEdit } from '../diagnostic.ts';
import { layLines } from '../lines.ts';
import { tick } from '../literal.ts';
import type { Value } from '../print.ts';
import { tokenize } from '../tokens.ts';
import { referencesTo, type Statement } from '../tree.ts';
import { textWidth } from '../width.ts';
import { LANGUAGE_VERSION } from '../words.ts';
import type { AddEdit, AddParamEdit, DeleteEdit } from './edit.ts';
import { requireFree } from './names.ts';
import { equalsColumn } from './skip.ts';
import { prune } from './prune.ts';
import { printed } from './rewrite.ts';
import * as s from './source.ts';

const NOWHERE = { span: { start: 0, end: 0 } };

export function addNode(source: s.Source, edit: AddEdit): TextEdit[] {
  requireFree(source, edit.name);
  const value: Value = { call: edit.kind, arguments: edit.arguments };
  const text = printed(value, NOWHERE);
  const names = new Set(referencesIn(value));
  const inputs = source.document.statements.filter(({ name }) => names.has(name.text));
  return place(
    source,
    { type: 'node', name: edit.name, value: text, documentation: edit.documentation },
    inputs.at(-1),
  );
}

export function addParam(source: s.Source, edit: AddParamEdit): TextEdit[] {
  requireFree(source, edit.name);
  const text = printed(edit.value, NOWHERE);
  const params = source.document.statements.filter(({ type }) => type === 'param');
  return place(
    source,
    { type: 'param', name: edit.name, value: text, documentation: edit.documentation },
    params.at(-1),
  );
}

interface NewStatement {
  readonly type: Statement['type'];
  readonly name: string;
  readonly value: string;
  readonly documentation: string | undefined;
}

/** After the statement it needs, else before the first one that uses it, else after the last. */
function place(source: s.Source, statement: NewStatement, after: Statement | undefined): TextEdit[] {
  const { document, text, ending } = source;
  const user = after ? undefined : referencesTo(source.document, statement.name)[0]?.statement;
  if (user) {
    const top = s.statementTop(source, user);
    return [{ start: top, end: top, text: layNew(source, statement, null) + ending }];
  }
  const above = after ?? document.statements.at(-1);
  if (above) {
    const end = s.lineEnd(text, above.span.end);
    return [{ start: end, end, text: ending + layNew(source, statement, above) }];
  }
  const lines = layNew(source, statement, null);
  if (document.version) {
    const end = s.lineEnd(text, document.version.span.end);
    return [{ start: end, end, text: ending + ending + lines }];
  }
  const start = text.startsWith('\ufeff') ? 1 : 0;
  const opening = `dsk ${LANGUAGE_VERSION}${ending}${ending}${lines}${ending}`;
  return [{ start, end: start, text: start === text.length ? opening : opening + ending }];
}

/** The lines of a new statement, its `=` under the one of the statement above where that is on one line. */
function layNew(source: s.Source, statement: NewStatement, above: Statement | null): string {
  const { text, ending } = source;
  const { type, name, value, documentation } = statement;
  let head = `${type === 'param' ? 'param ' : ''}${name}`;
  if (above && above.type === type && !/[\r\n]/.test(text.slice(above.span.start, above.span.end))) {
    const column = equalsColumn(source, above);
    head = head.padEnd(head.length + Math.max(0, column - 1 - textWidth(head)));
  }
  const pieces = tokenize(value).map(({ image, tokenType }) => ({
    image,
    type: tokenType,
    gap: { breaks: 0, comments: [] },
  }));
  const lines =
    documentation === undefined ? [] : documentation.split(/\r\n|\n|\r/).map((line) => `## ${line}`.trimEnd());
  return [...lines, ...layLines(`${head} = `, pieces)].join(ending);
}

function* referencesIn(value: Value): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  if ('reference' in value) yield value.reference.split('.')[0] as string;
  else if ('call' in value) for (const argument of value.arguments ?? []) yield* referencesIn(argument.value);
  else if (!('percent' in value)) for (const item of value) yield* referencesIn(item);
}

/** Deletes a statement with its own comments; what refers to it loses the reference or gets another one. */
export function deleteStatement(source: s.Source, { name, reconnect }: DeleteEdit): TextEdit[] {
  const statement = s.findStatement(source, name);
  const users = new Map<Statement, Set<unknown>>();
  for (const { statement: user, reference } of referencesTo(source.document, name)) {
    if (user === statement) continue;
    users.set(user, (users.get(user) ?? new Set()).add(reference));
  }
  if (reconnect?.split('.')[0] === name) {
    throw new s.Refusal('edit-name', `${tick(name)} cannot be replaced by itself`, statement.name.span);
  }
  const edits: TextEdit[] = [cutLines(source, statement)];
  for (const [user, references] of users) {
    s.requireSound(source, user);
    if (reconnect === undefined) edits.push(...prune(source, user, (part) => references.has(part)));
    else {
      const text = printed({ reference: reconnect }, statement);
      for (const { reference } of referencesTo(source.document, name)) {
        if (references.has(reference)) edits.push({ ...reference.span, text });
      }
    }
  }
  return edits;
}

function cutLines(source: s.Source, statement: Statement): TextEdit {
  const { text } = source;
  const start = s.statementTop(source, statement);
  const lineEnd = s.lineEnd(text, statement.span.end);
  const end = s.afterBreak(text, lineEnd);
  if (end > lineEnd || start === 0) return { start, end, text: '' };
  // the last line has no line ending: the one before it goes instead
  const before = text.endsWith('\r\n', start) && text.slice(0, start).endsWith('\r\n') ? start - 2 : start - 1;
  return { start: s.isBreak(text[start - 1]) ? before : start, end, text: '' };
}

/** Cuts a statement that moves elsewhere. Its comments stay, with an empty line behind them, so that they do not become
 *  those of the statement below. */
export function cutStatement(source: s.Source, statement: Statement): TextEdit {
  const { text, document, ending } = source;
  const lineEnd = s.lineEnd(text, statement.span.end);
  const start = s.lineStart(text, statement.span.start);
  const below = s.afterBreak(text, lineEnd);
  const comment = document.comments[firstAtOrAfter(document.comments, statement.span.end)];
  if (comment && comment.span.start < lineEnd) {
    const open = s.isBreak(text[s.skipSpaces(text, below)]) || below === text.length;
    const rest = text.slice(comment.span.start, lineEnd);
    return { start, end: lineEnd, text: open ? rest : rest + ending };
  }
  const block = s.statementTop(source, statement) < start;
  if (block) return { start, end: lineEnd, text: '' };
  return { start, end: below, text: '' };
}
