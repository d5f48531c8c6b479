// Training a tokenizer on a column of a table: its pieces are counted in worker threads, the counts of the parts are added up in
// DuckDB, which spills what does not fit, and the different pieces, a fraction of the text, are merged in memory.
import type { TrainOptions, Watch } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import type { TableArtifact } from '../nodes/values.ts';
import { trainBpe, type Vocabulary, Words } from './bpe.ts';
import { type EngineOptions, session } from './duckdb.ts';
import { workerEngine } from './map.ts';
import { openParts, openTasks, rangesOf } from './parts.ts';
import { inWorkers } from './pool.ts';
import { parquet, requireColumn } from './store.ts';
import type { PiecesShared } from './work/pieces.ts';

/** Bytes of different pieces, at most: their places are uint32, and memory would be short long before. */
const MOST_BYTES = 2 ** 31;

/** Throws InputError where the text has more different pieces than can be held. */
export async function trainOn(
  engine: EngineOptions,
  table: TableArtifact,
  { column, preTokenizer, size, special, minFrequency }: TrainOptions,
  { parts: kept, progress, signal }: Watch,
): Promise<Vocabulary> {
  requireColumn(table, column, 'column');
  const ranges = await rangesOf(engine, table, [column]);
  const parts = await openParts(kept, 'pieces', { column, preTokenizer }, 'parquet');
  const { tasks, tell } = openTasks(table, ranges, parts, { progress }, 'counting words');
  const shared: PiecesShared = { engine: workerEngine(engine), table, column, preTokenizer };
  await inWorkers('pieces', shared, tasks, { threads: engine.threads, signal, progress: tell });

  const words = await addUp({ ...engine, signal }, ranges.map(parts.path));
  return trainBpe(words, { size, special, minFrequency }, async (entries) => {
    progress({ done: entries, total: size, unit: 'entries' });
    await new Promise<void>((resolve) => setImmediate(resolve)); // an interrupt is heard
    signal.throwIfAborted();
  });
}

/** The different pieces of all parts. */
async function addUp(engine: EngineOptions, files: string[]): Promise<Words> {
  const words = new Words();
  await session(engine, files, async (s) => {
    const result = await s.connection.stream(
      `SELECT piece, sum(count)::DOUBLE FROM ${parquet(files)} WHERE octet_length(piece) > 1 GROUP BY piece`,
    );
    for await (const chunk of result) {
      const pieces = chunk.getColumnValues(0);
      const counts = chunk.getColumnValues(1);
      for (const [i, piece] of pieces.entries()) words.add((piece as { bytes: Uint8Array }).bytes, counts[i] as number);
      if ((words.starts[words.count] as number) > MOST_BYTES) throw tooMany(words.count);
    }
  });
  return words;
}

function tooMany(count: number): InputError {
  return new InputError({
    code: 'tokenizer-pieces',
    message: `the text has more than ${count} different words, which is more than fit into memory at once`,
    at: 'table',
    note: 'train on a part of the rows: `sample` takes some, and the vocabulary hardly changes',
  });
}
