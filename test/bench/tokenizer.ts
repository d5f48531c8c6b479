// `npm run bench -- tokenizer`: training and encoding, side by side with Python's tokenizers (DSK_TEST_PYTHON) on real mails and a
// book. Both use all cores and take turns. Ours starts from a Parquet file and ends with files: reading, starting threads, opening
// the tokenizer and writing count. Theirs starts with texts in memory: the call alone counts, and opening the tokenizer. Prints
// medians and ratios; asserts nothing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { store } from '../../engine/data/store.ts';
import { openTokenizer, openTokenizers } from '../../engine/data/tokenizer.ts';
import { openTokenFiles } from '../../engine/data/tokens.ts';
import type { PreTokenizer, Watch } from '../../engine/nodes/context.ts';
import { literal } from '../../engine/nodes/sql.ts';
import type { TableArtifact } from '../../engine/nodes/values.ts';
import { chapters, mails } from './corpus.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '3' },
    size: { type: 'string', default: '32768' },
    corpus: { type: 'string', default: 'mails,book' },
    pre: { type: 'string', default: 'default,gpt2,llama3,deepseek' },
    tokenizer: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

interface Outcome {
  seconds: number;
  tokens?: number;
  /** Whether Python made the same merges. */
  same?: boolean;
}

const engine = { temp: null };
const python = process.env.DSK_TEST_PYTHON;

/** In a process of its own, as a run is: work, table, tokenizer. */
async function work([what, table, path, size, pre]: string[]): Promise<Outcome> {
  const artifact = JSON.parse(table as string) as TableArtifact;
  const folder = mkdtempSync(join(tmpdir(), 'dsk-bench-work-'));
  const watch: Watch = { parts: folder, progress: () => undefined, signal: new AbortController().signal };
  await import('@duckdb/node-api'); // loading libraries is not timed on either side
  const started = performance.now();
  let tokens = 0;
  if (what === 'train') {
    const [preTokenizer, special] = [pre as PreTokenizer, ['<|endoftext|>']];
    const options = { column: 'text', preTokenizer, size: Number(size), special, minFrequency: 2 };
    await openTokenizers(engine).train(artifact, options, path as string, watch);
  } else {
    const todo = { name: 'text', params: null, columns: ['text'], tokenizer: path as string, masked: false };
    const counts = await openTokenFiles(engine).encode(artifact, todo, join(folder, 'tokens'), watch);
    tokens = counts.tokens;
  }
  const seconds = (performance.now() - started) / 1000;
  // An end of document for each, where the vocabulary has one: Python was not asked for those.
  if (what === 'encode' && (await openTokenizer(path as string)).end !== null) tokens -= artifact.rows;
  rmSync(folder, { recursive: true });
  return { seconds, tokens };
}

function ours(...args: string[]): Outcome {
  return output(process.execPath, ['--import', 'tsx', import.meta.filename, 'work', ...args]);
}

function theirs(...args: string[]): Outcome {
  return output(python as string, [join(import.meta.dirname, 'tokenizer_worker.py'), ...args]);
}

function output(command: string, args: string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr.slice(-2000)}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Outcome;
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

/** Both in turns; one line of the result. */
function compare(title: string, bytes: number, our: () => Outcome, their: () => Outcome): void {
  const rounds = Array.from({ length: Number(options.rounds) }, () => [our(), their()] as const);
  const [mine, other] = [0, 1].map((i) => median(rounds.map((round) => (round[i] as Outcome).seconds)));
  const [a, b] = rounds[0] as readonly [Outcome, Outcome];
  const agree = b.same ?? a.tokens === b.tokens;
  console.log(
    `${title.padEnd(34)} dsk ${time(mine, bytes)}   python ${time(other, bytes)}   ${((other as number) / (mine as number)).toFixed(2)} times as fast` +
      `   ${agree ? 'same' : 'NOT THE SAME'} ${b.same === undefined ? 'number of tokens' : 'merges'}`,
  );
}

const time = (seconds: number | undefined, bytes: number): string =>
  `${(seconds as number).toFixed(2).padStart(6)} s ${(bytes / 1e6 / (seconds as number)).toFixed(1).padStart(5)} MB/s`;

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dsk-bench-'));
  try {
    console.log(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}; ${options.rounds} rounds, medians`);
    for (const [name, texts] of [
      ['mails', mails()],
      ['book', chapters()],
    ] as const) {
      if (!options.corpus.split(',').includes(name)) continue;
      const json = join(folder, `${name}.jsonl`);
      writeFileSync(json, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
      const rows = `read_json(${literal(json)}, columns = {text: 'VARCHAR'}, format = 'newline_delimited')`;
      const table = await store(engine, [json], join(folder, `${name}.parquet`), () => `FROM ${rows}`);
      const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      console.log(`\n${name}: ${table.rows} texts, ${(bytes / 1e6).toFixed(1)} MB`);
      const size = name === 'mails' ? options.size : String(Math.min(8192, Number(options.size)));
      for (const pre of options.pre.split(',').filter((name) => name !== '')) {
        const path = join(folder, `${name}-${pre}.json`);
        compare(
          `train ${size}, ${pre}`,
          bytes,
          () => ours('train', JSON.stringify(table), path, size, pre),
          () => theirs('train', json, path, size),
        );
        encode(`encode ${size}, ${pre}`, bytes, table, json, path);
      }
      for (const path of options.tokenizer) encode(`encode ${basename(dirname(path))}`, bytes, table, json, path);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function encode(title: string, bytes: number, table: TableArtifact, json: string, path: string): void {
  compare(
    title,
    bytes,
    () => ours('encode', JSON.stringify(table), path, '0'),
    () => theirs('encode', json, path, '0'),
  );
}

if (positionals[0] === 'work') console.log(JSON.stringify(await work(positionals.slice(1))));
else if (options.help)
  console.log(
    'options: --rounds 3 --corpus mails,book --size 32768 --pre default,gpt2,llama3,deepseek --tokenizer FILE ...',
  );
else if (!python) console.error('tokenizer: DSK_TEST_PYTHON must name a Python that has tokenizers');
else await main();
