// Bundles the app's main process and its preload into dist/electron. CommonJS, since a sandboxed preload is one script, and so that
// older versions of Electron start it too.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemas } from '../engine/host/schemas.ts';
import { iconPng } from './icon.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
export const output = join(root, 'dist', 'electron');

/** Builds dist/electron; a fraction of a second. */
export async function buildApp(): Promise<void> {
  const { build } = await import('vite');
  for (const entry of ['main', 'preload']) {
    await build({
      configFile: false,
      root,
      logLevel: 'warn',
      ssr: { noExternal: true },
      define: { METHODS: JSON.stringify(Object.keys(schemas)) },
      build: {
        ssr: join(root, 'electron', `${entry}.ts`),
        outDir: output,
        emptyOutDir: entry === 'main',
        target: 'node18',
        minify: false,
        rollupOptions: {
          external: ['electron'],
          output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
        },
      },
    });
  }
  writeFileSync(join(output, 'icon.png'), iconPng(256));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { buildPage } = await import('../renderer/build.ts');
  await buildPage();
  await buildApp();
}
