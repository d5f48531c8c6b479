// Near-duplicates of a table: signatures by worker threads, part by part, then clusters over them. Gives the cluster of each row.
import { setImmediate } from 'node:timers/promises';
import type { Near, NearWork, Watch } from '../nodes/context.ts';
import type { TableArtifact } from '../nodes/values.ts';
import { openBinding } from './binding.ts';
import { clusters, type Links } from './clusters.ts';
import type { EngineOptions, Session } from './duckdb.ts';
import { workerEngine } from './map.ts';
import { openParts, openTasks, rangesOf } from './parts.ts';
import { inWorkers } from './pool.ts';
import { openSignatures } from './signatures.ts';
import { requireColumn, store } from './store.ts';
import type { SignatureShared, SignatureWork } from './work/signatures.ts';

/** Shingles kept of a text for saying how similar it is to another, where it is not decided by that: standard error 0.04 at most. */
const SKETCH = 128;

/** As `Tables.near`. */
export async function near(
  engine: EngineOptions,
  table: TableArtifact,
  { threshold, ...work }: NearWork,
  out: string,
  { parts: folder, progress, signal }: Watch,
): Promise<Near> {
  for (const column of work.columns) requireColumn(table, column, 'by');
  const signed: SignatureWork = { ...work, sketch: threshold === null ? SKETCH : null };
  const ranges = await rangesOf(engine, table, work.columns);
  const parts = await openParts(folder, 'signatures', signed, 'bin');
  const { tasks, tell } = openTasks(table, ranges, parts, { progress });
  const shared: SignatureShared = { engine: workerEngine(engine), table, work: signed };
  await inWorkers('signatures', shared, tasks, { threads: engine.threads, signal, progress: tell });

  const paths = ranges.map(parts.path);
  const files = openSignatures({ files: paths, ranges, bands: work.bands });
  try {
    const links = await clusters(files, {
      threshold,
      pause: async (done, total) => {
        await setImmediate();
        signal.throwIfAborted();
        progress({ done: Math.floor((work.bands * done) / total), total: work.bands, unit: 'bands' });
      },
    });
    const columns = await store(engine, [], out, (s) => tableOf(s, links), { signal });
    return { clusters: columns, signatures: { files: paths, ranges, bands: work.bands } };
  } finally {
    files.close();
  }
}

const CHUNK = 2048;

/** A table of one column `dsk_cluster`: for each row the first of its cluster, null where the row is alone. Gives its query. */
async function tableOf(s: Session, links: Links): Promise<string> {
  const duckdb = await openBinding();
  await s.run('CREATE TABLE clusters (dsk_cluster INTEGER)');
  const appender = await s.connection.createAppender('clusters');
  // Rows come after the first of their cluster, which points to itself all the same: so who is pointed to is noted first.
  const shared = new Uint8Array(links.length);
  for (const [row, first] of links.entries()) if (first !== row) shared[first] = 1;
  for (let start = 0; start < links.length; start += CHUNK) {
    const part = links.subarray(start, start + CHUNK);
    const chunk = duckdb.DuckDBDataChunk.create([duckdb.INTEGER], part.length);
    chunk.setColumnValues(
      0,
      Array.from(part, (first, i) => (first === start + i && shared[first] === 0 ? null : first)),
    );
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  return 'FROM clusters';
}
