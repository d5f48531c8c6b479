// `npm run check [NAME ...]`: everything about the sources that is no test. Runs all checks, also after a failure, and ends
// with one line for each.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../engine/native/paths.ts';

const bin = (name: string): string => join(root, 'node_modules', name);
const script = (name: string): string[] => [bin('tsx/dist/cli.mjs'), `test/check/${name}.ts`];

// Each by the arguments Node runs it with.
const CHECKS: Record<string, string[]> = {
  types: [bin('typescript/bin/tsc'), '--noEmit'],
  lint: [bin('eslint/bin/eslint.js'), '.'],
  format: [bin('@biomejs/biome/bin/biome'), 'format', '.'],
  layers: script('layers'),
  lock: script('lock'),
  examples: script('examples'),
  goldens: script('goldens'),
  docs: script('docs'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in CHECKS));
if (unknown.length > 0) {
  console.error(`check: no check ${unknown.join(', ')}; there are ${Object.keys(CHECKS).join(', ')}`);
  process.exit(2);
}
const results: string[] = [];
for (const [name, args] of Object.entries(CHECKS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name}`);
  const started = Date.now();
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  results.push(`${status === 0 ? 'passed' : 'FAILED'}  ${name} (${seconds} s)`);
  if (status !== 0) process.exitCode = 1;
}
console.log(`\n${results.join('\n')}`);
