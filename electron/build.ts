// Bundles the app's main process and its preload into dist/electron. CommonJS, since a sandboxed preload is one script, and so that
// older versions of Electron start it too. As a script (`npm run build`) it builds page and app; with --changed what has changed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { schemas } from '../engine/host/schemas.ts';
import { iconPng } from './icon.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, 'dist', 'electron');
const stamp = join(output, 'sources.sha256');

/** Whether dist/electron was built from the sources as they are. */
export function appIsCurrent(): boolean {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest();
}

/** Builds dist/electron: a second or two. */
export async function buildApp(): Promise<void> {
  const before = digest();
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
  writeFileSync(stamp, before);
}

function digest(): string {
  const hash = createHash('sha256');
  const folders = ['electron', 'engine/host'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  );
  for (const path of [...folders.sort(), 'renderer/icon.svg', 'package-lock.json']) {
    hash.update(path);
    hash.update(readFileSync(join(root, path)));
  }
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { buildPage, pageIsCurrent } = await import('../renderer/build.ts');
  const all = !process.argv.includes('--changed');
  if (all || !pageIsCurrent()) await buildPage();
  if (all || !appIsCurrent()) await buildApp();
}
