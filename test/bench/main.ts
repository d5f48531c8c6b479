// `npm run bench [-- train|canvas|editor [options]]`: measurements, each beside what it is compared with; without a name, all.
// They assert nothing.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../engine/native/paths.ts';

const benches = {
  train: 'one training step, beside stock tfjs and PyTorch',
  lora: 'one step of fine-tuning SmolLM2-135M with adapters, beside peft and PyTorch',
  lengths: 'time and memory of a training step, by the length of its windows',
  canvas: 'frames of panning and dragging a thousand nodes, beside React Flow alone',
  language: 'reading, checking, completing and colouring a text at each keystroke',
  dedup: 'near-duplicates, beside text-dedup and datatrove',
  clean: 'cleaning a CSV file, beside pandas',
  tokenizer: 'training and encoding, beside Python tokenizers',
  size: 'time and memory of preparing data that is larger than memory',
  editor: 'opening the studio, and from a keystroke in the text to the canvas',
};

const [name, ...options] = process.argv.slice(2);
if (name === '--help' || name === '-h' || (name !== undefined && !Object.hasOwn(benches, name))) {
  const known = name === '--help' || name === '-h';
  if (!known) console.error(`bench: there is no bench ${name}`);
  for (const [each, what] of Object.entries(benches)) console.log(`  npm run bench -- ${each.padEnd(9)} ${what}`);
  process.exitCode = known ? 0 : 2;
} else {
  for (const each of name === undefined ? Object.keys(benches) : [name]) {
    const script = join(import.meta.dirname, `${each}.ts`);
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', script, ...options], {
      cwd: root,
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
  }
}
