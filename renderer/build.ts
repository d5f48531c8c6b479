// Builds the page when its sources have changed: `dsk studio`, `npm start` and `npm run build` call this. Run as a script it
// always builds.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = join(root, 'dist', 'renderer');
const stampName = 'sources.sha256';
const stamp = join(page, stampName);
/** What the page is made of. */
const sources = ['renderer', 'grammar', 'engine/nodes', 'engine/graph', 'engine/language', 'package-lock.json'];

/** Whether dist/renderer was built from the sources as they are. True where there are no sources (in a packaged app). */
export function pageIsCurrent(): boolean {
  if (!existsSync(join(root, 'renderer', 'index.html'))) return true;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest();
}

/**
 * Builds dist/renderer, elsewhere first: an open studio may ask for a file at any moment, and others may be building as well.
 * Needs the development packages (`npm run setup`, or any `npm test`).
 */
export async function buildPage(): Promise<void> {
  const before = digest();
  const { build } = await import('vite');
  const fresh = `${page}.new-${process.pid}`;
  const old = `${page}.old-${process.pid}`;
  try {
    await build({
      configFile: join(root, 'renderer', 'vite.config.ts'),
      configLoader: 'native',
      logLevel: 'warn',
      build: { outDir: fresh, emptyOutDir: true },
    });
    writeFileSync(join(fresh, stampName), before);
    if (existsSync(page)) renameSync(page, old);
    renameSync(fresh, page);
  } catch (error) {
    // Somebody else's build came first, of the same sources.
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true });
  }
}

function digest(): string {
  const hash = createHash('sha256');
  const add = (path: string) => {
    hash.update(path);
    hash.update(readFileSync(join(root, path)));
  };
  for (const source of sources) {
    if (source.includes('.')) add(source);
    else
      for (const name of readdirSync(join(root, source), { recursive: true }).map(String).sort()) {
        if (/\.(ts|tsx|css|html|svg)$/.test(name)) add(join(source, name));
      }
  }
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage();
