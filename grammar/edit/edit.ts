// What an editor does to a graph, and the smallest text edits that do it. Everything the edit does not touch stays as it
// is, byte for byte; comments stay unless the statement they belong to is deleted or the value they stand in replaced.
import { applyEdits, type Diagnostic, type TextEdit } from '../diagnostic.ts';
import type { ArgumentValue, Value } from '../print.ts';
import { connect, disconnect, removeParameter, setParameter } from './arguments.ts';
import { unwrap, wrap } from './inline.ts';
import { rename } from './names.ts';
import { Refusal, read, type Source } from './source.ts';
import { skip } from './skip.ts';
import { addNode, addParam, deleteStatement } from './statements.ts';

export type GraphEdit =
  | SetEdit
  | RemoveEdit
  | RenameEdit
  | ConnectEdit
  | DisconnectEdit
  | AddEdit
  | AddParamEdit
  | DeleteEdit
  | SkipEdit
  | WrapEdit
  | UnwrapEdit;

/** Sets a parameter of the node at a path (`trained`, `trained.optimizer`, `trained.0` for the first input without a
 *  name, `trained.losses.1` for an item of a list). `parameter: null` sets the value at the path itself: that of a param. */
export interface SetEdit {
  readonly type: 'set';
  readonly node: string;
  readonly parameter: string | null;
  /** A number set where a percentage stands is written as one. */
  readonly value: Value;
}

export interface RemoveEdit {
  readonly type: 'remove';
  readonly node: string;
  readonly parameter: string;
}

/** Renames a node or param where it is defined and used. */
export interface RenameEdit {
  readonly type: 'rename';
  readonly from: string;
  readonly to: string;
}

/** Feeds a port from `name` or `name.output`. The port is given by its name and, where it can be written without one, its
 *  position among such inputs; `item` is the place in a port that takes a list (past its end: appended). */
export interface ConnectEdit {
  readonly type: 'connect';
  readonly node: string;
  readonly port: string;
  readonly position?: number;
  readonly item?: number;
  readonly source: string;
}

/** Takes what feeds a port away. Where inputs without a name follow, `null` keeps its place. */
export interface DisconnectEdit {
  readonly type: 'disconnect';
  readonly node: string;
  readonly port: string;
  readonly position?: number;
  readonly item?: number;
}

/** Adds a node after the last of its inputs, else before the first statement that uses its name, else at the end. */
export interface AddEdit {
  readonly type: 'add';
  readonly name: string;
  readonly kind: string;
  readonly arguments: readonly ArgumentValue[];
  readonly documentation?: string;
}

/** Adds a param after the last param, else as a node is added. */
export interface AddParamEdit {
  readonly type: 'add-param';
  readonly name: string;
  readonly value: Value;
  readonly documentation?: string;
}

/** Deletes a node or param with its comments. References to it are removed as by `disconnect`, or replaced by `reconnect`
 *  (`name` or `name.output`). */
export interface DeleteEdit {
  readonly type: 'delete';
  readonly name: string;
  readonly reconnect?: string;
}

/** Puts `skip` before a node's statement, or takes it away. */
export interface SkipEdit {
  readonly type: 'skip';
  readonly node: string;
  readonly skip: boolean;
}

/** Moves the inline node at a path into a statement called `name`, before the one it stands in. */
export interface WrapEdit {
  readonly type: 'wrap';
  readonly node: string;
  readonly name: string;
}

/** Moves a node that is used once into the place that uses it. */
export interface UnwrapEdit {
  readonly type: 'unwrap';
  readonly name: string;
}

export type Edited = { readonly edits: readonly TextEdit[] } | { readonly error: Diagnostic };

/** The text edits for a change of the graph, in the order of the text, or why it cannot be made (codes `edit-...`). Works on
 *  a text with syntax errors as long as the statements it changes have none. */
export function edit(text: string, change: GraphEdit): Edited {
  const source = read(text);
  try {
    const edits = [...editsFor(source, change)].sort((a, b) => a.start - b.start || a.end - b.end);
    return checked(source, edits);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message, span, note } = error;
    return { error: { severity: 'error', code, message, span, ...(note ? { notes: [note] } : {}) } };
  }
}

function editsFor(source: Source, change: GraphEdit): TextEdit[] {
  switch (change.type) {
    case 'set':
      return setParameter(source, change);
    case 'remove':
      return removeParameter(source, change);
    case 'rename':
      return rename(source, change);
    case 'connect':
      return connect(source, change);
    case 'disconnect':
      return disconnect(source, change);
    case 'add':
      return addNode(source, change);
    case 'add-param':
      return addParam(source, change);
    case 'delete':
      return deleteStatement(source, change);
    case 'skip':
      return skip(source, change);
    case 'wrap':
      return wrap(source, change);
    case 'unwrap':
      return unwrap(source, change);
  }
}

/** An edit must not bring a syntax error: a value may nest too deeply, or give one name twice. */
function checked(source: Source, edits: TextEdit[]): Edited {
  const after = read(applyEdits(source.text, edits));
  const before = new Set(source.errors.map(({ code, message }) => code + message));
  const fresh = after.errors.find(({ code, message }) => !before.has(code + message));
  if (!fresh || after.errors.length <= source.errors.length) return { edits };
  const span = { start: edits[0]?.start ?? 0, end: edits[0]?.end ?? 0 };
  throw new Refusal('edit-depth', `the change would make the text wrong: ${fresh.message}`, span);
}
