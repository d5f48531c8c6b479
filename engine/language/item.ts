// A completion: what is offered, and what it writes.
import type { Span } from '../../grammar/diagnostic.ts';

export type ItemKind =
  | 'kind'
  | 'node'
  | 'output'
  | 'param'
  | 'parameter'
  | 'port'
  | 'value'
  | 'column'
  | 'keyword'
  | 'name';

export interface Item {
  readonly label: string;
  readonly kind: ItemKind;
  /** Shown behind the label, short. */
  readonly detail: string;
  /** Markdown; empty where there is nothing to say. */
  readonly documentation: string;
  readonly insert: string;
  /** Parts of `insert` that the user is expected to fill in, in order: the first is selected. */
  readonly places: readonly Span[];
  /** Whether a completion is worth offering again behind it. */
  readonly again: boolean;
  /** Items are shown by this text, then by label. */
  readonly sort: string;
}

export interface Completion {
  /** What the items replace. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly Item[];
}

/** What an item writes, put together from pieces; those in `{ place }` are to be filled in. */
export type Piecewise = readonly (string | { readonly place: string })[];

export function item(
  kind: ItemKind,
  label: string,
  rank: number,
  more: {
    detail?: string;
    documentation?: string;
    insert?: Piecewise;
    again?: boolean;
    sort?: string;
  } = {},
): Item {
  const pieces = more.insert ?? [label];
  const places: Span[] = [];
  let insert = '';
  for (const piece of pieces) {
    const text = typeof piece === 'string' ? piece : piece.place;
    if (typeof piece !== 'string') places.push({ start: insert.length, end: insert.length + text.length });
    insert += text;
  }
  return {
    label,
    kind,
    detail: more.detail ?? '',
    documentation: more.documentation ?? '',
    insert,
    places,
    again: more.again ?? false,
    sort: `${rank}${more.sort ?? ''}`,
  };
}

/** A number as a text that sorts like it. */
export const ordinal = (index: number) => String(index).padStart(5, '0');
