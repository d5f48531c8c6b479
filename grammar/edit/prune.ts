// Takes expressions out of a statement: named arguments and list items vanish, a place among inputs without names is kept
// open by `null`, because the inputs behind it would otherwise move to another port.
import type { Span, TextEdit } from '../diagnostic.ts';
import type { Argument, Call, Expression, ListLiteral, Statement } from '../tree.ts';
import { cutEdits, cutEntries, sequenceOf } from './sequence.ts';
import { commentsIn, type Source } from './source.ts';

interface Pruning {
  readonly cuts: Span[];
  /** Expressions that become `null`. */
  readonly nulls: Span[];
  readonly inserts: TextEdit[];
}

/** Edits after which none of the expressions for which `isGone` holds are left in the statement. A list that loses its
 *  last item goes with it. */
export function prune(source: Source, statement: Statement, isGone: (expression: Expression) => boolean): TextEdit[] {
  const pruning: Pruning = { cuts: [], nulls: [], inserts: [] };
  if (visit(source, statement.value, isGone, pruning)) pruning.nulls.push(statement.value.span);
  const nulls = pruning.nulls.map((span) => ({ ...span, text: 'null' }));
  return [...cutEdits(source.text, pruning.cuts), ...nulls, ...pruning.inserts];
}

/** Whether the expression itself is gone; what goes inside of it is noted. */
function visit(source: Source, part: Expression, isGone: (part: Expression) => boolean, into: Pruning): boolean {
  if (isGone(part)) return true;
  if (part.type === 'call') visitCall(source, part, isGone, into);
  return part.type === 'list' && visitList(source, part, isGone, into);
}

function visitList(source: Source, list: ListLiteral, isGone: (part: Expression) => boolean, into: Pruning): boolean {
  const inner: Pruning = { cuts: [], nulls: [], inserts: [] };
  const gone = new Set(list.items.flatMap((item, i) => (visit(source, item, isGone, inner) ? [i] : [])));
  if (gone.size > 0 && gone.size === list.items.length) return true;
  into.cuts.push(...inner.cuts, ...(gone.size > 0 ? cutEntries(source, sequenceOf(list), gone) : []));
  into.nulls.push(...inner.nulls);
  into.inserts.push(...inner.inserts);
  return false;
}

function visitCall(source: Source, call: Call, isGone: (part: Expression) => boolean, into: Pruning): void {
  const gone = new Set(call.arguments.filter(({ value }) => visit(source, value, isGone, into)));
  if (gone.size === 0) return;
  const entries = call.arguments.filter(({ piped }) => !piped);
  const cut = new Set<number>();
  for (const argument of gone) {
    if (!argument.name && holdsPlace(call, argument, gone)) into.nulls.push(argument.value.span);
    else if (!argument.piped) cut.add(entries.indexOf(argument));
    else {
      into.cuts.push({ start: argument.span.start, end: call.kind.span.start });
      into.inserts.push(...commentsInside(source, argument, call));
    }
  }
  if (cut.size > 0) into.cuts.push(...cutEntries(source, sequenceOf(call), cut));
}

/** Whether an input without a name that stays comes behind this one. */
function holdsPlace(call: Call, argument: Argument, gone: ReadonlySet<Argument>): boolean {
  const behind = call.arguments.slice(call.arguments.indexOf(argument) + 1);
  return behind.some((other) => !other.name && !gone.has(other));
}

/** Moves comments between a piped input and its call behind the opening parenthesis, where lines may end. */
function commentsInside(source: Source, piped: Argument, call: Call): TextEdit[] {
  const at = call.parentheses.start + 1;
  const gap = { start: piped.span.end, end: call.kind.span.start };
  return commentsIn(source, gap).map(({ text }) => ({ start: at, end: at, text: ` ${text}${source.ending}` }));
}
