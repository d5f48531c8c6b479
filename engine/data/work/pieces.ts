// One part of a table to counted pieces: reads its texts, cuts them, and leaves each different piece (its bytes) with its count.
import type { DuckDBBlobValue } from '@duckdb/node-api';
import type { PreTokenizer } from '../../nodes/context.ts';
import { identifier } from '../../nodes/sql.ts';
import type { TableArtifact } from '../../nodes/values.ts';
import { replaceFile } from '../atomic.ts';
import { openBinding } from '../binding.ts';
import { type EngineOptions, type Session, session } from '../duckdb.ts';
import type { PartTask } from '../parts.ts';
import { newCounter, patternsOf } from '../pieces.ts';
import type { Work } from '../pool.ts';
import { copy, parquet, ROW } from '../store.ts';

export interface PiecesShared {
  engine: EngineOptions;
  table: TableArtifact;
  column: string;
  preTokenizer: PreTokenizer;
}

/** Rows of a DuckDB chunk, at most. */
const CHUNK = 2048;

const open: Work<PiecesShared, PartTask, void> = ({ engine: own, table, column, preTokenizer }) => {
  const patterns = patternsOf(preTokenizer);
  return ({ start, end, out }, { report, signal }) =>
    replaceFile(out, async (temporary) => {
      const engine = { ...own, signal };
      const counter = newCounter(patterns);
      await session(engine, [table.path], async (s) => {
        const text = identifier(column);
        const rows = parquet(table.path, 'file_row_number = true');
        const result = await s.connection.stream(
          `SELECT ${text} FROM ${rows} WHERE ${ROW} >= ${start} AND ${ROW} < ${end} AND ${text} IS NOT NULL`,
        );
        let done = 0;
        for await (const chunk of result.yieldRowsJs()) {
          for (const [value] of chunk) counter.add(value as string);
          done += chunk.length;
          report(done);
          signal.throwIfAborted();
        }
      });
      await session(engine, [temporary], async (s) => {
        await fill(s, counter.counts);
        await copy(s, 'FROM pieces', temporary);
      });
    });
};

export default open;

async function fill(s: Session, counts: ReadonlyMap<string, number>): Promise<void> {
  const { BIGINT, BLOB, blobValue, DuckDBDataChunk } = await openBinding();
  await s.run('CREATE TABLE pieces (piece BLOB, count BIGINT)');
  const appender = await s.connection.createAppender('pieces');
  const encoder = new TextEncoder();
  let pieces: DuckDBBlobValue[] = [];
  let numbers: bigint[] = [];
  const flush = () => {
    const chunk = DuckDBDataChunk.create([BLOB, BIGINT], pieces.length);
    chunk.setColumnValues(0, pieces);
    chunk.setColumnValues(1, numbers);
    appender.appendDataChunk(chunk);
    pieces = [];
    numbers = [];
  };
  for (const [piece, count] of counts) {
    pieces.push(blobValue(encoder.encode(piece)));
    numbers.push(BigInt(count));
    if (pieces.length === CHUNK) flush();
  }
  if (pieces.length > 0) flush();
  appender.closeSync();
}
