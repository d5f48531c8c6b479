// Which of many numbers occur more than once, in a bit for each number there may be: what rows repeat others is mostly few, and a
// table of all rows' hashes would take the memory that this does not.

import { BLOCK } from '../nodes/bits.ts';
import type { Query, Watch } from '../nodes/context.ts';
import { literal } from '../nodes/sql.ts';
import type { TableArtifact } from '../nodes/values.ts';
import { replaceFile } from './atomic.ts';
import { describe, type EngineOptions, type Session, session } from './duckdb.ts';
import { pathsOf, prepared } from './query.ts';

/** As `Tables.twice`. */
export function twice(
  engine: EngineOptions,
  asked: Pick<Query, 'tables' | 'sql'>,
  below: number,
  out: string,
  { signal }: Pick<Watch, 'signal'>,
): Promise<TableArtifact> {
  return replaceFile(out, (temporary) =>
    session({ ...engine, signal }, [...pathsOf(asked), temporary], async (s) => {
      const rows = await put(s, await repeated(s, await prepared(s, asked), below, signal));
      await s.run(`COPY found TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`);
      return { type: 'table', path: out, rows, columns: await describe(s, 'FROM found') };
    }),
  );
}

/** As DuckDB casts bytes to bits: the first is the highest. */
async function repeated(s: Session, sql: string, below: number, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = Math.ceil(below / 2 ** BLOCK) * BLOCK_BYTES;
  const once = new Uint8Array(bytes);
  const again = new Uint8Array(bytes);
  const result = await s.connection.stream(sql);
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    signal.throwIfAborted();
    const vector = chunk.getColumnVector(0) as unknown as { items: unknown };
    if (!(vector.items instanceof Uint32Array)) throw new Error(`the query gives no UINTEGER: ${sql}`);
    for (const number of vector.items) {
      const at = number >>> 3;
      const bit = 128 >> (number & 7);
      if (((once[at] as number) & bit) === 0) once[at] = (once[at] as number) | bit;
      else again[at] = (again[at] as number) | bit;
    }
  }
  return again;
}

/** Puts the bits into a table `found`, as bytes: Parquet knows no bits. Gives its number of rows. */
async function put(s: Session, bits: Uint8Array): Promise<number> {
  await s.run('CREATE TEMP TABLE found (block BIGINT, bits BLOB)');
  const appender = await s.connection.createAppender('found');
  const blocks = bits.length / BLOCK_BYTES;
  try {
    for (let block = 0; block < blocks; block++) {
      appender.appendBigInt(BigInt(block));
      appender.appendBlob(bits.subarray(block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES));
      appender.endRow();
    }
  } finally {
    appender.closeSync();
  }
  return blocks;
}

const BLOCK_BYTES = 2 ** BLOCK / 8;
