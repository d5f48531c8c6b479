// `npm run bench -- dedup`: near-duplicates, side by side with Python's text-dedup (where DSK_BENCH_PYTHON names a Python that has
// it) and datatrove (DSK_TEST_PYTHON), on real mails and on documents with planted pairs: rows a second of the whole command, and
// which pairs are found. All get the same file and the same number of cores, and take turns; each has its own defaults (14 bands of 8
// hashes, text-dedup 25 of 10, all over 5-word shingles) where its name says nothing else. Prints medians and ratios; asserts nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { root } from '../../engine/native/paths.ts';
import { type Document, mails, planted, rates } from './corpus.ts';

const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '60000' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

interface Outcome {
  seconds: number;
  /** Seconds of processor time of all its processes, where that is known. */
  cpu?: number;
  kept: number[];
}

/** Removes near-duplicates of `rows.jsonl` in the folder. */
type Tool = (folder: string) => Promise<Outcome>;

const workers = availableParallelism();
const statements = {
  dsk: 'method: "minhash"',
  'dsk 20x6': 'method: "minhash", bands: 20, rows: 6',
  'dsk verified': 'method: "minhash", verify: true',
};

function tools(): Map<string, Tool> {
  const found = new Map<string, Tool>();
  for (const [name, how] of Object.entries(statements)) found.set(name, (folder) => ours(how, folder));
  const textDedup = process.env.DSK_BENCH_PYTHON ?? process.env.DSK_TEST_PYTHON;
  for (const [name, python, module] of [
    ['text-dedup', textDedup, 'text_dedup'],
    ['text-dedup 14x8', textDedup, 'text_dedup'],
    ['datatrove', process.env.DSK_TEST_PYTHON, 'datatrove'],
  ] as const) {
    if (python && spawnSync(python, ['-c', `import ${module}`]).status === 0) {
      found.set(name, (folder) => theirs(python, name, folder));
    } else console.error(`dedup: without ${name}: no Python that has it (DSK_BENCH_PYTHON, DSK_TEST_PYTHON)`);
  }
  return found;
}

/** `dsk run`, from the start of the process to its end. */
async function ours(how: string, folder: string): Promise<Outcome> {
  rmSync(join(folder, '.dsk'), { recursive: true, force: true });
  const graph = join(folder, 'graph.dsk');
  writeFileSync(
    graph,
    `dsk 1\n\ntable = load("rows.jsonl")\nfresh = dedup(table, by: "text", ${how})\nsaved = save(fresh, path: "fresh.parquet")\n`,
  );
  const started = performance.now();
  execute(process.execPath, [join(root, 'engine', 'cli', 'dsk.mjs'), 'run', graph, '--quiet']);
  const seconds = (performance.now() - started) / 1000;
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = await connection.runAndReadAll(`SELECT id FROM read_parquet('${join(folder, 'fresh.parquet')}')`);
  connection.closeSync();
  instance.closeSync();
  return { seconds, kept: rows.getRowsJS().map(([id]) => Number(id)) };
}

async function theirs(python: string, tool: string, folder: string): Promise<Outcome> {
  const own = join(folder, 'python');
  rmSync(own, { recursive: true, force: true });
  const worker = join(import.meta.dirname, 'dedup_worker.py');
  return JSON.parse(execute(python, [worker, tool, join(folder, 'rows.jsonl'), own, String(workers)])) as Outcome;
}

function execute(command: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr.slice(-2000)}`);
  return stdout;
}

async function timed(run: () => Promise<Outcome>): Promise<Outcome> {
  const before = childSeconds();
  const outcome = await run();
  const after = childSeconds();
  return before === null || after === null ? outcome : { ...outcome, cpu: after - before };
}

/** Processor time of all processes that were started here and have ended; Linux only. */
function childSeconds(): number | null {
  if (!existsSync('/proc/self/stat')) return null;
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Pairs of which one document is gone, and documents gone that should have stayed. */
function judged(documents: Document[], kept: number[]) {
  const stays = new Set(kept);
  const pairs = new Map<number, { rate: number; gone: number }>();
  let wrong = 0;
  for (const [id, { pair, rate }] of documents.entries()) {
    const gone = stays.has(id) ? 0 : 1;
    if (pair === null) wrong += gone;
    else {
      const known = pairs.get(pair) ?? { rate: 0, gone: 0 };
      pairs.set(pair, { rate: Math.max(known.rate, rate), gone: known.gone + gone });
    }
  }
  const all = [...pairs.values()];
  const found = all.filter(({ gone }) => gone > 0).length;
  wrong += all.filter(({ gone }) => gone > 1).length;
  const byRate = rates.map((rate) => {
    const own = all.filter((pair) => pair.rate === rate);
    return own.filter(({ gone }) => gone > 0).length / own.length;
  });
  return { recall: found / all.length, precision: found / (found + wrong), byRate };
}

async function compare(name: string, documents: Document[], truth: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dsk-bench-dedup-'));
  try {
    const lines = documents.map(({ text }, id) => JSON.stringify({ id, text }));
    writeFileSync(join(folder, 'rows.jsonl'), `${lines.join('\n')}\n`);
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    const size = `${documents.length} documents, ${(bytes / 1e6).toFixed(0)} MB, ${workers} workers`;
    console.log(`\n${name}: ${size}`);
    const outcomes = new Map<string, Outcome[]>();
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const [tool, run] of all)
        outcomes.set(tool, [...(outcomes.get(tool) ?? []), await timed(() => run(folder))]);
    }
    const median = (tool: string, of: 'seconds' | 'cpu') => {
      const sorted = (outcomes.get(tool) ?? []).map((outcome) => outcome[of] ?? Number.NaN).sort((a, b) => a - b);
      return sorted[sorted.length >> 1] as number;
    };
    for (const [tool, [first]] of outcomes) {
      const { kept } = first as Outcome;
      const seconds = median(tool, 'seconds');
      const times = (of: 'seconds' | 'cpu') => `${(median(tool, of) / median('dsk', of)).toFixed(2)} x`;
      const speed = `${seconds.toFixed(2).padStart(7)} s (${times('seconds')} dsk's)  cpu ${median(tool, 'cpu').toFixed(1)} s (${times('cpu')})  ${(documents.length / seconds).toFixed(0).padStart(6)} rows/s`;
      const gone = `${String(documents.length - kept.length).padStart(6)} removed`;
      const { recall, precision, byRate } = judged(documents, kept);
      const found = `  recall ${percent(recall)} (${byRate.map(percent).join(' ')})  precision ${percent(precision)}`;
      console.log(`  ${tool.padEnd(15)} ${speed}  ${gone}${truth ? found : ''}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const percent = (share: number) => `${(100 * share).toFixed(2)}%`;

if (options.help) {
  console.log('npm run bench -- dedup [--documents 60000] [--rounds 3] [--seed 1]');
  process.exit();
}
const all = tools();
await compare(
  'mails',
  mails().map((text) => ({ text, pair: null, rate: 0 })),
  false,
);
console.log(
  `\nrecall in brackets: of pairs with ${rates.map((rate) => `${100 * rate}%`).join(', ')} of the words changed`,
);
await compare('planted pairs', [...planted(Number(options.documents), Number(options.seed))], true);
