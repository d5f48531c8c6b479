// One part of a table to a shard of tokens: reads its rows, lets the document function make their tokens.
import type { TokenWork } from '../../nodes/context.ts';
import { identifier } from '../../nodes/sql.ts';
import type { TableArtifact } from '../../nodes/values.ts';
import { replaceFile } from '../atomic.ts';
import { openBinding } from '../binding.ts';
import type { DocumentFile } from '../documents/documents.ts';
import { type EngineOptions, session } from '../duckdb.ts';
import type { PartTask } from '../parts.ts';
import type { Work } from '../pool.ts';
import { newShard, widthFor } from '../shards.ts';
import { parquet, ROW } from '../store.ts';
import { openTokenizer } from '../tokenizer.ts';

export interface TokensShared {
  engine: EngineOptions;
  table: TableArtifact;
  work: TokenWork;
}

const open: Work<TokensShared, PartTask, void> = async ({ engine, table, work }) => {
  const tokenizer = await openTokenizer(work.tokenizer);
  const file = (await import(/* @vite-ignore */ new URL(`../documents/${work.name}.ts`, import.meta.url).href)) as {
    default: DocumentFile<unknown>;
  };
  const make = await file.default.open(work.params, tokenizer);
  const { JSDuckDBValueConverter } = await openBinding();
  const columns = work.columns.map(identifier).join(', ');
  return ({ start, end, out }, { report, signal }) =>
    replaceFile(out, async (temporary) => {
      const shard = newShard(temporary, widthFor(tokenizer.size), work.masked);
      try {
        await session({ ...engine, signal }, [table.path], async (s) => {
          const rows = parquet(table.path, 'file_row_number = true');
          const result = await s.connection.stream(
            `SELECT ${columns} FROM ${rows} WHERE ${ROW} >= ${start} AND ${ROW} < ${end}`,
          );
          let row = start;
          for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
            const values = chunk.convertRows(JSDuckDBValueConverter);
            for (const each of values) shard.add(make(each, row++));
            report(row - start);
            signal.throwIfAborted();
          }
        });
      } catch (error) {
        shard.drop();
        throw error;
      }
      shard.end();
    });
};

export default open;
