// What the form writes: the smallest edits that put a value into a node, spelled as it was typed. Places are those of GraphEdits
// (`trained.optimizer` and `lr`), so that they hold while the text is being changed.
import {
  applyEdits,
  type Diagnostic,
  edit,
  type Expression,
  type GraphEdit,
  parse,
  partAt,
  print,
  referencesTo,
  type TextEdit,
  type Value,
  valueOf,
} from '../../grammar/index.ts';
import { difference } from '../document/document.ts';

/** Edits, or why they cannot be made. */
export type Written = { readonly edits: readonly TextEdit[] } | { readonly error: Diagnostic };

/** An argument as GraphEdits call it. */
export interface Place {
  readonly node: string;
  readonly parameter: string;
}

/** Gives a node an argument by source text, which must be a value of the language. */
export function writeArgument(text: string, { node, parameter }: Place, source: string): Written {
  const value = valueIn(source);
  if (!value) return refused(`\`${source}\` is not one value`);
  const result = edit(text, { type: 'set', node, parameter, value: value.value });
  if ('error' in result) return result;
  const old = expressionAt(text, `${node}.${parameter}`);
  if (old) return { edits: spelled(text, old, source, result.edits) };
  const printed = `${parameter}: ${print(value.value)}`;
  const typed = `${parameter}: ${source}`;
  return { edits: result.edits.map((each) => ({ ...each, text: each.text.replace(printed, () => typed) })) };
}

/** Gives a param a value by source text. */
export function writeParam(text: string, param: string, source: string): Written {
  const value = valueIn(source);
  if (!value) return refused(`\`${source}\` is not one value`);
  const result = edit(text, { type: 'set', node: param, parameter: null, value: value.value });
  if ('error' in result) return result;
  const old = expressionAt(text, param);
  return { edits: old ? spelled(text, old, source, result.edits) : result.edits };
}

/** A literal that takes the place of another is written as it was typed; in a list, what stays keeps its spelling. */
function spelled(text: string, old: Expression, source: string, edits: readonly TextEdit[]): readonly TextEdit[] {
  const { start, end } = old.span;
  if (text.slice(start, end) === source) return [];
  return old.type === 'list' && source.startsWith('[') ? edits : [{ start, end, text: source }];
}

/** Takes an argument away, so that the default holds. */
export function removeArgument(text: string, { node, parameter }: Place): Written {
  return edit(text, { type: 'remove', node, parameter });
}

/** Makes a param of a value, and feeds the argument from it. */
export function makeParam(text: string, { node, parameter }: Place, param: string, source: string): Written {
  const value = valueIn(source);
  if (!value) return refused(`\`${source}\` is not one value`);
  const made = inTurn(text, [
    { type: 'set', node, parameter, value: { reference: param } },
    { type: 'add-param', name: param, value: value.value },
  ]);
  if ('error' in made) return made;
  const after = applyEdits(text, made.edits);
  const typed = writeParam(after, param, source);
  return 'error' in typed ? typed : { edits: difference(text, applyEdits(after, typed.edits)) };
}

/** Deletes a param after writing its value where it was used. */
export function dissolveParam(text: string, param: string): Written {
  const { document } = parse(text);
  const statement = document.statements.find(({ name, type }) => type === 'param' && name.text === param);
  if (!statement) return refused(`there is no param \`${param}\``);
  const source = text.slice(statement.value.span.start, statement.value.span.end);
  const replaced = applyEdits(
    text,
    referencesTo(document, param).map(({ reference }) => ({ ...reference.span, text: source })),
  );
  const gone = edit(replaced, { type: 'delete', name: param });
  return 'error' in gone ? gone : { edits: difference(text, applyEdits(replaced, gone.edits)) };
}

/** Edits of several nodes as one list; the first that cannot be made stands for all. */
export function together(all: readonly Written[]): Written {
  const failed = all.find((each) => 'error' in each);
  if (failed) return failed;
  return { edits: all.flatMap((each) => ('edits' in each ? each.edits : [])).sort((a, b) => a.start - b.start) };
}

function inTurn(text: string, steps: readonly GraphEdit[]): Written {
  let after = text;
  for (const step of steps) {
    const result = edit(after, step);
    if ('error' in result) return result;
    after = applyEdits(after, result.edits);
  }
  return { edits: difference(text, after) };
}

function valueIn(source: string): { value: Value } | null {
  const { document, diagnostics } = parse(`dsk 1\nparam x = ${source}`);
  const [only] = document.statements;
  const several = document.statements.length > 1 || document.comments.length > 0;
  const wrong = diagnostics.some(({ severity }) => severity === 'error');
  return only && !several && !wrong ? valueOf(only.value) : null;
}

/** The expression at a path, or null where there is none. */
function expressionAt(text: string, path: string): Expression | null {
  const { document } = parse(text);
  const [name, ...steps] = path.split('.');
  let at: Expression | undefined = document.statements.find((statement) => statement.name.text === name)?.value;
  for (const step of steps) at = at && partAt(at, step);
  return at ?? null;
}

function refused(message: string): Written {
  return { error: { severity: 'error', code: 'edit-value', message, span: { start: 0, end: 0 } } };
}
