// Token ids of whole tables: made in worker threads, one shard (shards.ts) a part, and read by position through all shards. Node has
// no mmap; a read goes to the file, which the system keeps in its page cache. Implements `TokenFiles` of engine/nodes/context.ts.
import { readFileSync } from 'node:fs';
import { link, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenCounts, TokenFiles, TokenReader, TokenWork, Watch } from '../nodes/context.ts';
import { InputError } from '../nodes/kind.ts';
import type { TableArtifact } from '../nodes/values.ts';
import { writeFile } from './atomic.ts';
import type { EngineOptions } from './duckdb.ts';
import { workerEngine } from './map.ts';
import { openParts, openTasks, type Range, rangesOf } from './parts.ts';
import { inWorkers } from './pool.ts';
import { damaged, openShard, type ShardHead, type ShardReader } from './shards.ts';
import { requireColumn } from './store.ts';
import type { TokensShared } from './work/tokens.ts';

/** Shards that are open at a time: a process may not have many files open. */
const MOST_OPEN = 64;

/** What a folder of shards holds, in its index. */
interface Index {
  format: 1;
  shards: ({ file: string } & ShardHead)[];
}

const indexPath = (folder: string): string => join(folder, 'shards.json');

export function openTokenFiles(engine: EngineOptions): TokenFiles {
  return { encode: (table, work, folder, watch) => encode(engine, table, work, folder, watch), open: openTokens };
}

async function encode(
  engine: EngineOptions,
  table: TableArtifact,
  work: TokenWork,
  folder: string,
  { parts: kept, progress, signal }: Watch,
): Promise<TokenCounts> {
  for (const column of work.columns) requireColumn(table, column, 'column');
  const ranges = await rangesOf(engine, table, work.columns);
  const parts = await openParts(kept, 'tokens', work, 'tokens');
  const isDone = (range: Range) => parts.isDone(range) && isWhole(parts.path(range));
  const { tasks, tell } = openTasks(table, ranges, { ...parts, isDone }, { progress }, 'tokenizing');
  const shared: TokensShared = { engine: workerEngine(engine), table, work };
  await inWorkers('tokens', shared, tasks, { threads: engine.threads, signal, progress: tell });

  await mkdir(folder, { recursive: true });
  const index: Index = { format: 1, shards: [] };
  for (const [i, range] of ranges.entries()) {
    const file = `${String(i).padStart(5, '0')}.tokens`;
    const shard = openShard(parts.path(range));
    const { width, masked, tokens, documents } = shard;
    shard.close();
    await place(parts.path(range), join(folder, file));
    index.shards.push({ file, width, masked, tokens, documents });
  }
  await writeFile(indexPath(folder), `${JSON.stringify(index, null, 1)}\n`);
  return countsOf(index);
}

/** Whether a finished part is what it was: after a power cut it may not be. */
function isWhole(path: string): boolean {
  try {
    openShard(path).close();
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** Gives a finished part its second name, so that it stays among the parts until the whole is stored; without links it moves. */
async function place(part: string, to: string): Promise<void> {
  try {
    await link(part, to);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await rename(part, to);
  }
}

function countsOf({ shards }: Index): TokenCounts {
  return {
    tokens: shards.reduce((sum, shard) => sum + shard.tokens, 0),
    documents: shards.reduce((sum, shard) => sum + shard.documents, 0),
  };
}

async function openTokens(folder: string): Promise<TokenReader> {
  const index = readIndex(folder);
  const { shards } = index;
  const { tokens, documents } = countsOf(index);
  // Tokens and documents before each shard.
  const tokensBefore = before(shards.map((shard) => shard.tokens));
  const documentsBefore = before(shards.map((shard) => shard.documents));
  const open = new Map<number, ShardReader>();
  const shardAt = (i: number): ShardReader => {
    let reader = open.get(i);
    if (reader) {
      open.delete(i); // and in again below, as the one used last
    } else {
      const { file, ...head } = shards[i] as Index['shards'][number];
      const path = join(folder, file);
      reader = openShard(path);
      if (reader.tokens !== head.tokens || reader.documents !== head.documents || reader.width !== head.width)
        throw damaged(path, 'it is not the shard that shards.json names');
    }
    open.set(i, reader);
    const [oldest] = open.keys();
    if (open.size > MOST_OPEN && oldest !== undefined) {
      open.get(oldest)?.close();
      open.delete(oldest);
    }
    return reader;
  };
  // A damaged shard is told now, not in the middle of a run.
  const close = () => {
    for (const shard of open.values()) shard.close();
    open.clear();
  };
  try {
    for (const i of shards.keys()) shardAt(i);
  } catch (error) {
    close();
    throw error;
  }

  /** Lets `take` fill pieces of `to` from the shards that hold the tokens start .. start + to.length - 1. */
  const gather = <A extends Int32Array | Uint8Array>(
    start: number,
    to: A,
    take: (shard: ShardReader, from: number, piece: A) => void,
  ): A => {
    if (start < 0 || start + to.length > tokens)
      throw new RangeError(`tokens ${start} to ${start + to.length} of ${tokens} were asked for`);
    for (let done = 0, i = lastAtMost(tokensBefore, start); done < to.length; i++) {
      const from = start + done - (tokensBefore[i] as number);
      const count = Math.min(to.length - done, (shards[i] as ShardHead).tokens - from);
      if (count <= 0) continue;
      take(shardAt(i), from, to.subarray(done, done + count) as A);
      done += count;
    }
    return to;
  };
  return {
    count: tokens,
    documents,
    masked: shards.some(({ masked }) => masked),
    read: (start, count) => gather(start, new Int32Array(count), (shard, from, piece) => shard.ids(from, piece)),
    mask: (start, count) => gather(start, new Uint8Array(count), (shard, from, piece) => shard.mask(from, piece)),
    start(document) {
      if (document < 0 || document > documents)
        throw new RangeError(`there is no document ${document} of ${documents}`);
      if (document === documents) return tokens;
      const i = lastAtMost(documentsBefore, document);
      const inside = document - (documentsBefore[i] as number);
      return (tokensBefore[i] as number) + (inside === 0 ? 0 : (shardAt(i).ends()[inside - 1] as number));
    },
    documentAt(position) {
      if (position < 0 || position >= tokens) throw new RangeError(`there is no token ${position} of ${tokens}`);
      const i = lastAtMost(tokensBefore, position);
      // Documents that end at or before the position, those without tokens among them.
      const ended = countAtMost(shardAt(i).ends(), position - (tokensBefore[i] as number));
      return (documentsBefore[i] as number) + ended;
    },
    close,
  };
}

function readIndex(folder: string): Index {
  const path = indexPath(folder);
  try {
    const index = JSON.parse(readFileSync(path, 'utf8')) as Index;
    if (index.format === 1 && Array.isArray(index.shards)) return index;
  } catch (error) {
    if (!(error instanceof SyntaxError) && (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  throw damaged(path, 'the index of the shards cannot be read');
}

/** Sums of what stands before each. */
function before(counts: readonly number[]): Float64Array {
  const sums = new Float64Array(counts.length);
  for (let i = 1; i < counts.length; i++) sums[i] = (sums[i - 1] as number) + (counts[i - 1] as number);
  return sums;
}

/** How many of the ascending values are at most `limit`. */
function countAtMost(values: Float64Array | Uint32Array, limit: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((values[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last of the ascending values that is at most `limit`: an empty shard shares its place with the one behind it. */
function lastAtMost(values: Float64Array, limit: number): number {
  return Math.max(0, countAtMost(values, limit) - 1);
}
