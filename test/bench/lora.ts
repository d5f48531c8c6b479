// `npm run bench -- lora`: one step of fine-tuning SmolLM2-135M with adapters (rank 16 on q and v), beside peft and PyTorch (where
// DSK_BENCH_PYTHON or DSK_TEST_PYTHON names a Python with torch, transformers and peft). Random weights: a step takes as long with them.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Contestant, race, report } from './contestant.ts';
import { smollm2 } from './models.ts';

const { values: options } = parseArgs({
  options: {
    steps: { type: 'string', default: '8' },
    warmup: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (options.help) {
  console.log('npm run bench -- lora [--steps 8] [--warmup 2] [--json]');
  console.log('DSK_BENCH_PYTHON names a Python with torch, transformers and peft to compare with.');
} else {
  const here = import.meta.dirname;
  const python = process.env.DSK_BENCH_PYTHON ?? process.env.DSK_TEST_PYTHON;
  const settings = JSON.stringify({ ...smollm2, threads: availableParallelism() });
  const field = [
    new Contestant('recorded', process.execPath, ['--import', 'tsx', join(here, 'lora_worker.ts')]),
    ...(python === undefined ? [] : [new Contestant('peft', python, [join(here, 'lora_worker.py'), settings])]),
  ];
  await race(field, Number(options.steps), Number(options.warmup));
  report('SmolLM2-135M', `${smollm2.batch * smollm2.context} tokens a step of adapters`, field, options.json);
  if (python === undefined && !options.json)
    console.log('\npeft was left out: DSK_BENCH_PYTHON names no Python with torch, transformers and peft.');
}
