// Where a name is defined, and everywhere it stands.
import type { Span } from '../../grammar/diagnostic.ts';
import { referencesTo } from '../../grammar/tree.ts';
import type { Checked } from '../graph/graph.ts';
import { placeAt } from './find.ts';

/** The name of a node or param at an offset, where it is defined or used, with the place of the name alone. */
export function nameAt(checked: Checked, offset: number): { name: string; span: Span } | null {
  const place = placeAt(checked, offset);
  if (place?.type === 'definition') return { name: place.statement.name.text, span: place.span };
  return place?.type === 'reference' ? { name: place.reference.name.text, span: place.span } : null;
}

/** Where the name under the cursor is defined; behind a dot, that of the node before it. */
export function definition(checked: Checked, offset: number): Span | null {
  const place = placeAt(checked, offset);
  const name = place?.type === 'output' ? place.reference.name.text : nameAt(checked, offset)?.name;
  return checked.document.statements.find((statement) => statement.name.text === name)?.name.span ?? null;
}

/** All places of the name under the cursor, its definitions among them, in the order of the text. */
export function references(checked: Checked, offset: number): Span[] {
  const name = nameAt(checked, offset)?.name;
  if (name === undefined) return [];
  const { document } = checked;
  const defined = document.statements.filter((statement) => statement.name.text === name);
  const used = referencesTo(document, name).map(({ reference }) => reference.name.span);
  return [...defined.map((statement) => statement.name.span), ...used].sort((a, b) => a.start - b.start);
}
