// Renames a node or param: where it is defined and wherever it is used, in inline nodes too.
import type { TextEdit } from '../diagnostic.ts';
import { tick } from '../literal.ts';
import { referencesTo } from '../tree.ts';
import { isName, isReserved } from '../words.ts';
import type { RenameEdit } from './edit.ts';
import { findStatement, Refusal, type Source } from './source.ts';

export function rename(source: Source, { from, to }: RenameEdit): TextEdit[] {
  const statement = findStatement(source, from);
  if (from === to) return [];
  requireFree(source, to, statement.name.span);
  const places = [
    statement.name.span,
    ...referencesTo(source.document, from).map(({ reference }) => reference.name.span),
  ];
  return places.map((span) => ({ ...span, text: to }));
}

/** Refuses a name that cannot be given to a new or renamed statement. */
export function requireFree(source: Source, name: string, at = { start: 0, end: 0 }): void {
  if (isReserved(name))
    throw new Refusal('edit-name', `${tick(name)} is a word of the language and cannot be a name`, at);
  if (!isName(name)) {
    throw new Refusal('edit-name', `${tick(name)} is no name: it has letters, digits and \`_\`, no digit first`, at);
  }
  const taken = source.document.statements.find((statement) => statement.name.text === name);
  if (taken) throw new Refusal('edit-name', `${tick(name)} is already the name of another statement`, taken.name.span);
  // `dsk` opens the version line
  if (name === 'dsk') throw new Refusal('edit-name', '`dsk` names the language and would be confusing as a name', at);
}
