// Every example is free of errors and formatted. (That it runs is tested in test/.)
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../engine/native/paths.ts';
import { dsk } from './dsk.ts';

const files = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name !== 'lora.dsk' || existsSync(join(root, 'examples/models'))) // its model is fetched by hand
  .filter((name) => name.endsWith('.dsk') && !name.split(/[\\/]/).some((part) => part === 'out' || part === '.dsk'))
  .map((name) => `examples/${name}`)
  .sort();

let failed = 0;
if (!existsSync(join(root, 'examples/quickstart.dsk'))) {
  console.log('examples/quickstart.dsk: missing, and `npm run quickstart` runs it');
  failed++;
}
for (const file of files) {
  for (const args of [
    ['check', file],
    ['fmt', '--check', file],
  ]) {
    const ran = await dsk(...args);
    if (ran.status === 0) continue;
    console.log(`dsk ${args.join(' ')}: exit ${ran.status ?? ran.signal ?? ran.failure}\n${ran.stdout}${ran.stderr}`);
    failed++;
  }
}
console.log(`examples: ${files.length} files, ${failed} failures`);
process.exitCode = failed === 0 ? 0 : 1;
