// MinHash signatures of one part of a table, written as a file of their own (signatures.ts).
import { identifier } from '../../nodes/sql.ts';
import type { TableArtifact } from '../../nodes/values.ts';
import { writeFile } from '../atomic.ts';
import { type EngineOptions, session } from '../duckdb.ts';
import { bandHashes, permutations, type Shingling, shingles, signature, sketch } from '../minhash.ts';
import type { PartTask } from '../parts.ts';
import type { Work } from '../pool.ts';
import { encodeSignatures, type Signatures } from '../signatures.ts';
import { parquet, ROW } from '../store.ts';

export interface SignatureWork extends Shingling {
  /** Text columns, read as one text. */
  columns: string[];
  bands: number;
  /** Hashes in a band. */
  rows: number;
  seed: number;
  /** Shingles kept of a text to compare it; null for all. */
  sketch: number | null;
}

export interface SignatureShared {
  engine: EngineOptions;
  table: TableArtifact;
  work: SignatureWork;
}

const open: Work<SignatureShared, PartTask, void> = ({ engine, table, work }) => {
  const family = permutations(work.bands * work.rows, work.seed);
  // A row is without text where all of its columns are null.
  const text = `concat_ws(chr(10), ${work.columns.map(identifier).join(', ')})`;
  return async ({ start, end, out }, { report, signal }) => {
    const made: Signatures = { bands: [], sketches: [] };
    await session({ ...engine, signal }, [table.path], async (s) => {
      const rows = parquet(table.path, 'file_row_number = true');
      const result = await s.connection.stream(
        `SELECT ${text} FROM ${rows} WHERE ${ROW} >= ${start} AND ${ROW} < ${end}`,
      );
      for await (const batch of result.yieldRowsJs()) {
        for (const [value] of batch) {
          const set = shingles(value as string, work);
          const none = set.length === 0;
          made.bands.push(none ? null : bandHashes(signature(set, family), work.rows));
          made.sketches.push(none ? null : sketch(set, work.sketch ?? Infinity));
        }
        report(made.bands.length);
        signal.throwIfAborted();
      }
    });
    await writeFile(out, encodeSignatures(made, work.bands));
  };
};

export default open;
