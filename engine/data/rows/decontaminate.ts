// Why a text is not wanted beside an evaluation: the first run of words that both have.
import { InputError } from '../../nodes/kind.ts';
import { identifier, literal } from '../../nodes/sql.ts';
import { type Evaluation, openEvaluation } from '../contamination.ts';
import { session } from '../duckdb.ts';
import { defineRows } from './rows.ts';

interface Params {
  column: string;
  /** Parquet file with the evaluation's rows, and its columns with text, which are read as one. */
  evaluation: string;
  columns: string[];
  n: number;
  shortest: number;
  /** Parquet file with the numbers of the runs that do not count, as its column `run`; null: all count. */
  common: string | null;
}

/** Characters of the text that a reason quotes, at most. */
const QUOTED = 120;

/** Makes `reason`, `evaluation_row`, counted from 0, and `runs`: the numbers of all runs that are shared, null for none. */
export default defineRows<Params>({
  async open(params) {
    const evaluation = await read(params);
    const common = params.common === null ? null : await readRuns(params.common);
    return (batch) => {
      const texts = batch[params.column] as (string | null)[];
      const shared = texts.map((text) => (text === null ? null : evaluation.find(text, common ?? undefined)));
      const reasons = shared.map((found, i) => {
        if (found === null) return null;
        const quoted = (texts[i] as string).slice(found.start, found.end).replace(/\s+/g, ' ');
        const quote = quoted.length > QUOTED ? `${quoted.slice(0, QUOTED)}...` : quoted;
        return `decontaminate: ${found.words} words as in row ${found.row} of the evaluation: "${quote}"`;
      });
      const runs = shared.map((found, i) => found && evaluation.runs(texts[i] as string));
      return { columns: { reason: reasons, evaluation_row: shared.map((found) => found && found.row), runs } };
    };
  },
});

async function read({ evaluation: path, columns, n, shortest }: Params): Promise<Evaluation> {
  const evaluation = openEvaluation(n, shortest);
  const text = columns.map((column) => `coalesce(${identifier(column)}, '')`).join(` || ' ' || `);
  await session({ threads: 1, memory: 400e6, temp: null }, [path], async (s) => {
    const result = await s.connection.stream(`SELECT ${text} FROM read_parquet(${literal(path)})`);
    let row = 0;
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      for (const value of chunk.getColumnValues(0)) evaluation.add(String(value), row++);
    }
  });
  if (evaluation.size === 0) {
    throw new InputError({
      code: 'data-few',
      message: `no row of the evaluation has ${Math.min(n, shortest)} words`,
      at: 'evaluation',
      note: 'choose smaller numbers for `n` and `shortest`, or another `evaluation_columns`',
    });
  }
  return evaluation;
}

async function readRuns(path: string): Promise<Set<number>> {
  const runs = new Set<number>();
  await session({ threads: 1, memory: 400e6, temp: null }, [path], async (s) => {
    const result = await s.connection.stream(`SELECT run FROM read_parquet(${literal(path)})`);
    for await (const rows of result.yieldRowsJs()) for (const [run] of rows) runs.add(Number(run));
  });
  return runs;
}
