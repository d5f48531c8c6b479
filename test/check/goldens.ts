// The goldens in git are what the code prints now: runs the tests that compare with a folder goldens/, and looks that each
// example has its golden plan.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../engine/native/paths.ts';

const below = (folder: string): string[] =>
  existsSync(join(root, folder)) ? readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }) : [];

const tests = below('test')
  .filter((name) => name.endsWith('.test.ts') && readFileSync(join(root, 'test', name), 'utf8').includes('goldens'))
  .map((name) => join('test', name));
const plans = below('test/plan/goldens').map((name) => name.split('.')[0]);
// What running the examples left beside them is none.
const made = (name: string): boolean => name.split(/[\\/]/).some((part) => part === 'out' || part === '.dsk');
const examples = below('examples').filter((name) => name.endsWith('.dsk') && !made(name));
// The model of lora.dsk is fetched by hand: without it there is no plan.
const missing = examples
  .map((name) => name.replace(/\.dsk$/, ''))
  .filter((name) => name !== 'lora' && !plans.includes(name));

for (const name of missing) console.log(`examples/${name}.dsk: no golden plan test/plan/goldens/${name}.*`);
if (tests.length === 0) console.log('no test compares with goldens');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const ran =
  tests.length > 0 ? spawnSync(process.execPath, [vitest, 'run', ...tests], { cwd: root, stdio: 'inherit' }) : null;
process.exitCode = ran?.status === 0 && missing.length === 0 ? 0 : 1;
