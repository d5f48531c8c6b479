// `npm run bench -- clean`: the everyday job on a CSV file, side by side with pandas (where DSK_BENCH_PYTHON or DSK_TEST_PYTHON names
// a Python with it): drop repeated rows, fill gaps with the median, drop rows with a z-score above 3, save as CSV. Whole processes on
// the same file and cores, taking turns; both results must have as many rows and the same sums. Prints medians and ratios of wall
// time, processor time and peak memory; asserts nothing.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { root } from '../../engine/native/paths.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' },
    rounds: { type: 'string', default: '3' },
    table: { type: 'string', multiple: true },
    keep: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const vega = join(root, 'node_modules/vega-datasets/data');

/**
 * Real rows of vega-datasets, repeated with other keys until there are enough; a tenth of them twice, and a twentieth of the numbers
 * missing. `n` is the row's number, `part` which repetition it is.
 */
const tables = {
  flights: {
    numbers: ['delay', 'distance'],
    source: `read_parquet('${vega}/flights-3m.parquet')`,
    columns: `date + to_years(part::INTEGER) AS date, CASE WHEN hash(n) % 20 > 0 THEN delay END AS delay,
      CASE WHEN hash(n, 1) % 20 > 0 THEN distance END AS distance, origin, destination`,
  },
  films: {
    numbers: ['gross', 'rating', 'votes'],
    source: `read_json('${vega}/movies.json')`,
    columns: `format('{} ({})', Title, part) AS title, try_strptime("Release Date", '%b %d %Y')::DATE AS released,
      "Worldwide Gross" + part AS gross, "Production Budget" AS budget, "IMDB Rating" AS rating, "IMDB Votes" AS votes,
      "Running Time min" AS minutes, "Major Genre" AS genre, Source AS source, Director AS director, Distributor AS distributor`,
  },
} as const;
type Name = keyof typeof tables;

async function makeCsv(name: Name, rows: number, path: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(availableParallelism()) });
  const connection = await instance.connect();
  const { source, columns } = tables[name];
  const [of] = (await connection.runAndReadAll(`SELECT count(*)::INTEGER AS n FROM ${source}`)).getRowsJS();
  const parts = Math.ceil((rows * 10) / 11 / Number(of?.[0]));
  await connection.run(`COPY (
    WITH once AS (SELECT *, row_number() OVER () AS n FROM ${source}, range(${parts}) AS parts(part) LIMIT ${Math.round((rows * 10) / 11)}),
      cells AS (SELECT n, ${columns} FROM once)
    SELECT * EXCLUDE n FROM (FROM cells UNION ALL FROM (FROM cells WHERE hash(n, 2) % 10 = 0)) ORDER BY hash(n, 3) % 1000, n
  ) TO '${path}' (HEADER)`);
  connection.closeSync();
  instance.closeSync();
}

interface Outcome {
  wall: number;
  cpu: number;
  /** Bytes, of all its processes together. */
  peak: number;
}

/** Runs a command and watches it: its processes' memory at most (VmHWM) and their processor time, by /proc. */
function watched(command: string, args: string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
    const seen = new Map<string, { peak: number; cpu: number }>();
    let errors = '';
    child.stderr.on('data', (piece: Buffer) => {
      errors = (errors + piece.toString()).slice(-4000);
    });
    const look = () => {
      const family = familyOf(String(child.pid));
      for (const pid of family) {
        const before = seen.get(pid) ?? { peak: 0, cpu: 0 };
        const now = usage(pid) ?? before;
        // A step of ours starts its peak anew.
        seen.set(pid, { cpu: now.cpu, peak: Math.max(now.peak, before.peak) });
      }
    };
    const timer = setInterval(look, 10);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(timer);
      const all = [...seen.values()];
      const sum = (of: 'peak' | 'cpu') => all.reduce((total, one) => total + one[of], 0);
      if (code === 0) resolve({ wall: (performance.now() - started) / 1000, cpu: sum('cpu'), peak: sum('peak') });
      else reject(new Error(`${command} ended with ${code}:\n${errors}`));
    });
  });
}

/** A process and what it started. */
function familyOf(pid: string): string[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    return [pid, ...children.flatMap(familyOf)];
  } catch {
    return []; // it has ended
  }
}

function usage(pid: string): { peak: number; cpu: number } | null {
  try {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return peak === undefined
      ? null
      : { peak: Number(peak) * 1024, cpu: (Number(fields[11]) + Number(fields[12])) / 100 };
  } catch {
    return null; // it has ended
  }
}

const python = process.env.DSK_BENCH_PYTHON ?? process.env.DSK_TEST_PYTHON;
const hasPandas = python !== undefined && spawnSync(python, ['-c', 'import pandas']).status === 0;

const pandas = (numbers: readonly string[]) => `
import pandas as pd
numbers = ${JSON.stringify(numbers)}
table = pd.read_csv("rows.csv").drop_duplicates()
for name in numbers:
    table[name] = table[name].fillna(table[name].median())
z = (table[numbers] - table[numbers].mean()) / table[numbers].std()
table[(z.abs() <= 3).all(axis=1)].to_csv("pandas.csv", index=False)
`;

const graph = (numbers: readonly string[]) => `dsk 1

rows  = load("rows.csv")
once  = dedup(rows)
whole = impute(once, columns: ${JSON.stringify(numbers)}, method: "median")
usual = outliers(whole, columns: ${JSON.stringify(numbers)}, method: "zscore")
saved = save(usual, path: "dsk.csv")
`;

/** Rows and sums of a result, to see that both did the same. */
async function digest(path: string, numbers: readonly string[]): Promise<string> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const sums = numbers.map((name) => `round(sum(${name}), 3)`).join(', ');
  const rows = await connection.runAndReadAll(`SELECT count(*), ${sums} FROM read_csv('${path}')`);
  connection.closeSync();
  instance.closeSync();
  return rows.getRowsJS()[0]?.map(String).join(' ') ?? '';
}

const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

async function bench(name: Name): Promise<void> {
  const { numbers } = tables[name];
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'dsk-bench-'));
  try {
    const csv = join(folder, 'rows.csv');
    await makeCsv(name, Number(options.rows), csv);
    writeFileSync(join(folder, 'clean.dsk'), graph(numbers));
    writeFileSync(join(folder, 'clean.py'), pandas(numbers));
    const megabytes = statSync(csv).size / 1e6;
    console.log(
      `\n${name}: about ${options.rows} rows, ${megabytes.toFixed(0)} MB of CSV, ${availableParallelism()} cores`,
    );
    const ours: Outcome[] = [];
    const theirs: Outcome[] = [];
    for (let round = 0; round < Number(options.rounds); round++) {
      rmSync(join(folder, '.dsk'), { recursive: true, force: true });
      ours.push(
        await watched(process.execPath, [join(root, 'engine/cli/dsk.mjs'), 'run', 'clean.dsk', '--quiet'], folder),
      );
      if (hasPandas) theirs.push(await watched(python as string, ['clean.py'], folder));
    }
    report(ours, theirs);
    if (hasPandas) {
      const [own, other] = await Promise.all(
        ['dsk.csv', 'pandas.csv'].map((file) => digest(join(folder, file), numbers)),
      );
      console.log(own === other ? `same result: ${own}` : `RESULTS DIFFER: dsk ${own}, pandas ${other}`);
    }
  } finally {
    if (options.keep === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function report(ours: Outcome[], theirs: Outcome[]): void {
  console.log('contestant    wall s     cpu s   peak MB   wall x    cpu x   peak x');
  for (const [name, runs] of [
    ['dsk', ours],
    ['pandas', theirs],
  ] as const) {
    if (runs.length === 0) continue;
    // Ratios of neighbours in time, then their median: noise that both saw cancels.
    const ratio = (of: keyof Outcome) => median(runs.map((run, i) => run[of] / (ours[i] as Outcome)[of])).toFixed(2);
    const cells = [
      median(runs.map(({ wall }) => wall))
        .toFixed(1)
        .padStart(10),
      median(runs.map(({ cpu }) => cpu))
        .toFixed(1)
        .padStart(9),
      (median(runs.map(({ peak }) => peak)) / 1e6).toFixed(0).padStart(9),
      ...(['wall', 'cpu', 'peak'] as const).map((of) => ratio(of).padStart(8)),
    ];
    console.log(`${name.padEnd(10)}${cells.join(' ')}`);
  }
}

if (options.help) {
  console.log('npm run bench -- clean [--table flights|films] [--rows 5000000] [--rounds 3] [--keep FOLDER]');
  console.log('DSK_BENCH_PYTHON names a Python with pandas to compare with.');
} else {
  for (const name of Object.keys(tables) as Name[]) {
    if (options.table === undefined || options.table.includes(name)) await bench(name);
  }
  if (!hasPandas) console.log('\npandas was left out: DSK_BENCH_PYTHON names no Python with it.');
}
