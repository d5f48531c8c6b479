#!/usr/bin/env node
// The `dsk` command: makes Node read TypeScript, then hands over to main.ts.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`dsk: Node ${process.versions.node} is too old. Remedy: install Node 20 or newer.`);
  process.exitCode = 3;
} else if (!existsSync(new URL('../../node_modules/tsx/package.json', import.meta.url))) {
  console.error(`dsk: not set up yet. Remedy: npm run setup --prefix ${root}`);
  process.exitCode = 3;
} else {
  const { register } = await import('tsx/esm/api');
  register();
  await import('./main.ts');
}
