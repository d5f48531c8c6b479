// Where things lie: the user's cache folder, which all clones share, and the tfjs package of this clone, which gets a link
// into it. Pure functions of platform and environment, so that every platform can be tested on any.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, posix, resolve, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root: string = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The tfjs package of this clone; its addon is looked for in lib/napi-v8. */
export const tfjsFolder: string = join(root, 'node_modules/@tensorflow/tfjs-node-gpu');

/** Where the tfjs package expects its addon. */
export const addonLink: string = join(tfjsFolder, 'lib/napi-v8/tfjs_binding.node');

/** What the last set-up decided for this clone (see `Outcome` in install.ts). Gone with node_modules, as it should be. */
export const outcomeFile: string = join(tfjsFolder, 'lib/dsk-setup.json');

/**
 * The user's cache folder for Dsk: `DSK_CACHE` where set, else the platform's custom
 * (XDG_CACHE_HOME or ~/.cache, ~/Library/Caches, %LOCALAPPDATA%).
 */
export function cacheFolder(env = process.env, platform: string = process.platform, home = homedir()): string {
  const path = platform === 'win32' ? win32 : posix;
  if (env.DSK_CACHE) return resolve(env.DSK_CACHE);
  if (platform === 'win32') return path.join(env.LOCALAPPDATA || path.join(home, 'AppData', 'Local'), 'dsk');
  if (platform === 'darwin') return path.join(home, 'Library', 'Caches', 'dsk');
  return path.join(env.XDG_CACHE_HOME || path.join(home, '.cache'), 'dsk');
}

/** Twelve hex digits that name a text: enough to keep folders of one machine apart. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** Version of an installed npm package, as its own package.json says; null when it is not installed. */
export function packageVersion(name: string): string | null {
  try {
    const text = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
