// The call one is writing, and which of its arguments.
import type { Checked } from '../graph/graph.ts';
import type { Kinds } from '../graph/registry.ts';
import { framesAt, slotAt } from './calls.ts';
import { cursorAt } from './cursor.ts';
import { argumentsOf, kindMarkdown, paramMarkdown, portMarkdown, resultOf } from './markdown.ts';

export interface Signature {
  readonly kind: string;
  /** `filter(table: table, where: expression) -> table` */
  readonly label: string;
  /** Where each argument stands in the label. */
  readonly arguments: readonly { readonly name: string; readonly start: number; readonly end: number }[];
  /** Index of the argument that the cursor is in; null where it is in none of them. */
  readonly active: number | null;
  /** Markdown: of the active argument, else of the kind. */
  readonly documentation: string;
}

/** The innermost call of a known kind around the cursor. */
export function signature(checked: Checked, kinds: Kinds, offset: number): Signature | null {
  const cursor = cursorAt(checked, offset);
  if (cursor.inside === 'comment') return null;
  const frames = framesAt(cursor);
  const at = frames.findLastIndex(({ kind }) => kind !== null);
  const kind = kinds.get(frames[at]?.kind?.image ?? '');
  if (!kind) return null;
  let label = `${kind.kind}(`;
  const parts = argumentsOf(kind).map((argument, i) => {
    if (i > 0) label += ', ';
    const start = label.length;
    label += argument.label;
    return { name: argument.name, start, end: label.length };
  });
  label += `) -> ${resultOf(kind)}`;
  const slot = slotAt(frames, cursor.before, checked, kinds);
  const active = slot ? parts.findIndex(({ name }) => name === slot.name) : -1;
  const documentation = !slot
    ? kindMarkdown(kind)
    : slot.type === 'port'
      ? portMarkdown(kind, slot.name)
      : paramMarkdown(kind, slot.name);
  return { kind: kind.kind, label, arguments: parts, active: active < 0 ? null : active, documentation };
}
