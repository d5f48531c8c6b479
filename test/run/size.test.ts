// Data larger than the memory it gets, through the real command line: with little memory it passes and gives the same, and a run that
// is killed amid near-duplicates goes on with the parts that were done.
import { existsSync, linkSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, expect, it } from 'vitest';
import type { RunEvent } from '../../engine/run/events.ts';
import { write } from '../bench/corpus.ts';
import { memoryOf } from '../bench/memory.ts';
import { dsk, folder, start } from './dsk.ts';

const graph = `dsk 1

texts = load("texts.jsonl")
fresh = dedup(texts, by: "text", method: "minhash")
vocab = tokenizer(path: "vocab")
few    = sample(fresh, rows: 4000)
packed = pack(few, vocab, context: 512)
saved  = save(fresh, path: "fresh.parquet")
`;
const MEGABYTES = 72;
// A vocabulary of bytes: what is looked at here is not the tokenizer.
const vocab = JSON.stringify({
  version: '1.0',
  added_tokens: [],
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: { type: 'BPE', vocab: Object.fromEntries(alphabet().map((sign, id) => [sign, id])), merges: [] },
});

/** GPT-2's signs for the 256 bytes. */
function alphabet(): string[] {
  const shown = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(shown(byte) ? byte : next++));
}

let source = '';
beforeAll(() => {
  source = join(folder({}), 'texts.jsonl');
  write(source, MEGABYTES * 1e6, 1);
});

function place(): string {
  const here = folder({ 'graph.dsk': graph, 'vocab/tokenizer.json': vocab });
  linkSync(source, join(here, 'texts.jsonl'));
  return here;
}

/** The first column of what `saved` wrote. */
const savedIn = (here: string) => columnOf(join(here, 'fresh.parquet'));

/** The first column of what a node left. */
async function resultOf(here: string, node: string): Promise<unknown[]> {
  const cache = join(here, '.dsk', 'cache');
  const key = readdirSync(cache).find((name) => {
    const meta = join(cache, name, 'meta.json');
    return existsSync(meta) && (JSON.parse(readFileSync(meta, 'utf8')) as { node: string }).node === node;
  });
  return columnOf(join(cache, key ?? '', 'table.parquet'));
}

async function columnOf(path: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(`SELECT #1 FROM read_parquet('${path}')`);
  connection.closeSync();
  instance.closeSync();
  return rows.getRowsJS();
}

it(`takes ${MEGABYTES} MB with a heap of 64 MB a thread and 200 MB for DuckDB; killed and run again, it gives the same`, async () => {
  const here = place();
  const limits = 'export DSK_MEMORY=400MB NODE_OPTIONS=--max-old-space-size=64; exec "$@"';
  const running = start(here, ['run', 'graph.dsk', '--json'], limits);
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, memoryOf(running.child.pid as number));
  }, 200);
  const whole = await running.done;
  clearInterval(timer);
  expect(whole.stderr).toBe('');
  expect(whole.code).toBe(0);
  // Most of it is what Node, DuckDB and their threads take for no data at all.
  expect(most).toBeGreaterThan(100e6);
  expect(most).toBeLessThan(900e6);

  const again = place();
  const killed = start(again, ['run', 'graph.dsk', '--to', 'fresh', '--json']);
  const parts = join(again, '.dsk', 'parts');
  const finished = () =>
    existsSync(parts)
      ? readdirSync(parts, { recursive: true }).filter((name) => /signatures-\w+\/\d+-\d+\.bin$/.test(String(name)))
      : [];
  while (finished().length === 0) await setTimeout(10);
  killed.child.kill('SIGKILL');
  expect(await killed.done).toMatchObject({ code: null, signal: 'SIGKILL' });
  const done = finished().map((name) => /(\d+)-(\d+)\.bin$/.exec(String(name)) as RegExpExecArray);
  const rows = done.reduce((sum, [, first, end]) => sum + Number(end) - Number(first), 0);
  const next = await dsk(again, 'run', 'graph.dsk', '--to', 'fresh', '--json');
  expect(next.code).toBe(0);
  const told = next.events.filter((event): event is RunEvent & { event: 'progress'; done: number; total: number } => {
    return event.event === 'progress' && event.node === 'fresh';
  });
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThan(told[0]?.total as number);
  expect(told[0]?.done).toBeGreaterThanOrEqual(rows);
  expect(finished()).toEqual([]);

  expect((await dsk(again, 'run', 'graph.dsk', '--to', 'saved')).code).toBe(0);
  expect(await savedIn(again)).toEqual(await savedIn(here));
  expect((await resultOf(here, 'packed')).length).toBeGreaterThan(10_000);
}, 300_000);
