// How often each label stands in a column, and what is said of labels that a model does not know.
import type { RunContext } from '../context.ts';
import { InputError } from '../kind.ts';
import { identifier } from '../sql.ts';
import { columnList } from '../table.ts';

/**
 * Rows of each label, in the order of the labels. Throws InputError naming the first row whose label is none of them, or missing.
 */
export async function labelCounts(
  context: RunContext<unknown>,
  port: string,
  column: string,
  labels: readonly string[],
): Promise<number[]> {
  const found = await context.tables.values(
    {
      tables: { rows: context.artifact(port, 'table') },
      sql: `SELECT CAST(${identifier(column)} AS VARCHAR) AS label, count(*) AS count, min(dsk_row) AS first
        FROM rows GROUP BY label ORDER BY first LIMIT ${labels.length + 20}`,
    },
    context,
  );
  const counts = labels.map(() => 0);
  for (const { label, count, first } of found) {
    const row = Number(first) + 1;
    if (label === null)
      throw new InputError({
        code: 'data-missing',
        at: port,
        message: `${Number(count)} ${Number(count) === 1 ? 'row' : 'rows'} of \`${port}\` ${Number(count) === 1 ? 'has' : 'have'} no label in \`${column}\`, row ${row} first`,
        note: `leave such rows out: filter(TABLE, where: "${column} IS NOT NULL")`,
      });
    const place = labels.indexOf(String(label));
    if (place < 0)
      throw new InputError({
        code: 'label-wrong',
        at: port,
        message: `row ${row} of \`${port}\` has the label "${String(label)}", which the model does not know`,
        note: `its class_head has the labels ${columnList(labels)}; add it there, or filter such rows out`,
      });
    counts[place] = Number(count);
  }
  return counts;
}
