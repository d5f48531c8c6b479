// `npm run bench -- train`: one training step, side by side: ours recorded, stock tfjs eager, PyTorch eager and compiled (where
// DSK_BENCH_PYTHON or DSK_TEST_PYTHON names a Python with torch and transformers). Contestants are processes of their own that
// take turns step by step, so that whatever else the machine does falls on all alike. Prints medians and ratios; asserts nothing.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type ModelName, modelNames, shape } from './models.ts';

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '40' },
    warmup: { type: 'string', default: '6' },
    model: { type: 'string', multiple: true },
    without: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

interface Sample {
  wall: number;
  cpu: number;
  loss: number;
}

class Contestant {
  readonly name: string;
  readonly samples: Sample[] = [];
  peak = 0;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  constructor(name: string, command: string, args: string[]) {
    this.name = name;
    this.child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stderr.on('data', (piece: Buffer) => {
      this.errors = (this.errors + piece.toString()).slice(-2000);
    });
    const reader: Interface = createInterface({ input: this.child.stdout });
    this.lines = reader[Symbol.asyncIterator]();
  }

  async answer(): Promise<Record<string, number>> {
    for (;;) {
      const line = await this.lines.next();
      if (line.done) throw new Error(`${this.name} ended early:\n${this.errors}`);
      if (line.value.startsWith('{')) return JSON.parse(line.value) as Record<string, number>;
    }
  }

  async ask(line: string): Promise<Record<string, number>> {
    this.child.stdin.write(`${line}\n`);
    return this.answer();
  }

  end(): void {
    this.child.stdin.end();
  }
}

const median = (numbers: number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

function contestants(model: ModelName): Contestant[] {
  const worker = join(import.meta.dirname, 'worker.ts');
  const node = (kind: string): Contestant =>
    new Contestant(kind, process.execPath, ['--import', 'tsx', worker, kind, model]);
  const python = process.env.DSK_BENCH_PYTHON ?? process.env.DSK_TEST_PYTHON;
  const script = join(import.meta.dirname, 'torch_worker.py');
  const settings = JSON.stringify({ ...shape, threads: availableParallelism() });
  const torch = (how: string): Contestant[] =>
    python === undefined ? [] : [new Contestant(`torch ${how}`, python, [script, how, model, settings])];
  return [node('recorded'), node('stock tfjs'), ...torch('eager'), ...torch('compile')].filter(
    ({ name }) => !options.without.includes(name),
  );
}

async function bench(model: ModelName): Promise<void> {
  const field = contestants(model);
  await Promise.all(field.map((one) => one.answer()));
  const steps = Number(options.steps);
  const warmup = Number(options.warmup);
  for (let step = 0; step < warmup + steps; step++)
    for (const one of field) {
      const { wall, cpu, loss } = await one.ask('step');
      if (step >= warmup) one.samples.push({ wall, cpu, loss });
    }
  for (const one of field) one.peak = (await one.ask('memory')).peak;
  for (const one of field) one.end();
  report(model, field);
}

function report(model: ModelName, field: Contestant[]): void {
  const [ours] = field;
  // Ratios of neighbours in time, then their median: noise that both saw cancels.
  const ratio = (one: Contestant, of: 'wall' | 'cpu'): number =>
    median(one.samples.map((sample, i) => sample[of] / ours.samples[i][of]));
  const rows = field.map((one) => ({
    model,
    contestant: one.name,
    wall: median(one.samples.map(({ wall }) => wall)),
    cpu: median(one.samples.map(({ cpu }) => cpu)),
    peak: one.peak,
    wallRatio: ratio(one, 'wall'),
    cpuRatio: ratio(one, 'cpu'),
    peakRatio: one.peak / ours.peak,
  }));
  if (options.json) {
    for (const row of rows) console.log(JSON.stringify(row));
    return;
  }
  console.log(
    `\n${model}: ${shape.batch * shape.context} tokens a step; ratios are to ours (above 1: slower or larger than ours)`,
  );
  console.log('contestant       wall ms    cpu ms   peak MB   wall x    cpu x   peak x');
  for (const row of rows)
    console.log(
      [
        row.contestant.padEnd(14),
        row.wall.toFixed(1).padStart(9),
        row.cpu.toFixed(1).padStart(9),
        (row.peak / 1e6).toFixed(0).padStart(9),
        row.wallRatio.toFixed(2).padStart(8),
        row.cpuRatio.toFixed(2).padStart(8),
        row.peakRatio.toFixed(2).padStart(8),
      ].join(' '),
    );
}

if (options.help) {
  console.log(
    'npm run bench -- train [--model dense|deepseek] [--steps 40] [--warmup 6] [--without "torch compile"] [--json]',
  );
  console.log('DSK_BENCH_PYTHON names a Python with torch and transformers to compare with.');
} else {
  for (const model of modelNames) if (options.model === undefined || options.model.includes(model)) await bench(model);
  if ((process.env.DSK_BENCH_PYTHON ?? process.env.DSK_TEST_PYTHON) === undefined && !options.json)
    console.log('\nPyTorch was left out: DSK_BENCH_PYTHON names no Python with torch and transformers.');
}
