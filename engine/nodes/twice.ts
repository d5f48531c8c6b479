// Texts that are learned and measured on as well, found among the rows themselves: what the graph alone does not show, such as the same
// file loaded twice.
import type { RunContext } from './context.ts';
import { identifier } from './sql.ts';

/**
 * Warns where texts of one table are, exactly, among those of another. Texts are told apart by a hash of 64 bits, so that memory
 * holds eight bytes for each. Tables without the column, such as windows of tokens, are not looked at.
 */
export async function warnOfTwice(
  context: Pick<RunContext<unknown>, 'artifact' | 'tables' | 'warn' | 'parts' | 'progress' | 'signal'>,
  learned: string,
  measured: string,
  column: string,
): Promise<void> {
  const [a, b] = [context.artifact(learned, 'table'), context.artifact(measured, 'table')];
  if (a.columns[column] !== 'text' || b.columns[column] !== 'text') return;
  const text = identifier(column);
  const [found] = await context.tables.values(
    {
      tables: { a, b },
      sql: `SELECT count(*) AS twice, arg_min(${text}, dsk_row) AS example FROM b WHERE length(trim(${text})) > 0
        AND hash(${text}) IN (SELECT hash(${text}) FROM a WHERE ${text} IS NOT NULL)`,
    },
    context,
  );
  const twice = Number(found?.twice ?? 0);
  if (twice === 0) return;
  const example = String(found?.example).replaceAll(/\s+/g, ' ');
  const shown = example.length > 60 ? `${example.slice(0, 59)}…` : example;
  context.warn(
    `${twice} of ${b.rows} texts of \`${measured}\` are among those that are learned, such as "${shown}": the loss on them looks better than it is. dedup before the split takes them out`,
  );
}
