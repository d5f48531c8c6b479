// How time and memory of a training step grow with the length of the windows, 128 to 2,048 tokens at 2,048 tokens a step: as it is, with
// checkpointing, and with products in bfloat16. Each in a process of its own (test/tensor/peak.ts).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../engine/native/paths.ts';

const ways = { plain: {}, checkpointing: { checkpointing: true }, bf16: { precision: 'bf16' } };
const model = { dim: 128, layers: 6, vocab: 2048, optimizer: 'adamw' };

console.log(
  'window   ' +
    Object.keys(ways)
      .map((way) => way.padStart(24))
      .join(''),
);
for (const context of [128, 256, 512, 1024, 2048]) {
  const cells = Object.values(ways).map((way) => {
    const given = JSON.stringify({ ...model, ...way, context, batch: 2048 / context });
    const script = join(root, 'test/tensor/peak.ts');
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', script, given], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    const { seconds, whole } = JSON.parse(stdout) as { seconds: number; whole: number };
    return `${(1000 * seconds).toFixed(0)} ms · ${(whole / 1e6).toFixed(0)} MB`.padStart(24);
  });
  console.log(String(context).padEnd(9) + cells.join(''));
}
