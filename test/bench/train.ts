// `npm run bench -- train`: one training step, side by side: ours recorded, stock tfjs eager, PyTorch eager and compiled (where
// DSK_BENCH_PYTHON or DSK_TEST_PYTHON names a Python with torch and transformers). Contestants are processes of their own that
// take turns step by step, so that whatever else the machine does falls on all alike. Prints medians and ratios; asserts nothing.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Contestant, race, report } from './contestant.ts';
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
  await race(field, Number(options.steps), Number(options.warmup));
  report(model, `${shape.batch * shape.context} tokens a step`, field, options.json);
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
