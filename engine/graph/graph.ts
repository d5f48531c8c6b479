// The typed graph: what a text means once names, ports and parameters are resolved. Plain data with the place of every part,
// so that the plan, the editor and the language service read the same thing.
import type { Diagnostic, Span } from '../../grammar/diagnostic.ts';
import type { Document } from '../../grammar/tree.ts';
import type { Kind } from '../nodes/kind.ts';
import type { PortType, Specs } from '../nodes/values.ts';

export interface Graph {
  /** In dependency order: a node stands after all nodes it reads, and otherwise where the text has it. */
  readonly nodes: readonly Node[];
  readonly byPath: ReadonlyMap<string, Node>;
  readonly params: readonly GraphParam[];
}

export interface Node {
  /** A statement's name, or for an inline node where it stands: `trained.optimizer`, `x.attention`. */
  readonly path: string;
  /** What an inline node is written inside of; null for a statement's node. */
  readonly owner: { readonly node: string; readonly port: string } | null;
  readonly kind: Kind;
  /** Kept in the text and not run, or written inside of such a node: what reads it gets what it reads (see skip.ts). */
  readonly skipped: boolean;
  /** Checked values with the defaults filled in; what has neither is absent. */
  readonly params: Record<string, unknown>;
  /** Names of the arguments that the text gives, inputs and parameters. */
  readonly given: ReadonlySet<string>;
  readonly inputs: { readonly [port: string]: Input };
  /** Null where an error, here or further up, makes them unknowable. Of a skipped node: what it passes on. */
  outputs: { readonly [output: string]: Specs[PortType] } | null;
  readonly documentation: string | null;
  readonly spans: NodeSpans;
}

export interface Input {
  readonly node: string;
  readonly output: string;
  /** Of the reference or the inline call. */
  readonly span: Span;
  /** What the text names, where that is skipped and `node` is what it passes on. */
  readonly via?: { readonly node: string; readonly output: string };
}

export interface NodeSpans {
  /** The statement, or the call of an inline node. */
  readonly node: Span;
  /** The word before a skipped statement's name. */
  readonly skip: Span | null;
  /** The call's kind. */
  readonly kind: Span;
  readonly parentheses: Span;
  readonly arguments: { readonly [name: string]: { readonly whole: Span; readonly value: Span } };
}

export interface GraphParam {
  readonly name: string;
  readonly value: unknown;
  /** Given by the caller (`--set`) instead of the text. */
  readonly set: boolean;
  readonly documentation: string | null;
  /** Of the name. */
  readonly span: Span;
}

/** A text and everything that is known about it. */
export interface Checked {
  readonly text: string;
  readonly document: Document;
  readonly graph: Graph;
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

export function hasErrors(checked: Pick<Checked, 'diagnostics'>): boolean {
  return checked.diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}
