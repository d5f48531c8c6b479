// Electron's own program: where it is, how it is fetched (npm scripts are off, so installing the package does not), and whether
// it can show a window here.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'node_modules', 'electron');
const FETCH_TIMEOUT = 15 * 60_000;

/** Electron's program inside its folder. */
export function programName(platform: string = process.platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return platform === 'win32' ? 'electron.exe' : 'electron';
}

export type Runtime = { program: string } | { reason: string };

/** Electron's program: in ELECTRON_OVERRIDE_DIST_PATH, in the npm package, or fetched now. */
export function findRuntime(env = process.env): Runtime {
  const override = env.ELECTRON_OVERRIDE_DIST_PATH;
  if (override) {
    const program = join(override, programName());
    return existsSync(program)
      ? { program }
      : { reason: `there is no ${program} (ELECTRON_OVERRIDE_DIST_PATH is set to ${override})` };
  }
  const dist = join(folder, 'dist');
  const program = join(dist, programName());
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  if (existsSync(program) && readFileSync(join(dist, 'version'), 'utf8').replace(/^v/, '') === version) {
    return { program };
  }
  console.error(`dsk: fetching Electron ${version} (about 110 MB, once) ...`);
  const fetched = spawnSync(process.execPath, [join(folder, 'install.js')], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: FETCH_TIMEOUT,
  });
  if (fetched.status === 0 && existsSync(program)) return { program };
  const why = lastWord(fetched.stderr) ?? fetched.error?.message ?? 'no reason given';
  return {
    reason:
      `Electron ${version} could not be fetched (${why}). Remedy: check the network, or unpack it yourself and set ` +
      'ELECTRON_OVERRIDE_DIST_PATH to its folder',
  };
}

/** Of a stack trace, what was wrong. */
function lastWord(text: string): string | null {
  const lines = text.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /^\w*Error\b.*:/.test(line))?.replace(/^\w*Error: /, '') ??
    lines.find((line) => line !== '') ??
    null
  );
}

/** Why no window can be opened on this machine, whatever the program; null where nothing is known against it. */
export function obstacle(
  env = process.env,
  platform: string = process.platform,
  user = process.getuid?.(),
): string | null {
  if (platform !== 'linux') return null;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)';
  return user === 0 ? 'Electron refuses to run as root, where it has no sandbox' : null;
}

/** Libraries of the system that the program needs and that are not there, as a reason; null where none is missing. */
export function lack(program: string, platform: string = process.platform): string | null {
  if (platform !== 'linux') return null;
  const missing = missingLibraries(spawnSync('ldd', [program], { encoding: 'utf8' }).stdout ?? '');
  if (missing.length === 0) return null;
  return `this Linux lacks libraries that Electron needs: ${missing.join(', ')} (a package of Chromium brings them)`;
}

/** From the output of ldd. */
export function missingLibraries(text: string): string[] {
  return [...text.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name as string);
}

/** From what Electron printed: that it ended because the system gives it no sandbox. Never switched off for that. */
export function sandboxFault(lines: readonly string[]): string | null {
  const line = lines.find((each) => /FATAL/.test(each) && /sandbox/i.test(each));
  return line === undefined ? null : line.replace(/^\[[^\]]*\]\s*/, '').replace(/\.$/, '');
}
